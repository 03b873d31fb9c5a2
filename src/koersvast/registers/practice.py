"""An invented country of three provinces to practise with, in files as CBS and the police give them.

Everything in it is made up: places, people, crimes and borders. It is shaped like the real thing, with the things that
make real registers hard: winters with more burglary, a province-wide fall, a month in which vandalism rises for good,
two municipalities that merged, hamlets with a handful of residents, and two years that are provisional. The same
directory comes out each time: demos, pictures and tests can count on its numbers.
"""

import csv
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEED = 20140101
FIRST_YEAR, LAST_YEAR = 2014, 2025
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
PROVISIONAL_FROM = 2024
PRACTICE = "GM9901"
MERGED, GONE, MERGED_IN = "GM9924", "GM9926", 2021
# The tables with key figures of wijken and buurten, one for each year.
KEY_FIGURES: Mapping[str, int] = {"84799NED": 2020, "85984NED": 2024, "86165NED": 2025}
# In this month vandalism in the practice municipality goes up and stays up.
RISE_KIND, RISE_FROM, RISE = "2.2.1", (2023, 5), 2.3

# The country has another code in the tables by region than in those by wijk and buurt.
COUNTRY, COUNTRY_IN_POLICE_TABLES = ("NL01", "Oefenland"), "NL00"
PROVINCES: Mapping[str, str] = {"PV91": "Noorderhei", "PV92": "Middenveld", "PV93": "Zuiderkust"}
POLICE_UNITS: Mapping[str, str] = {"RE91": "Noord-Oefenland", "RE92": "Zuid-Oefenland"}
BASISTEAMS: Mapping[str, str] = {
    "BT9101": "Hei en Vaart",
    "BT9102": "De Lanen",
    "BT9103": "Middenveld Oost",
    "BT9104": "Middenveld West",
    "BT9201": "Kustland",
    "BT9202": "Havens",
}


