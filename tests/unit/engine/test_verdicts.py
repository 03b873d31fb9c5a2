"""Change, evidence, comparability, outlook and targets on readings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.engine import evidence, forecast, survey, targets, trend
from koersvast.engine.dispersion import Dispersion
from koersvast.engine.evidence import BadThresholds, Thresholds
from koersvast.engine.periods import Period
from koersvast.engine.quantities import BadValue, Break, ChangeVerdict, Direction, EvidenceVerdict, Reading, Unit
from koersvast.engine.series import Series, comparability, earlier_dispersion
from tests.unit.engine.readings import reading, yearly

LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER


def codes(found: object) -> list[str]:
    return [reason.code for reason in found.reasons]  # type: ignore[attr-defined]  # any result with reasons


@pytest.mark.parametrize(
    ("earlier", "later", "code"),
    [
        (reading(2017, 5), reading(2018, 5, Unit.PERCENT), "different_unit"),
        (reading(2017, 5, series="a"), reading(2018, 5, series="b"), "different_series"),
        (reading(2017, 5), reading(2018, 5, definition_version=2), "definition_changed"),
        (
            reading(2017, 5),
            Reading(period=Period.parse("2018-Q1"), value=5, unit=Unit.COUNT),
            "different_period_length",
        ),
    ],
)
def test_readings_of_another_kind_are_not_comparable(earlier: Reading, later: Reading, code: str) -> None:
    change = trend.judge_change(earlier, later, direction=LOWER)
    assert change.verdict is ChangeVerdict.NOT_COMPARABLE
    assert codes(change) == [code]
    assert change.p_value is change.difference is None


@pytest.mark.parametrize(
    ("on", "crossed"),
    [
        (date(2017, 1, 1), False),
        (date(2017, 6, 1), True),
        (date(2018, 1, 1), True),
        (date(2018, 6, 1), True),
        (date(2019, 1, 1), False),
    ],
)
def test_break_counts_when_it_lies_between_or_inside(on: date, crossed: bool) -> None:
    found = comparability(reading(2017, 5), reading(2018, 5), breaks=[Break(on=on, kind="definition")])
    assert found.comparable is not crossed


def test_two_breaks_with_factors_multiply_and_add_their_uncertainty() -> None:
    breaks = [
        Break(on=date(2018, 1, 1), kind="mode", factor=2.0, factor_se=0.2),
        Break(on=date(2019, 1, 1), kind="mode", factor=0.5),
    ]
    found = comparability(reading(2017, 5), reading(2019, 5, definition_version=3), breaks=breaks)
    assert (found.comparable, found.factor) == (True, 1.0)
    assert found.factor_cv == pytest.approx(0.1)
    assert codes(found) == ["converted_across_break", "converted_without_uncertainty"]
    inside = Break(on=date(2017, 6, 1), kind="mode", factor=2.0, factor_se=0.1)
    assert not comparability(reading(2017, 5), reading(2019, 5), breaks=[inside]).comparable


def test_dispersion_comes_from_earlier_comparable_periods_only() -> None:
    series = yearly(2013, 125, 71, 46, 76, 40)
    last = series.readings[-1]
    assert earlier_dispersion(series, last).periods == ("2013", "2014", "2015", "2016")
    broken = Series(readings=series.readings, breaks=(Break(on=date(2014, 1, 1), kind="definition"),))
    found = earlier_dispersion(broken, last)
    assert found.degrees_of_freedom is None
    assert found.reason is not None
    assert (found.reason.code, found.reason.values["periods_known"]) == ("dispersion_not_estimable", 3)


def test_converted_counts_are_compared_at_the_converted_level() -> None:
    moved = [Break(on=date(2018, 1, 1), kind="registration", factor=0.5, factor_se=0.01)]
    change = trend.judge_change(reading(2017, 100), reading(2018, 50), direction=LOWER, breaks=moved)
    assert change.verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    assert (change.earlier_converted, change.difference) == (50, 0)
    plain = trend.judge_change(reading(2017, 100), reading(2018, 50), direction=LOWER)
    assert plain.verdict is ChangeVerdict.IMPROVED
    assert plain.difference == -50
    assert plain.low is not None
    assert plain.high is not None
    assert plain.low < -50 < plain.high < 0


def test_rate_is_judged_by_the_events_behind_it() -> None:
    count = trend.judge_change(reading(2017, 71, exposure=28_000), reading(2018, 40, exposure=28_500), direction=LOWER)
    rates = [reading(y, 1000 * n / p, Unit.PER_1000, exposure=p) for y, n, p in ((2017, 71, 28e3), (2018, 40, 28.5e3))]
    rate = trend.judge_change(*rates, direction=LOWER)
    assert rate.p_value == pytest.approx(count.p_value)
    bare = trend.judge_change(reading(2017, 2.5, Unit.PER_1000), reading(2018, 1.4, Unit.PER_1000), direction=LOWER)
    assert codes(bare) == ["inhabitants_unknown"]


def test_evidence_of_a_rate_equals_that_of_its_count() -> None:
    count = evidence.weigh(reading(2019, 40), agreed=35, direction=LOWER)
    rate = evidence.weigh(reading(2019, 1.6, Unit.PER_1000, exposure=25_000), agreed=1.4, direction=LOWER)
    assert rate.probability == pytest.approx(count.probability)
    assert count.low is not None
    assert rate.low == pytest.approx(count.low / 25)


def test_figure_without_margin_gives_no_probability_but_its_reason() -> None:
    share = evidence.weigh(reading(2021, 55, Unit.PERCENT), agreed=55, direction=LOWER)
    mark = evidence.weigh(reading(2021, 7.4, Unit.MARK_1_10, provisional=True), agreed=7.5, direction=HIGHER)
    assert (share.probability, codes(share)) == (None, ["respondents_unknown"])
    assert (mark.probability, codes(mark)) == (None, ["margin_unknown", "provisional_figure"])


def test_share_says_what_was_assumed() -> None:
    assumed = reading(2021, 55, Unit.PERCENT, respondents=1244, respondents_assumed=True)
    designed = reading(2021, 55, Unit.PERCENT, respondents=1244, design_effect=1.5)
    published = reading(2021, 55, Unit.PERCENT, respondents=1244, standard_error=1.8)
    assert codes(evidence.weigh(assumed, agreed=55, direction=LOWER)) == [
        "respondents_assumed",
        "margin_is_lower_bound",
    ]
    assert codes(evidence.weigh(designed, agreed=55, direction=LOWER)) == ["design_effect_used"]
    found = evidence.weigh(published, agreed=57, direction=LOWER)
    assert codes(found) == []
    assert found.probability == pytest.approx(0.866, abs=0.002)


@given(st.floats(0, 100), st.floats(0.01, 99.99), st.integers(2, 5000), st.sampled_from(Direction))
def test_share_evidence_is_a_probability_and_both_directions_add_up(
    percent: float, agreed: float, respondents: int, direction: Direction
) -> None:
    wave = reading(2021, percent, Unit.PERCENT, respondents=respondents)
    there = evidence.weigh(wave, agreed=agreed, direction=LOWER).probability
    back = evidence.weigh(wave, agreed=agreed, direction=HIGHER).probability
    assert there is not None
    assert back is not None
    assert there + back == pytest.approx(1)


def test_verdict_at_a_threshold_belongs_to_the_threshold() -> None:
    sharp = Thresholds(on_course=0.8, off_course=0.2)
    found = [evidence.verdict_of(p, sharp) for p in (0.8, 0.79, 0.21, 0.2, None)]
    tell = EvidenceVerdict.CANNOT_TELL
    assert found == [EvidenceVerdict.ON_COURSE, tell, tell, EvidenceVerdict.OFF_COURSE, tell]


@pytest.mark.parametrize(("on", "off"), [(0.1, 0.9), (1.0, 0.1), (0.9, 0.0), (0.5, 0.5)])
def test_thresholds_that_overlap_are_refused(on: float, off: float) -> None:
    with pytest.raises(BadThresholds):
        Thresholds(on_course=on, off_course=off)


@given(st.integers(1, 99), st.integers(20, 5000), st.floats(0.5, 4))
def test_wilson_interval_holds_the_share_inside_nought_and_hundred(percent: int, n: int, deff: float) -> None:
    found = survey.wilson(percent, respondents=n, design_effect=deff)
    assert 0 <= found.low <= percent <= found.high <= 100
    wider = survey.wilson(percent, respondents=n, design_effect=2 * deff)
    assert wider.low <= found.low
    assert wider.high >= found.high


@given(st.integers(5, 95), st.integers(5, 95), st.integers(50, 5000))
def test_needed_respondents_reach_the_wanted_power(earlier: int, later: int, n: int) -> None:
    needed = survey.respondents_needed(earlier, later, earlier_respondents=n)
    if needed is not None:
        reached = survey.power(earlier, later, earlier_respondents=n, later_respondents=needed)
        assert reached >= 0.8 - 1e-6


def test_answers_that_more_gave_together_than_alone_are_refused() -> None:
    with pytest.raises(BadValue):
        survey.compare_in_sample(22, 21, respondents=1244, both_percent=21.5)
    apart = survey.compare_in_sample(60, 40, respondents=1244)
    assert apart.standard_error == pytest.approx(200 * (0.6 * 0.4 / 1244) ** 0.5)


@pytest.mark.parametrize(
    ("series", "code"),
    [
        (yearly(2018, 27, 40, 30), "too_few_points"),
        (yearly(2018, 1, 2, 1, 2), "too_few_events"),
        (yearly(2018, 200, 0, 0, 0), "trend_not_estimable"),
        (yearly(2018, 30, 31, 32, 33, unit=Unit.PERCENT), "respondents_unknown"),
        (yearly(2018, 7.1, 7.2, 7.3, 7.4, unit=Unit.MARK_1_10), "margin_unknown"),
        (yearly(2019, 30, 31, 32, 33), "period_not_ahead"),
    ],
)
def test_outlook_that_cannot_be_given_says_why(series: Series, code: str) -> None:
    found = forecast.forecast(series.readings, period=Period.of_year(2022), direction=LOWER, agreed=20)
    assert codes(found)[0] == code
    assert found.probability is found.expected is found.low is None


def test_outlook_keeps_its_interval_around_the_expected_and_widens_with_distance() -> None:
    points = yearly(2014, 60, 55, 50, 45, 40).readings
    near, far = (
        forecast.forecast(points, period=Period.of_year(year), direction=LOWER, agreed=30) for year in (2019, 2025)
    )
    for found in (near, far):
        assert found.low is not None
        assert found.expected is not None
        assert found.high is not None
        assert found.low <= found.expected <= found.high
    assert "far_extrapolation" in codes(far)
    assert near.yearly_change == pytest.approx(0.9, abs=0.01)
    assert (far.probability or 0) > (near.probability or 0)


def test_outlook_of_a_rate_equals_that_of_its_counts() -> None:
    people = 25_000.0
    values = (60.0, 55.0, 48.0, 47.0, 40.0)
    counts = yearly(2014, *values, exposure=people).readings
    rates = yearly(2014, *(1000 * x / people for x in values), unit=Unit.PER_1000, exposure=people).readings
    period = Period.of_year(2019)
    of_counts = forecast.forecast(counts, period=period, direction=LOWER, agreed=35)
    of_rates = forecast.forecast(rates, period=period, direction=LOWER, agreed=1.4)
    assert of_rates.probability == pytest.approx(of_counts.probability)
    assert of_counts.expected == pytest.approx((of_rates.expected or 0) * 25)


def test_outlook_of_marks_follows_their_line() -> None:
    marks = yearly(2014, 7.0, 7.1, 7.2, 7.3, unit=Unit.MARK_1_10, standard_error=0.05).readings
    found = forecast.forecast(marks, period=Period.of_year(2018), direction=HIGHER, agreed=7.4)
    assert found.expected == pytest.approx(7.4)
    assert found.probability == pytest.approx(0.5)
    assert found.yearly_change == pytest.approx(0.1)


@given(st.integers(0, 1000), st.integers(-99, 100))
def test_both_readings_agree_only_when_the_baseline_is_a_hundred_or_nothing_changes(base: int, percent: int) -> None:
    readings = targets.both_readings(base, percent=percent, unit=Unit.PERCENT)
    assert readings.is_ambiguous is (base != 100 and percent != 0)


@pytest.mark.parametrize(
    ("observed", "agreed", "direction", "decimals", "met"),
    [
        (55.0, 61 * 0.9, LOWER, 0, True),
        (55.04, 55, LOWER, 1, True),
        (55.06, 55, LOWER, 1, False),
        (55.06, 55, LOWER, None, False),
        (61 * 0.9, 54.9, LOWER, None, True),
        (7.44, 7.5, HIGHER, 1, False),
        (7.45, 7.5, HIGHER, 1, True),
        (30, 30, HIGHER, 0, True),
    ],
)
def test_attained_compares_on_the_registered_precision(
    observed: float, agreed: float, direction: Direction, decimals: int | None, met: bool
) -> None:
    assert targets.is_attained(observed, agreed=agreed, direction=direction, decimals=decimals) is met


@pytest.mark.parametrize(
    ("value", "unit", "more"),
    [
        (float("nan"), Unit.COUNT, {}),
        (-1, Unit.COUNT, {}),
        (100.1, Unit.PERCENT, {}),
        (0.9, Unit.MARK_1_10, {}),
        (10.1, Unit.SCALE_0_10, {}),
        (50, Unit.PERCENT, {"respondents": 0}),
        (50, Unit.PERCENT, {"design_effect": 0.0}),
        (50, Unit.PERCENT, {"standard_error": -1.0}),
        (5, Unit.COUNT, {"exposure": 0.0}),
    ],
)
def test_impossible_figure_is_refused(value: float, unit: Unit, more: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        reading(2019, value, unit, **more)


def test_series_with_two_readings_for_one_period_is_refused() -> None:
    with pytest.raises(BadValue):
        Series(readings=(reading(2019, 5), reading(2019, 6)))


def test_change_from_nought_has_no_limits_and_no_ratio() -> None:
    still = trend.judge_change(reading(2017, 0), reading(2018, 0), direction=LOWER)
    assert still.verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    assert (still.difference, still.low, still.ratio) == (0, None, None)
    more = trend.judge_change(reading(2017, 0), reading(2018, 12), direction=LOWER)
    assert more.verdict is ChangeVerdict.WORSENED
    assert (more.difference, more.high, more.ratio) == (12, None, None)


def test_change_that_few_periods_carry_says_so_with_both_values() -> None:
    burglaries = yearly(2013, 125, 71, 46, 76, 40)
    first, last = burglaries.readings[0], burglaries.readings[-1]
    found = trend.judge_series(burglaries, since=first, until=last, direction=LOWER)
    assert found.verdict is ChangeVerdict.IMPROVED
    assert codes(found) == ["dispersion_from_few_periods", "dispersion_estimated"]
    values = found.reasons[0].values
    assert (values["p_value"], values["cautious_p_value"]) == (found.p_value, found.cautious_p_value)
    assert values["periods"] == 4
    assert found.high is not None
    assert found.high < 0


@pytest.mark.parametrize(
    ("values", "verdict"),
    [((343, 292, 282, 241, 262), ChangeVerdict.IMPROVED), ((37, 11, 10, 22, 5), ChangeVerdict.NO_DEMONSTRABLE_CHANGE)],
)
def test_change_on_which_both_values_agree_has_no_such_reason(values: tuple[int, ...], verdict: ChangeVerdict) -> None:
    known = yearly(2013, *values)
    found = trend.judge_series(known, since=known.readings[0], until=known.readings[-1], direction=LOWER)
    assert found.verdict is verdict
    assert codes(found) == ["dispersion_estimated"]


def test_more_events_in_a_town_that_grew_faster_are_fewer_per_inhabitant() -> None:
    found = trend.judge_change(
        reading(2017, 1000, exposure=20_000), reading(2018, 1040, exposure=24_000), direction=LOWER
    )
    assert found.verdict is ChangeVerdict.IMPROVED
    assert found.difference == 40
    assert codes(found) == ["inhabitants_turn_the_change"]
    assert found.ratio is not None
    assert found.ratio < 1


@given(st.integers(1, 400), st.integers(0, 400), st.floats(5e3, 5e4), st.floats(5e3, 5e4))
def test_limits_of_a_difference_of_counts_hold_that_difference(
    first: int, last: int, before: float, after: float
) -> None:
    found = trend.judge_change(
        reading(2017, first, exposure=before), reading(2018, last, exposure=after), direction=LOWER
    )
    assert found.low is not None
    assert found.high is not None
    assert found.low <= last - first <= found.high


@pytest.mark.parametrize(
    ("first", "last", "respondents", "verdict"),
    [
        (0, 15, 20, ChangeVerdict.NO_DEMONSTRABLE_CHANGE),
        (100, 0, 1, ChangeVerdict.NO_DEMONSTRABLE_CHANGE),
        (0, 0.3, 1244, ChangeVerdict.NO_DEMONSTRABLE_CHANGE),
        (0, 0, 1244, ChangeVerdict.NO_DEMONSTRABLE_CHANGE),
        (0, 2, 1244, ChangeVerdict.WORSENED),
        (100, 97, 1244, ChangeVerdict.IMPROVED),
    ],
)
def test_share_of_nobody_or_everybody_has_a_margin_too(
    first: float, last: float, respondents: int, verdict: ChangeVerdict
) -> None:
    waves = [
        reading(year, value, Unit.PERCENT, respondents=respondents) for year, value in ((2017, first), (2021, last))
    ]
    found = trend.judge_change(*waves, direction=LOWER)
    assert found.verdict is verdict
    assert found.low is not None
    assert found.high is not None
    assert found.low < last - first < found.high


@pytest.mark.parametrize(("value", "direction"), [(0, LOWER), (100, HIGHER)])
def test_agreed_bound_of_a_share_is_met_but_no_sample_proves_it(value: float, direction: Direction) -> None:
    wave = reading(2021, value, Unit.PERCENT, respondents=1244)
    found = evidence.weigh(wave, agreed=value, direction=direction)
    assert found.probability is None
    assert codes(found)[0] == "bound_cannot_be_shown"
    nearly = reading(2021, abs(value - 1), Unit.PERCENT, respondents=1244)
    assert evidence.weigh(nearly, agreed=value, direction=direction).probability == 0


@given(st.floats(0, 100), st.floats(0, 100), st.integers(1, 5000), st.floats(0.3, 50))
def test_share_of_any_size_with_any_design_effect_gives_numbers_that_can_be(
    first: float, last: float, respondents: int, deff: float
) -> None:
    waves = [
        reading(year, value, Unit.PERCENT, respondents=respondents, design_effect=deff)
        for year, value in ((2017, first), (2021, last))
    ]
    change = trend.judge_change(*waves, direction=HIGHER)
    assert change.p_value is not None
    assert 0 <= change.p_value <= 1
    found = evidence.weigh(waves[1], agreed=first, direction=HIGHER)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= last <= found.high <= 100
    assert found.probability is None or 0 <= found.probability <= 1


def test_uncertain_factor_widens_the_evidence_but_not_the_level() -> None:
    sure, unsure = (
        evidence.weigh(reading(2021, 40), agreed=50, direction=LOWER, variance_factor_cv=cv) for cv in (0.0, 0.2)
    )
    assert (sure.low, sure.high) == (unsure.low, unsure.high)
    assert sure.probability is not None
    assert unsure.probability is not None
    assert 0.5 < unsure.probability < sure.probability


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 1e5), st.sampled_from(Direction))
def test_huge_counts_and_dispersions_give_numbers_that_can_be(
    first: int, last: int, phi: float, direction: Direction
) -> None:
    dispersion = Dispersion(phi=phi, degrees_of_freedom=2)
    change = trend.judge_change(reading(2017, first), reading(2018, last), direction=direction, dispersion=dispersion)
    assert change.p_value is not None
    assert change.cautious_p_value is not None
    assert 0 <= change.p_value <= change.cautious_p_value <= 1
    assert change.ratio_low is not None
    assert change.ratio is None or change.ratio_low <= change.ratio <= (change.ratio_high or float("inf"))
    found = evidence.weigh(reading(2018, last), agreed=first, direction=direction, dispersion=dispersion)
    assert found.probability is None or 0 <= found.probability <= 1
    assert found.low is not None
    assert found.high is not None
    assert found.low <= last <= found.high


def test_figure_that_is_provisional_says_so_in_a_change() -> None:
    found = trend.judge_change(reading(2017, 71), reading(2018, 40, provisional=True), direction=LOWER)
    assert codes(found) == ["provisional_figure"]
    assert found.verdict is ChangeVerdict.IMPROVED
