"""The vectorised pass gives what the functions for one series give, to 1e-9."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine import batch, evidence, trend
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Direction, Reading, Unit
from koersvast.engine.series import Series, earlier_dispersion

YEARS = 9
COUNT = st.one_of(st.none(), st.integers(0, 150))
ROWS = st.lists(st.lists(COUNT, min_size=YEARS, max_size=YEARS), min_size=1, max_size=6)
LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER


def one(row: list[int | None], people: list[float], broken: int | None) -> Series:
    readings = tuple(
        Reading(period=Period.of_year(2010 + i), value=x, unit=Unit.COUNT, exposure=people[i])
        for i, x in enumerate(row)
        if x is not None
    )
    breaks = () if broken is None else (Break(on=Period.of_year(2010 + broken).start, kind="definition"),)
    return Series(readings=readings, breaks=breaks)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(0, 2**32 - 1), st.one_of(st.none(), st.integers(1, YEARS - 1)))
def test_counts_in_one_pass_equal_counts_one_by_one(
    rows: list[list[int | None]], seed: int, broken: int | None
) -> None:
    random = np.random.default_rng(seed)
    people = random.uniform(5e3, 9e4, len(rows))[:, None] * (1 + 0.01 * np.arange(YEARS))
    observed = np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=np.float64)
    agreed = random.integers(0, 120, observed.shape).astype(np.float64)
    better = random.random(len(rows)) < 0.5
    segments = np.broadcast_to((np.arange(YEARS) >= (broken or 0)), observed.shape).astype(np.int8)
    found = batch.dispersions(
        observed, middle_years=np.arange(2010.5, 2010.5 + YEARS), exposures=people, segments=segments
    )
    changes = batch.change_of_counts(
        observed, exposures=people, dispersion=found, lower_is_better=better, segments=segments
    )
    weighed = batch.evidence_of_counts(observed, agreed=agreed, dispersion=found, lower_is_better=better)
    for i, row in enumerate(rows):
        series = one(row, list(people[i]), broken)
        direction = LOWER if better[i] else HIGHER
        first = series.at(Period.of_year(2010))
        for j in range(YEARS):
            now = series.at(Period.of_year(2010 + j))
            if now is None:
                assert changes.verdict[i, j] == -1
                assert batch.EVIDENCE_VERDICTS[weighed.verdict[i, j]].value == "not_measured"
                continue
            dispersion = earlier_dispersion(series, now)
            assert found.degrees_of_freedom[i, j] == (dispersion.degrees_of_freedom or 0)
            if dispersion.degrees_of_freedom:
                assert found.phi[i, j] == pytest.approx(dispersion.phi, rel=1e-9, abs=1e-9)
            judged = evidence.weigh(now, agreed=agreed[i, j], direction=direction, dispersion=dispersion)
            verdict = evidence.verdict_of(judged.probability, evidence.Thresholds())
            assert batch.EVIDENCE_VERDICTS[weighed.verdict[i, j]] is verdict
            same(weighed.probability[i, j], judged.probability)
            if first is not None and j > 0:
                change = trend.judge_series(series, since=first, until=now, direction=direction)
                assert batch.CHANGE_VERDICTS[changes.verdict[i, j]] is change.verdict
                same(changes.p_value[i, j], change.p_value)
                same(changes.cautious_p_value[i, j], change.cautious_p_value)


def same(computed: float, expected: float | None) -> None:
    assert np.isnan(computed) if expected is None else computed == pytest.approx(expected, rel=1e-9, abs=1e-9)


SHARES = st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=1, max_size=8)


@given(SHARES, st.integers(1, 2000), st.booleans())
def test_shares_in_one_pass_equal_shares_one_by_one(
    rows: list[tuple[int, int, int]], respondents: int, lower: bool
) -> None:
    direction = LOWER if lower else HIGHER
    table = np.array(rows, dtype=np.float64)
    n, flags = np.full((len(rows), 2), float(respondents)), np.full(len(rows), lower)
    changes = batch.change_of_shares(table[:, :2], effective_respondents=n, lower_is_better=flags)
    weighed = batch.evidence_of_shares(
        table[:, :2], effective_respondents=n, agreed=table[:, [2, 2]], lower_is_better=flags
    )
    for i, (first, second, agreed) in enumerate(rows):
        waves = [
            Reading(period=Period.of_year(year), value=value, unit=Unit.PERCENT, respondents=respondents)
            for year, value in ((2017, first), (2021, second))
        ]
        change = trend.judge_change(*waves, direction=direction)
        judged = evidence.weigh(waves[1], agreed=agreed, direction=direction)
        assert batch.CHANGE_VERDICTS[changes.verdict[i, 1]] is change.verdict
        assert change.p_value is not None
        assert changes.p_value[i, 1] == pytest.approx(change.p_value, rel=1e-9, abs=1e-12)
        same(weighed.probability[i, 1], judged.probability)


def test_agreed_nought_is_disproved_by_one_event_and_never_proved() -> None:
    observed = np.array([[0.0, 1.0]])
    found = batch.dispersions(observed, middle_years=np.arange(2.0), exposures=np.ones((1, 2)))
    weighed = batch.evidence_of_counts(
        observed, agreed=np.zeros((1, 2)), dispersion=found, lower_is_better=np.array([True])
    )
    assert [batch.EVIDENCE_VERDICTS[v].value for v in weighed.verdict[0]] == ["cannot_tell_yet", "off_course"]
    assert list(weighed.attained[0]) == [1, 0]