@dataclass(frozen=True, kw_only=True)
class Town:
    """A municipality: inhabitants on 1 January of the first year, yearly growth, share of 15 to 25, residents a km2."""

    code: str
    name: str
    province: str
    police_unit: str
    basisteam: str
    inhabitants: int
    growth: float
    young: float
    density: int


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of crime: its rate per 1,000 in the first year, its yearly trend, how much more of it there is in dense
    places, how much municipalities differ, and its swing over the year (peak month, height)."""

    code: str
    title: str
    rate: float
    trend: float
    urban: float
    spread: float
    peak_month: int
    swing: float


def _towns() -> tuple[Town, ...]:
    lines = """
        GM9901 Lindelo      PV91 RE91 BT9101  28300  0.4 11.6  172
        GM9902 Heidestad    PV91 RE91 BT9101  58400  0.9 12.7  780
        GM9903 Veenrade     PV91 RE91 BT9101  17900  0.1 11.0  118
        GM9904 Broekzijl    PV91 RE91 BT9101  24600  0.3 11.8  141
        GM9905 Esmarke      PV91 RE91 BT9102  31200  0.5 11.9  205
        GM9906 Kleiwoude    PV91 RE91 BT9102   9800 -0.2 10.4   84
        GM9907 Oosterlaan   PV91 RE91 BT9102  36700  0.6 12.2  296
        GM9908 Wilgenvoort  PV91 RE91 BT9102  22100  0.2 11.3  160
        GM9909 Rivierdal    PV92 RE91 BT9103 121500  1.1 15.8 1930
        GM9910 Hogewaard    PV92 RE91 BT9103  27400  0.4 11.5  224
        GM9911 Marksloot    PV92 RE91 BT9103  43900  0.7 12.1  512
        GM9912 Berkenrade   PV92 RE91 BT9103  15200  0.0 10.9  132
        GM9913 Lageveld     PV92 RE91 BT9104  33800  0.5 11.7  248
        GM9914 Stroomdal    PV92 RE91 BT9104  68100  0.8 12.9 1040
        GM9915 Grensmaat    PV92 RE91 BT9104  20700  0.1 11.2  151
        GM9916 Esdrecht     PV92 RE91 BT9104  26100  0.3 11.4  187
        GM9917 Kustwijk     PV93 RE92 BT9201  39500  0.6 11.9  604
        GM9918 Duinmeer     PV93 RE92 BT9201  12600 -0.1  9.8  110
        GM9919 Zilverzand   PV93 RE92 BT9201  29700  0.2 10.8  318
        GM9920 Havermonde   PV93 RE92 BT9202 158200  1.2 16.4 2650
        GM9921 Polderhoek   PV93 RE92 BT9202  23500  0.4 11.6  169
        GM9922 Sluiskerke   PV93 RE92 BT9202  47300  0.7 12.3  690
        GM9923 Noorderkade  PV93 RE92 BT9202  18800  0.2 11.1  143
        GM9924 Samenrade    PV93 RE92 BT9201  16900  0.3 11.3  128
        GM9925 Torenvliet   PV93 RE92 BT9201   6100 -0.3 10.2   71
        GM9926 Oudewiel     PV93 RE92 BT9201   8700  0.1 10.7   90
    """
    made = []
    for line in lines.split("\n"):
        if parts := line.split():
            code, name, province, unit, team, inhabitants, growth, young, density = parts
            made.append(
                Town(
                    code=code,
                    name=name,
                    province=province,
                    police_unit=unit,
                    basisteam=team,
                    inhabitants=int(inhabitants),
                    growth=float(growth) / 100,
                    young=float(young) / 100,
                    density=int(density),
                )
            )
    return tuple(made)


TOWNS = _towns()


def _kinds() -> tuple[Kind, ...]:
    lines = """
        1.1.1  3.4  -0.085  0.22  0.20  12  0.42  Diefstal/inbraak woning
        1.1.2  1.3  -0.060  0.12  0.22  11  0.14  Diefstal/inbraak box/garage/schuur
        1.2.1  3.9  -0.060  0.34  0.24  11  0.12  Diefstal uit/vanaf motorvoertuigen
        1.2.2  0.5  -0.050  0.20  0.22  10  0.06  Diefstal van motorvoertuigen
        1.2.3  4.1  -0.030  0.45  0.22   9  0.22  Diefstal van brom-, snor-, fietsen
        1.2.4  0.5  -0.080  0.80  0.30  12  0.15  Zakkenrollerij
        1.4.2  0.10 -0.020  0.20  0.15   6  0.02  Moord, doodslag
        1.4.3  0.30 -0.050  0.45  0.20   7  0.20  Openlijk geweld (persoon)
        1.4.4  1.5  -0.020  0.24  0.14   6  0.06  Bedreiging
        1.4.5  2.5  -0.030  0.28  0.15   7  0.12  Mishandeling
        1.4.6  0.18 -0.070  0.60  0.25  11  0.15  Straatroof
        1.4.7  0.06 -0.050  0.35  0.20  12  0.10  Overval
        1.6.2  3.1  -0.030  0.25  0.15   7  0.08  Overige vermogensdelicten
        2.2.1  5.6  -0.035  0.24  0.17  12  0.16  Vernieling cq. zaakbeschadiging
        2.5.1  2.1  -0.090  0.15  0.22   1  0.10  Diefstal/inbraak bedrijven enz.
        2.5.2  2.0   0.020  0.55  0.28  12  0.08  Winkeldiefstal
        3.9.1  1.6   0.070  0.10  0.12  12  0.05  Horizontale fraude
    """
    made = []
    for line in lines.split("\n"):
        if parts := line.split(maxsplit=7):
            rate, trend, urban, spread, peak, swing = (float(part) for part in parts[1:7])
            made.append(
                Kind(
                    code=parts[0],
                    title=parts[7],
                    rate=rate,
                    trend=trend,
                    urban=urban,
                    spread=spread,
                    peak_month=int(peak),
                    swing=swing,
                )
            )
    return tuple(made)


KINDS = _kinds()
TOTAL = Kind(code="0.0.0", title="Totaal misdrijven", rate=0, trend=0, urban=0, spread=0, peak_month=1, swing=0)


@dataclass(frozen=True, kw_only=True)
class Hood:
    """A buurt of the practice municipality: cells of the drawing it covers, inhabitants, and its pull on crime."""

    code: str
    name: str
    wijk: str
    cells: tuple[tuple[int, int], ...]
    inhabitants: int
    pull: float


WIJKEN: Mapping[str, str] = {
    "WK990101": "Lindelo",
    "WK990102": "Oldenesch",
    "WK990103": "Vaartkerk",
    "WK990104": "Buitengebied",
}


def _hoods() -> tuple[Hood, ...]:
    lines = """
        01 01 3.3       3400 1.90 Lindelo Centrum
        01 02 3.4       2900 0.85 Molenkamp
        01 03 2.3       3300 0.95 De Esch
        01 04 2.4       2450 0.70 Ooster Enk
        01 05 4.3       2750 1.05 Stationskwartier
        01 06 4.4         95 6.50 Bedrijventerrein De Vonder
        02 01 1.1,1.2   2650 0.80 Oldenesch Dorp
        02 02 0.1,0.2   1800 0.65 Westerlanden
        02 03 1.0       1250 0.60 Oldenesch Zuid
        02 04 0.0         40 4.50 Bedrijvenpark Westrand
        03 01 5.1       2100 0.85 Vaartkerk Oost
        03 02 5.2       1750 0.75 Vaartkerk West
        03 03 4.2        880 0.60 Sluiskwartier
        03 04 5.0,4.0    420 0.90 Recreatiepark De Plas
        04 01 0.3,0.4,0.5 560 0.80 Verspreide huizen Westermarke
        04 02 1.3,1.4    390 0.75 Verspreide huizen Esloo
        04 03 1.5,2.5    310 0.90 Verspreide huizen Noorderveld
        04 04 3.5,4.5,5.5 240 0.95 Verspreide huizen Hoogveld
        04 05 5.3,5.4    180 0.85 Verspreide huizen Vaartzijde
        04 06 2.0,3.0    335 0.70 Verspreide huizen Zuiderbroek
        04 07 2.1,2.2     15 0.50 Buurtschap Het Loo
        04 08 3.1,3.2,4.1  0 0.00 Natuurgebied Lindeveen
    """
    made = []
    for line in lines.split("\n"):
        if parts := line.split(maxsplit=5):
            wijk, number, cells, inhabitants, pull, name = parts
            places = tuple((int(cell[0]), int(cell[2])) for cell in cells.split(","))
            made.append(
                Hood(
                    code=f"BU9901{wijk}{number}",
                    name=name,
                    wijk=f"WK9901{wijk}",
                    cells=places,
                    inhabitants=int(inhabitants),
                    pull=float(pull),
                )
            )
    return tuple(made)


HOODS = _hoods()


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Counts by area, kind and month, and inhabitants on 1 January by area and year; months are (year, 1 to 12)."""

    monthly: Mapping[tuple[str, str, int], np.ndarray]
    inhabitants: Mapping[tuple[str, int], int]


