"""A small register with everything that goes wrong in a large one, and the questions answered in plain Python."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from koersvast.registers.questions import Span

TABLE, PEOPLE = "crimes", "people"
FIVE_YEARS = Span(first_year=2019, last_year=2023)
ONE_YEAR = Span(first_year=2023, last_year=2023)
AREAS = {
    "country": ("NL00",),
    "unplaced": ("GM0000", "BU00000000"),
    "municipality": tuple(f"GM{number:04d}" for number in range(10, 22)),
    "wijk": tuple(f"WK{number:04d}{wijk:02d}" for number in range(10, 22) for wijk in range(2)),
    "buurt": tuple(f"BU{number:04d}{wijk:02d}00" for number in range(10, 22) for wijk in range(2)),
}
KINDS = ("0.0.0", "1.1.1", "1.4.1", "2.2.1")
SCHEMA = {
    **dict.fromkeys(("level", "area", "kind", "period", "measure"), pl.String),
    "amount": pl.Float64,
    **dict.fromkeys(("missing", "certainty"), pl.String),
    **dict.fromkeys(("low", "high"), pl.Float64),
}

type Row = tuple[str | float | None, ...]


def crimes() -> list[Row]:
    """Months with noughts, ties, withheld kinds, absent rows, NaN; yearly rows and another measure beside them."""
    random = np.random.default_rng(20)
    rows = list[Row]()
    for level, areas in AREAS.items():
        for position, area in enumerate(areas):
            for kind in KINDS:
                mean = 0.0 if position % 5 == 4 else random.gamma(1.0, 2.0)
                for period in FIVE_YEARS.codes:
                    amount: float | None = float(random.poisson(mean))
                    missing = None
                    if kind == "1.4.1" and level in {"wijk", "buurt"}:
                        amount, missing = None, "withheld"
                    elif position % 7 == 6 and kind == "2.2.1" and period == "2021-07":
                        amount, missing = None, "not_known"
                    elif position % 7 == 5 and kind == "2.2.1" and period == "2020-02":
                        amount, missing = float("nan"), "not_measured"
                    elif position % 7 == 4 and kind == "1.1.1" and period == "2022-12":
                        continue
                    rows.append((level, area, kind, period, "registered", amount, missing, "final", None, None))
                    rows.append((level, area, kind, period, "reported", 1e6, None, "final", None, None))
                rows.append((level, area, kind, "2021", "registered", 7e5, None, "final", None, None))
                rows.append((level, area, kind, "2021-Q2", "registered", 8e5, None, "final", None, None))
    return rows


def people() -> list[Row]:
    """Inhabitants a year: the same for some, none for others, unknown or absent for a few."""
    random = np.random.default_rng(21)
    rows = list[Row]()
    for level, areas in AREAS.items():
        for position, area in enumerate(areas):
            lived = 500.5 if position in {0, 5} else float(random.integers(100, 3000))
            for year in range(2018, 2025):
                amount: float | None = lived + (year - 2018 if position > 5 else 0)
                if position == 8:
                    amount = 0.0 if year < 2021 else amount
                elif position == 9:
                    amount = 0.0
                elif position == 10 and year == 2020:
                    amount = None
                if position == 11 and year == 2022:
                    continue
                missing = "not_known" if amount is None else None
                rows.append((level, area, "T001", str(year), "inhabitants", amount, missing, "final", None, None))
    return rows


def write(rows: Iterable[Row], folder: Path) -> Path:
    """Write rows as a register: a folder a level, sorted."""
    frame = pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
    for (level,), part in frame.group_by("level"):
        place = folder / f"level={level}"
        place.mkdir(parents=True)
        part.sort("area", "kind", "period").write_parquet(place / "part-0.parquet")
    return folder


def known(rows: Iterable[Row], measure: str) -> dict[tuple[str, str, str], tuple[str, dict[str, float]]]:
    """Per area and kind: the level and the known amounts by period."""
    found: dict[tuple[str, str, str], tuple[str, dict[str, float]]] = defaultdict(lambda: ("", {}))
    for level, area, kind, period, of, amount, *_ in rows:
        if of == measure:
            amounts = found[str(area), str(kind), str(level)][1]
            if isinstance(amount, float) and np.isfinite(amount):
                amounts[str(period)] = amount
    return found


def plain_benchmark(span: Span) -> dict[tuple[str, str], dict[str, float | None]]:
    """The benchmark by loops: another road to the same numbers."""
    lived = {area: amounts for (area, _, _), (_, amounts) in known(people(), "inhabitants").items()}
    found: dict[tuple[str, str], dict[str, float | None]] = {}
    rates: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (area, kind, level), (_, amounts) in known(crimes(), "registered").items():
        months = [amounts.get(code) for code in span.codes]
        there = [month for month in months if month is not None]
        years = [lived[area].get(str(year)) for year in span.years]
        inhabitants = [year for year in years if year is not None]
        events = sum(there) if len(there) == len(months) else None
        person_years = sum(inhabitants) if len(inhabitants) == len(years) else None
        row: dict[str, float | None] = {"events": events, "person_years": person_years, "known_periods": len(there)}
        row["slope_per_1000"] = None
        if level == "unplaced":
            continue
        if events is not None and person_years:
            rates[level, kind][area] = 1000 * events / person_years
            if all(inhabitants):
                yearly = [1000 * sum(there[12 * at : 12 * at + 12]) / number for at, number in enumerate(inhabitants)]
                row["slope_per_1000"] = float(np.polyfit(list(span.years), yearly, 1)[0])
        found[area, kind] = row
    for (_, kind), of_level in rates.items():
        for area, rate in of_level.items():
            others = [other for name, other in of_level.items() if name != area]
            lower = sum(other < rate for other in others)
            found[area, kind] |= {
                "rate_per_1000": rate,
                "places": len(of_level),
                "rank": 1 + sum(other > rate for other in others),
                "percentile": 100 * lower / len(others) if others else None,
            }
    return found
