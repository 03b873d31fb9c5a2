"""Every row of every spec table is computed, and every page of docs/methods shows the tables that are computed."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import koersvast.engine
from koersvast.engine import counts, dispersion, evidence, forecast, survey, targets, trend
from koersvast.engine.dispersion import Dispersion, DispersionBasis, estimate_dispersion
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Direction, Method, Reading, TargetKind, Unit
from koersvast.engine.series import Series
from koersvast.policy import steering
from tests.spec.areas import AREAS
from tests.spec.comparisons import COMPARISONS
from tests.spec.disclosure import DISCLOSURE
from tests.spec.planning import PLANNING
from tests.spec.ranking import RANKING
from tests.spec.reference import REFERENCE
from tests.spec.respondents import RESPONDENTS
from tests.spec.tables import PAGES, Table, agrees, read_tables
from tests.spec.trends import TRENDS
from tests.spec.weighting import WEIGHTING

type Answer = Sequence[float | str | None]
TABLES = read_tables()
LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER
N = 1244


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _optional(text: str) -> float | None:
    return None if text == "-" else float(text)


def _earlier(values: list[float]) -> Dispersion:
    return estimate_dispersion(values, middle_years=range(len(values)))


def _dispersion(phi: str, df: str = "-") -> Dispersion:
    known = None if df == "-" else int(df)
    return Dispersion(phi=float(phi), degrees_of_freedom=known, basis=DispersionBasis.GIVEN)


def _count_interval(count: str) -> Answer:
    found = counts.count_interval(float(count))
    return found.low, found.high


def _count_change(earlier: str, later: str) -> Answer:
    return (counts.compare_counts(float(earlier), float(later)).p_value,)


def _count_change_exposure(earlier: str, later: str, before: str, after: str, phi: str) -> Answer:
    found = counts.compare_counts(
        float(earlier),
        float(later),
        earlier_exposure=float(before),
        later_exposure=float(after),
        dispersion=_dispersion(phi),
    )
    return found.ratio, found.p_value


def _dispersion_row(values: str) -> Answer:
    found = _earlier(_numbers(values))
    return found.phi, found.degrees_of_freedom, dispersion.variance_over_mean(_numbers(values))


def _dispersed_change(earlier: str, later: str, before: str) -> Answer:
    found = counts.compare_counts(float(earlier), float(later), dispersion=_earlier(_numbers(before)))
    return (
        found.dispersion.phi,
        found.poisson_p_value,
        found.p_value,
        found.ratio_low,
        found.ratio_high,
        found.cautious_p_value,
    )


def _baseline(values: str, recent: str) -> Answer:
    found = counts.check_baseline(_numbers(values), recent=int(recent))
    return _yes(found.is_lowest), _yes(found.is_highest), found.mean


def _evidence_count(count: str, agreed: str, phi: str, df: str) -> Answer:
    reading = Reading(period=Period.of_year(2019), value=float(count), unit=Unit.COUNT)
    found = evidence.weigh(reading, agreed=float(agreed), direction=LOWER, dispersion=_dispersion(phi, df))
    return (found.probability,)


def _evidence_share(percent: str, respondents: str, deff: str, agreed: str) -> Answer:
    reading = Reading(
        period=Period.of_year(2021),
        value=float(percent),
        unit=Unit.PERCENT,
        respondents=int(respondents),
        design_effect=float(deff),
    )
    return (evidence.weigh(reading, agreed=float(agreed), direction=LOWER).probability,)


def _evidence_estimate(mean: str, error: str, agreed: str) -> Answer:
    reading = Reading(period=Period.of_year(2021), value=float(mean), unit=Unit.MARK_1_10, standard_error=float(error))
    return (evidence.weigh(reading, agreed=float(agreed), direction=HIGHER).probability,)


def _rate(events: str, inhabitants: str) -> Answer:
    found = counts.rate(float(events), inhabitants=float(inhabitants))
    return found.rate, found.low, found.high


def _funnel(benchmark: str, inhabitants: str, confidence: str, phi: str) -> Answer:
    return counts.funnel_limits(
        float(benchmark),
        inhabitants=float(inhabitants),
        confidence=float(confidence),
        dispersion=_dispersion(phi),
    )


def _chance(target: str, level: str) -> Answer:
    return (
        counts.chance_target_met(float(target), level=float(level), direction=LOWER),
        counts.chance_target_missed(float(target), direction=LOWER),
    )


def _share(percent: str, respondents: str, deff: str) -> Answer:
    found = survey.wilson(float(percent), respondents=int(respondents), design_effect=float(deff))
    return found.margin_points, found.low, found.high


def _difference(earlier: str, later: str, deff: str) -> Answer:
    found = survey.compare_shares(
        float(earlier),
        float(later),
        earlier_respondents=N,
        later_respondents=N,
        earlier_design_effect=float(deff),
        later_design_effect=float(deff),
    )
    return found.difference, found.margin, found.p_value


def _tie(first: str, second: str, both: str) -> Answer:
    found = survey.compare_in_sample(float(first), float(second), respondents=N, both_percent=_optional(both))
    return found.difference, found.margin, _yes(survey.is_tie(found))


def _power(baseline: str, target: str, deff: str) -> Answer:
    n = survey.effective_respondents(N, design_effect=float(deff))
    smallest = survey.smallest_detectable_change(
        float(baseline),
        earlier_respondents=n,
        later_respondents=n,
        downwards=float(target) < float(baseline),
    )
    assert smallest is not None
    sign = -1 if float(target) < float(baseline) else 1
    power = survey.power(float(baseline), float(target), earlier_respondents=n, later_respondents=n)
    return power, float(baseline) + sign * smallest


def _needed(baseline: str, target: str, deff: str) -> Answer:
    return (
        survey.respondents_needed(
            float(baseline), float(target), earlier_respondents=N, later_design_effect=float(deff)
        ),
    )


def _targets(kind: str, unit: str, amount: str, baseline: str) -> Answer:
    try:
        value = targets.agreed_value(
            TargetKind(kind), unit=Unit(unit), amount=_optional(amount), baseline=_optional(baseline)
        )
    except targets.BadTarget as bad:
        return (bad.code,)
    return (value,)


def _both_readings(baseline: str, percent: str) -> Answer:
    found = targets.both_readings(float(baseline), percent=float(percent), unit=Unit.PERCENT)
    return found.points, found.relative


def _yearly(values: str, unit: Unit, first: int) -> Series:
    n = N if unit is Unit.PERCENT else None
    return Series(
        readings=tuple(
            Reading(period=Period.of_year(first + i), value=value, unit=unit, respondents=n)
            for i, value in enumerate(_numbers(values))
        )
    )


def _verdicts(year: str, agreed: str) -> Answer:
    moment = steering.Moment(
        period=Period.parse(year), agreed=float(agreed), direction=LOWER, unit=Unit.COUNT, decimals=0
    )
    found = steering.judge(moment, _yearly("27, 40, 30, 13, 28", Unit.COUNT, 2018))
    return (
        None if found.observed is None else found.observed.value,
        None if found.attained is None else _yes(found.attained),
        found.probability,
        found.evidence.value,
        found.lean,
    )


def _change(unit: str, earlier: str, later: str, respondents: str, better: str, broken: str) -> Answer:
    n = None if respondents == "-" else int(respondents)
    first, second = (
        Reading(period=Period.of_year(year), value=float(value), unit=Unit(unit), respondents=n)
        for year, value in ((2017, earlier), (2021, later))
    )
    breaks = []
    if broken != "-":
        factor = re.fullmatch(r"factor (\S+) ± (\S+)", broken)
        breaks = [
            Break(
                on=Period.of_year(2021).start,
                kind="mode",
                factor=float(factor[1]) if factor else None,
                factor_se=float(factor[2]) if factor else None,
            )
        ]
    found = trend.judge_change(first, second, direction=Direction(better), breaks=breaks)
    return found.verdict.value, found.reasons[0].code if found.reasons else None


def _outlook(unit: str, values: str, ahead: str, agreed: str) -> Answer:
    series = _yearly(values, Unit(unit), 2018)
    period = Period.of_year(2018 + len(series.readings) - 1 + int(ahead))
    found = forecast.forecast(series.readings, period=period, direction=LOWER, agreed=float(agreed))
    return found.expected, found.probability, found.reasons[0].code if found.reasons else None


def _reference(call: str) -> Answer:
    return (float(REFERENCE[call]()),)


CALCULATIONS: dict[str, Callable[..., Answer]] = {
    "baseline-extreme": _baseline,
    "both-readings": _both_readings,
    "change": _change,
    "count-chance": _chance,
    "count-change": _count_change,
    "count-change-exposure": _count_change_exposure,
    "count-interval": _count_interval,
    "dispersed-change": _dispersed_change,
    "dispersion": _dispersion_row,
    "evidence-count": _evidence_count,
    "evidence-estimate": _evidence_estimate,
    "evidence-share": _evidence_share,
    "funnel": _funnel,
    "outlook": _outlook,
    "rate": _rate,
    "reference-r": _reference,
    "respondents-needed": _needed,
    "survey-difference": _difference,
    "survey-power": _power,
    "survey-share": _share,
    "survey-tie": _tie,
    "targets": _targets,
    "verdicts": _verdicts,
    **AREAS,
    **COMPARISONS,
    **RESPONDENTS,
    **DISCLOSURE,
    **PLANNING,
    **RANKING,
    **TRENDS,
    **WEIGHTING,
}
ROWS = [(table, row) for table in TABLES.values() for row in table.rows]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda part: getattr(part, "name", None))
def test_row_computed_again_gives_what_the_table_shows(table: Table, row: tuple[str, ...]) -> None:
    inputs, shown = row[: len(table.inputs)], row[len(table.inputs) :]
    with np.errstate(all="raise", under="ignore"):
        computed = CALCULATIONS[table.name](*inputs)
    assert len(computed) == len(shown)
    wrong = [(have, want) for have, want in zip(computed, shown, strict=True) if not agrees(want, have)]
    assert not wrong, f"{table.name} {inputs}: computed {computed}, shown {shown}"


def test_specs_and_calculations_are_the_same_set() -> None:
    assert set(CALCULATIONS) == set(TABLES)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_table_stands_unchanged_on_exactly_one_page(table: Table) -> None:
    pages = [page for page in PAGES.glob("*.md") if f"<!-- spec: {table.name} -->" in page.read_text(encoding="utf-8")]
    assert len(pages) == 1, pages
    assert table.markdown() in pages[0].read_text(encoding="utf-8"), table.markdown()


def test_page_marks_name_existing_specs() -> None:
    marked = {name for page in PAGES.glob("*.md") for name in _marks(page)}
    assert marked <= set(TABLES)


def test_page_of_a_method_has_its_words_formula_source_and_example() -> None:
    for page in sorted(PAGES.glob("*.md")):
        if _marks(page):
            text = page.read_text(encoding="utf-8")
            missing = [
                part for part in ("## In words", "## Formula", "## Worked example", "## Source") if part not in text
            ]
            assert not missing, f"{page.name} lacks {missing}"


def test_method_names_are_all_listed_with_a_page() -> None:
    listing = (PAGES / "README.md").read_text(encoding="utf-8")
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(koersvast.engine.__path__, "koersvast.engine.")
    ]
    names = {value.name for module in modules for value in vars(module).values() if isinstance(value, Method)}
    assert len(names) > 10
    assert not [name for name in sorted(names) if f"| `{name}` |" not in listing]
    linked = re.findall(r"\]\(([a-z0-9-]+\.md)\)", listing)
    assert linked
    assert not [page for page in linked if not (PAGES / page).is_file()]


def _marks(page: Path) -> list[str]:
    return re.findall(r"<!-- spec: (\S+) -->", page.read_text(encoding="utf-8"))