def invent() -> Numbers:
    """Draw every count once; the same numbers each time."""
    chance = np.random.default_rng(SEED)
    inhabitants = _inhabitants()
    monthly: dict[tuple[str, str, int], np.ndarray] = {}
    for kind in KINDS:
        for town in TOWNS:
            level = _level(town, kind) * float(chance.lognormal(0, kind.spread))
            if town.code == PRACTICE:
                level = _level(town, kind) * _OWN_LEVELS.get(kind.code, 1.0)
            for year in YEARS:
                expected = _months_expected(town, kind, level, year=year, people=inhabitants[town.code, year])
                yearly_noise = float(chance.lognormal(0, 0.05))
                monthly[town.code, kind.code, year] = chance.poisson(expected * yearly_noise)
    _put_together(monthly)
    _share_out(monthly, inhabitants, chance)
    _add_totals(monthly)
    return Numbers(monthly=monthly, inhabitants=inhabitants)


_OWN_LEVELS = {"1.1.1": 0.66, "1.2.3": 1.35, "2.2.1": 0.95, "1.4.5": 0.80}


def _inhabitants() -> dict[tuple[str, int], int]:
    found = {}
    for town in TOWNS:
        for year in range(FIRST_YEAR, LAST_YEAR + 2):
            found[town.code, year] = round(town.inhabitants * (1 + town.growth) ** (year - FIRST_YEAR))
    for hood in HOODS:
        for year in range(FIRST_YEAR, LAST_YEAR + 2):
            grown = hood.inhabitants * (1.0 + 0.004 * (year - LAST_YEAR))
            found[hood.code, year] = 5 * round(grown / 5)
    for wijk in WIJKEN:
        for year in range(FIRST_YEAR, LAST_YEAR + 2):
            found[wijk, year] = sum(found[hood.code, year] for hood in HOODS if hood.wijk == wijk)
    for year in range(FIRST_YEAR, LAST_YEAR + 2):
        found[PRACTICE, year] = sum(found[wijk, year] for wijk in WIJKEN) + (year * 7) % 5
    return found


def _level(town: Town, kind: Kind) -> float:
    """Events per inhabitant a month in the first year."""
    dense = math.log(town.density / 250)
    return kind.rate / 12_000 * math.exp(kind.urban * dense)


def _months_expected(town: Town, kind: Kind, level: float, *, year: int, people: int) -> np.ndarray:
    months = np.arange(1, 13)
    season = 1 + kind.swing * np.cos(2 * math.pi * (months - kind.peak_month) / 12)
    since = year - FIRST_YEAR + (months - 1) / 12
    expected = level * people * season * np.exp(kind.trend * since)
    if kind.code == "1.1.1":  # fewer burglaries while everybody stayed at home
        expected = expected * np.where(year in (2020, 2021), 0.72, 1.0)
    if town.code == PRACTICE and kind.code == RISE_KIND:
        later = np.array([(year, month) >= RISE_FROM for month in range(1, 13)])
        expected = expected * np.where(later, RISE, 1.0)
    return np.asarray(expected)


def _put_together(monthly: dict[tuple[str, str, int], np.ndarray]) -> None:
    """The police count every year on the newest borders: the municipality that is gone is part of the merged one."""
    for kind in KINDS:
        for year in YEARS:
            monthly[MERGED, kind.code, year] = (
                monthly[MERGED, kind.code, year] + monthly.pop((GONE, kind.code, year))
            )  # fmt: skip


def _add_totals(monthly: dict[tuple[str, str, int], np.ndarray]) -> None:
    """All kinds together, under the code that the police give to the total."""
    for area in dict.fromkeys(area for area, _kind, _year in monthly):
        for year in YEARS:
            monthly[area, TOTAL.code, year] = np.sum([monthly[area, kind.code, year] for kind in KINDS], axis=0)


def _share_out(
    monthly: dict[tuple[str, str, int], np.ndarray],
    inhabitants: Mapping[tuple[str, int], int],
    chance: np.random.Generator,
) -> None:
    """Divide the counts of the practice municipality over its buurten, and add those up to wijken."""
    for kind in KINDS:
        for year in YEARS:
            weights = np.array([_weight(hood, kind, inhabitants[hood.code, year]) for hood in HOODS])
            shares = weights / weights.sum()
            divided = np.array(
                [chance.multinomial(int(count), shares) for count in monthly[PRACTICE, kind.code, year]]
            )  # fmt: skip
            for at, hood in enumerate(HOODS):
                monthly[hood.code, kind.code, year] = divided[:, at]
            for wijk in WIJKEN:
                mine = [at for at, hood in enumerate(HOODS) if hood.wijk == wijk]
                monthly[wijk, kind.code, year] = divided[:, mine].sum(axis=1)


def _weight(hood: Hood, kind: Kind, people: int) -> float:
    """Homes are broken into where people live, shops and bicycles are stolen where people come."""
    pull = 1.0 + (hood.pull - 1.0) * {"1.1.1": 0.35, "2.5.2": 2.6, "2.5.1": 1.6}.get(kind.code, 1.0)
    return max(pull, 0.02) * people + (0.8 if hood.inhabitants == 0 and kind.code != "1.1.1" else 0.0)


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_all(directory: Path) -> list[Path]:
    """Write the register to a directory that is made when absent; return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    numbers = invent()
    files: dict[str, list[list[object]]] = {
        "47018NED.csv": _police(numbers, months=False),
        "47022NED.csv": _police(numbers, months=True),
        "70072ned.csv": _population(numbers),
        **{f"{table}.csv": _key_figures(numbers, year) for table, year in KEY_FIGURES.items()},
        "soorten.csv": _kinds_named(),
        "gebieden.csv": _areas(),
        "groepen.csv": _groups(),
        "grenswijzigingen.csv": _border_changes(),
    }
    made = []
    for name, rows in files.items():
        made.append(_write_csv(directory / name, rows))
    for name, features in _maps().items():
        path = directory / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
        made.append(path)
    return made


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)
    return path


def _police(numbers: Numbers, *, months: bool) -> list[list[object]]:
    """Long rows as the table gives them; the merged municipality stands in it under its newest code in every year."""
    rows: list[list[object]] = [["SoortMisdrijf", "WijkenEnBuurten", "Perioden", "GeregistreerdeMisdrijven_1"]]
    areas = [town.code for town in TOWNS if town.code != GONE] + list(WIJKEN) + [hood.code for hood in HOODS]
    for kind in (TOTAL, *KINDS):
        country = {
            year: np.sum([numbers.monthly[town.code, kind.code, year] for town in TOWNS if town.code != GONE], axis=0)
            for year in YEARS
        }
        for area in (COUNTRY_IN_POLICE_TABLES, *areas):
            for year in YEARS:
                counts = country[year] if area == COUNTRY_IN_POLICE_TABLES else numbers.monthly[area, kind.code, year]
                if months:
                    if area.startswith("BU"):
                        continue
                    rows += [[kind.code, area, f"{year}MM{at:02d}", int(n)] for at, n in enumerate(counts, start=1)]
                else:
                    rows.append([kind.code, area, f"{year}JJ00", int(np.sum(counts))])
    return rows


def _population(numbers: Numbers) -> list[list[object]]:
    """Inhabitants on 1 January and on average, on the borders of each year: before the merger the two parts apart.

    The average of the last year is not known yet.
    """
    rows: list[list[object]] = [["RegioS", "Perioden", "TotaleBevolking_1", "GemiddeldAantalInwoners_2"]]
    for year in YEARS:
        here = {town.code: _people(numbers, town.code, year) for town in TOWNS}
        if year >= MERGED_IN:
            here[MERGED] = _added(here[MERGED], here.pop(GONE))
        groups = {COUNTRY[0]: list(here)}
        for province in PROVINCES:
            groups[province] = [town.code for town in TOWNS if town.province == province and town.code in here]
        for code, members in groups.items():
            total = (0.0, 0.0)
            for member in members:
                total = _added(total, here[member])
            here[code] = total
        for code, (january, average) in here.items():
            rows.append([code, f"{year}JJ00", int(january), None if year == LAST_YEAR else f"{average:.1f}"])
    return rows


def _people(numbers: Numbers, code: str, year: int) -> tuple[float, float]:
    """Inhabitants on 1 January and on average."""
    january, after = float(numbers.inhabitants[code, year]), float(numbers.inhabitants[code, year + 1])
    return january, (january + after) / 2


def _added(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] + other[0], one[1] + other[1]


def _key_figures(numbers: Numbers, year: int) -> list[list[object]]:
    """Inhabitants, people of 15 to 25 and density of one year; those of wijken and buurten are rounded to fives."""
    heads = ["WijkenEnBuurten", "AantalInwoners_5", "k_15Tot25Jaar_9", "Bevolkingsdichtheid_34"]
    rows: list[list[object]] = [[*heads]]
    for town in TOWNS:
        if town.code == GONE and year >= MERGED_IN:
            continue
        people = numbers.inhabitants[town.code, year]
        if town.code == MERGED and year >= MERGED_IN:
            people += numbers.inhabitants[GONE, year]
        rows.append([town.code, people, round(people * town.young), town.density])
    for code in (*WIJKEN, *(hood.code for hood in HOODS)):
        people = numbers.inhabitants[code, year]
        rows.append([code, people, 5 * int(people * 0.112 / 5), None])
    return rows


def _kinds_named() -> list[list[object]]:
    rows: list[list[object]] = [["Key", "Title"]]
    rows += [[kind.code, kind.title] for kind in (TOTAL, *KINDS)]
    return rows


def _areas() -> list[list[object]]:
    """Code, name, kind, first and last year of the borders, and what it lies in; wijken and buurten are on the maps."""
    rows: list[list[object]] = [["code", "naam", "soort", "vanaf", "tot_en_met", "ligt_in"]]
    rows += [[code, name, "province", FIRST_YEAR, None, COUNTRY[0]] for code, name in PROVINCES.items()]
    rows += [[code, name, "police_unit", FIRST_YEAR, None, COUNTRY[0]] for code, name in POLICE_UNITS.items()]
    rows += [[code, name, "basisteam", FIRST_YEAR, None, f"RE{code[2:4]}"] for code, name in BASISTEAMS.items()]
    for town in TOWNS:
        if town.code == MERGED:
            rows.append([town.code, town.name, "municipality", FIRST_YEAR, MERGED_IN - 1, town.province])
        first = MERGED_IN if town.code == MERGED else FIRST_YEAR
        last = MERGED_IN - 1 if town.code == GONE else None
        rows.append([town.code, town.name, "municipality", first, last, town.province])
    return rows


def _groups() -> list[list[object]]:
    """Which municipality belongs to which police unit and basisteam, from and until which year."""
    rows: list[list[object]] = [["groep", "gemeente", "vanaf", "tot_en_met"]]
    for town in TOWNS:
        last = MERGED_IN - 1 if town.code == GONE else None
        rows += [[group, town.code, FIRST_YEAR, last] for group in (town.police_unit, town.basisteam)]
    return rows


def _border_changes() -> list[list[object]]:
    """The one merger: both go on in the new municipality, which keeps the code of one of them."""
    rows: list[list[object]] = [["on", "from_code", "into_code", "kind", "share"]]
    return rows + [[f"{MERGED_IN}-01-01", code, MERGED, "merged", None] for code in (MERGED, GONE)]


# ── Maps ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Point = tuple[float, float]
# Somewhere in the North Sea, so that nobody takes it for a place that exists.
WEST, SOUTH, STEP = 3.60, 53.60, 0.030
FINER = 6


def _maps() -> dict[str, list[dict[str, object]]]:
    last = LAST_YEAR
    hoods = [_feature(hood.code, hood.name, "buurt", last, hood.cells) for hood in HOODS]
    wijken = []
    for code, name in WIJKEN.items():
        cells = tuple(cell for hood in HOODS if hood.wijk == code for cell in hood.cells)
        wijken.append(_feature(code, name, "wijk", last, cells))
    towns, wide = [], 5
    for at, town in enumerate(town for town in TOWNS if town.code != GONE):
        towns.append(_feature(town.code, town.name, "gemeente", last, ((at % wide, at // wide),), step=STEP * 6))
    return {
        f"buurten-{last}.geojson": hoods,
        f"wijken-{last}.geojson": wijken,
        f"gemeenten-{last}.geojson": towns,
    }


def _feature(
    code: str, name: str, level: str, year: int, cells: Sequence[tuple[int, int]], *, step: float = STEP
) -> dict[str, object]:
    rings = _outline(cells, step=step)
    properties = {"statcode": code, "jrstatcode": f"{year}{code}", "statnaam": name, "rubriek": level}
    if level != "gemeente":
        properties["gm_code"] = PRACTICE
    if len(rings) == 1:
        shape: dict[str, object] = {"type": "Polygon", "coordinates": rings}
    else:
        shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _outline(cells: Sequence[tuple[int, int]], *, step: float) -> list[list[list[float]]]:
    """Return the rings around a set of cells: sides between two of them fall away, the others are chained."""
    sides: dict[tuple[int, int], list[tuple[int, int]]] = {}
    chosen = set(cells)
    for x, y in cells:
        for start, end, beside in (
            ((x, y), (x + 1, y), (x, y - 1)),
            ((x + 1, y), (x + 1, y + 1), (x + 1, y)),
            ((x + 1, y + 1), (x, y + 1), (x, y + 1)),
            ((x, y + 1), (x, y), (x - 1, y)),
        ):
            if beside not in chosen:
                sides.setdefault(start, []).append(end)
    rings = []
    while sides:
        first = next(iter(sides))
        here, ring = first, [_corner(*first, step=step)]
        while True:
            after = sides[here].pop()
            if not sides[here]:
                del sides[here]
            ring += _side(here, after, step=step)
            here = after
            if here == first:
                break
        rings.append([[round(lon, 5), round(lat, 5)] for lon, lat in ring])
    return rings


def _corner(x: int, y: int, *, step: float) -> Point:
    east, north = _wobble(f"{x},{y}", 0.28)
    return WEST + (x + east) * step * 1.65, SOUTH + (y + north) * step


def _side(start: tuple[int, int], end: tuple[int, int], *, step: float) -> list[Point]:
    """The points after `start` up to `end`: a border that winds, the same from both sides."""
    forward = start <= end
    one, other = (start, end) if forward else (end, start)
    (west, south), (east, north) = _corner(*one, step=step), _corner(*other, step=step)
    points = []
    for at in range(1, FINER):
        part = at / FINER
        aside = _wobble(f"{one}-{other}-{at}", 0.07)
        points.append(
            (west + part * (east - west) + aside[0] * step * 1.65, south + part * (north - south) + aside[1] * step)
        )
    ordered = points if forward else points[::-1]
    return [*ordered, _corner(*end, step=step)]


def _wobble(name: str, most: float) -> Point:
    """A small shift that belongs to a name."""
    one, other = np.random.default_rng([SEED, zlib.crc32(name.encode())]).uniform(-most, most, 2)
    return float(one), float(other)
