"""Estimates against one another: what the difference, its margin and its p value must be, by hand and by R."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from koersvast.engine import association, estimates, replicates, survey, survey_tests
from koersvast.engine.association import Association, Statistic
from koersvast.engine.designs import BadDesign, Calibration, CalibrationVariance, Design, LonelyCluster, SecondStage
from koersvast.engine.estimates import Estimate, Linear
from koersvast.engine.quantities import Correction, Missing
from koersvast.engine.survey_tests import Overlap

N = 1244
P_VALUES = (0.01, 0.02, 0.022, 0.04, 0.5, 0.7)


def linear(part: Linear | Missing) -> Linear:
    assert isinstance(part, Linear)
    return part


def known(found: Estimate | Missing) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def named(first: int, second: int, both: int) -> tuple[Design, list[Linear]]:
    """An unweighted sample of which so many named the first, the second and both."""
    design, who = Design(weights=np.ones(N)), np.arange(N)
    answers = (who < first, (who >= first - both) & (who < first - both + second))
    return design, [linear(estimates.linear_share(design, answer)) for answer in answers]


def test_difference_in_one_sample_is_that_of_the_published_shares() -> None:
    design, (one, other) = named(274, 261, 124)
    found = survey_tests.difference(design, one, against=other, freedom=inf)
    published = survey.compare_in_sample(27400 / N, 26100 / N, both_percent=12400 / N, respondents=N)
    assert found.difference == pytest.approx(published.difference)
    # R, and we with it, divide by one respondent fewer.
    assert found.standard_error == pytest.approx(published.standard_error * sqrt(N / (N - 1)))
    assert survey.is_tie(found)


def test_difference_of_two_waves_is_that_of_the_published_shares() -> None:
    waves = [known(estimates.share(Design(weights=np.ones(N)), np.arange(N) < yes)) for yes in (784, 759)]
    found = survey_tests.compare_waves(*waves, overlap=Overlap.NONE, shares=True)
    published = survey.compare_shares(waves[0].value, waves[1].value, earlier_respondents=N, later_respondents=N)
    assert (found.difference, found.margin, found.p_value) == pytest.approx(
        (published.difference, published.margin, published.p_value), rel=2e-3
    )
    assert found.degrees_of_freedom == pytest.approx(2 * N - 2, rel=1e-3)


def test_waves_that_may_share_people_are_refused_without_knowing_who() -> None:
    wave = known(estimates.share(Design(weights=np.ones(10)), np.arange(10) < 4))
    with pytest.raises(BadDesign) as refused:
        survey_tests.compare_waves(wave, wave, overlap=Overlap.POSSIBLE)
    assert refused.value.code == "overlap_without_people"


def test_none_of_a_small_wave_is_no_certainty() -> None:
    none, some = (known(estimates.share(Design(weights=np.ones(12)), np.arange(12) < yes)) for yes in (0, 2))
    found = survey_tests.compare_waves(none, some, overlap=Overlap.NONE, shares=True)
    assert found.difference == pytest.approx(100 * 2 / 12)
    assert found.p_value > 0.1
    # Taken at its word, the first wave would have no error at all.
    plain = survey_tests.compare_waves(none, some, overlap=Overlap.NONE)
    assert plain.standard_error == pytest.approx(some.standard_error)
    assert found.standard_error > plain.standard_error


def test_panel_that_says_the_same_twice_has_not_changed_for_sure() -> None:
    values, people = np.random.default_rng(3).normal(size=60), np.arange(60)
    design = Design(weights=np.ones(60))
    part = linear(estimates.linear_mean(design, values))
    found = survey_tests.compare_panel((design, part, people), (design, part, people))
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert found.standard_error == pytest.approx(0, abs=1e-7)


def test_panel_is_as_precise_as_the_differences_of_its_people() -> None:
    draw = np.random.default_rng(5)
    before, people = draw.normal(size=80), np.arange(80)
    after = before + draw.normal(0.3, 0.5, size=80)
    design, order = Design(weights=np.ones(80)), draw.permutation(80)
    waves = [linear(estimates.linear_mean(design, values)) for values in (before, after[order])]
    found = survey_tests.compare_panel((design, waves[0], people), (design, waves[1], people[order]))
    pairs = after - before
    assert found.difference == pytest.approx(pairs.mean())
    assert found.standard_error == pytest.approx(pairs.std(ddof=1) / sqrt(80))


def test_panel_of_nobody_in_both_is_two_samples() -> None:
    draw = np.random.default_rng(6)
    design = Design(weights=draw.uniform(1, 3, 50))
    parts = [linear(estimates.linear_mean(design, draw.normal(size=50))) for _ in range(2)]
    found = survey_tests.compare_panel((design, parts[0], np.arange(50)), (design, parts[1], np.arange(50, 100)))
    errors = [estimates.summarise(design, part, freedom=49).standard_error for part in parts]
    assert found.standard_error == pytest.approx(sqrt(errors[0] ** 2 + errors[1] ** 2))


@pytest.mark.parametrize(
    ("design", "people", "code"),
    [
        (Design(weights=np.ones(4)), np.array([1, 1, 2, 3]), "person_twice"),
        (Design(weights=np.ones(4), clusters=np.array([1, 1, 2, 2])), np.arange(4), "overlap_in_clusters"),
    ],
)
def test_panel_that_cannot_be_matched_is_refused(design: Design, people: np.ndarray, code: str) -> None:
    part = linear(estimates.linear_mean(design, np.arange(4.0)))
    with pytest.raises(BadDesign) as refused:
        survey_tests.compare_panel((design, part, people), (design, part, people))
    assert refused.value.code == code


# R: p.adjust(c(.01, .02, .022, .04, .5, .7), method).
@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        (Correction.NONE, P_VALUES),
        (Correction.BONFERRONI, (0.06, 0.12, 0.132, 0.24, 1, 1)),
        (Correction.HOLM, (0.06, 0.1, 0.1, 0.12, 1, 1)),
        (Correction.BENJAMINI_HOCHBERG, (0.044, 0.044, 0.044, 0.06, 0.6, 0.7)),
    ],
)
def test_p_values_after_correction_are_those_of_p_adjust(correction: Correction, expected: tuple[float, ...]) -> None:
    order = np.array([3, 0, 5, 2, 4, 1])
    assert survey_tests.adjusted(P_VALUES, correction) == pytest.approx(expected)
    shuffled = survey_tests.adjusted(np.array(P_VALUES)[order], correction)
    assert shuffled == pytest.approx(np.array(expected)[order])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_corrected_p_values_keep_their_order_and_never_fall(values: list[float]) -> None:
    found = {correction: survey_tests.adjusted(values, correction) for correction in Correction}
    for corrected in found.values():
        assert (corrected >= np.array(values) - 1e-15).all()
        assert (corrected <= 1).all()
        order = np.argsort(values, kind="stable")
        assert (np.diff(corrected[order]) >= -1e-15).all()
    assert (found[Correction.HOLM] <= found[Correction.BONFERRONI]).all()
    assert (found[Correction.BENJAMINI_HOCHBERG] <= found[Correction.HOLM] + 1e-15).all()


def test_groups_without_respondents_are_left_out_of_the_pairs() -> None:
    design = Design(weights=np.ones(90))
    groups = np.repeat([0, 2, 3], 30)
    yes = np.arange(90) % 30 < np.repeat([5, 20, 22], 30)
    parts = survey_tests.share_by_group(design, yes, groups)
    assert parts[1] is Missing.NOT_MEASURED
    pairs = survey_tests.compare_groups(design, parts, shares=True)
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 2), (0, 3), (2, 3)]
    assert [pair.adjusted_p_value < 0.05 for pair in pairs] == [True, True, False]
    assert all(pair.difference.degrees_of_freedom == 89 - 2 for pair in pairs)
    assert survey_tests.compare_groups(design, parts[:2]) == ()


def test_group_that_all_said_yes_is_no_certainty() -> None:
    design, groups = Design(weights=np.ones(45)), np.repeat([0, 1], [5, 40])
    yes = (groups == 0) | (np.arange(45) % 4 > 0)
    parts = survey_tests.share_by_group(design, yes, groups)
    (plain,), (careful,) = (survey_tests.compare_groups(design, parts, shares=few) for few in (False, True))
    assert plain.difference.p_value < 0.05 < careful.difference.p_value
    assert careful.difference.difference == plain.difference.difference


def test_difference_without_degrees_of_freedom_is_refused() -> None:
    design = Design(weights=np.ones(6), clusters=np.repeat([1, 2], 3))
    parts = survey_tests.mean_by_group(design, np.arange(6.0), np.tile([0, 1, 2], 2))
    with pytest.raises(BadDesign) as refused:
        survey_tests.compare_groups(design, parts)
    assert refused.value.code == "no_degrees_of_freedom"


def test_ranking_tells_which_answers_cannot_be_told_apart() -> None:
    """Of 1,244: 33, 22, 21 and 5 % named a problem; the second and the third are a tie."""
    design, who = Design(weights=np.ones(N)), np.arange(N)
    answers = [((who * step) % N) < percent * N / 100 for step, percent in ((1, 22), (7, 33), (5, 21), (3, 5))]
    ranked = survey_tests.ranking(design, [linear(estimates.linear_share(design, answer)) for answer in answers])
    assert [(one.answer, one.place, one.first, one.last, one.tied_with) for one in ranked] == [
        (1, 1, 1, 1, ()),
        (0, 2, 2, 3, (2,)),
        (2, 3, 2, 3, (0,)),
        (3, 4, 4, 4, ()),
    ]


def test_equal_shares_have_the_same_place() -> None:
    design, (one, other) = named(300, 300, 0)
    first, second = survey_tests.ranking(design, [one, other])
    assert (first.place, second.place, first.tied_with, second.tied_with) == (1, 1, (1,), (0,))


def test_independence_in_a_simple_sample_is_pearsons_test() -> None:
    """Without weights, strata and clusters the correction is n / (n - 1) and nothing more."""
    draw = np.random.default_rng(11)
    first, second = draw.integers(0, 3, 400), draw.integers(0, 4, 400)
    second = np.where(draw.random(400) < 0.15, first, second)
    table = np.zeros((3, 4))
    np.add.at(table, (first, second), 1)
    found = association.association(Design(weights=np.ones(400)), first, second, statistic=Statistic.FIRST_ORDER)
    assert isinstance(found, Association)
    assert found.pearson == pytest.approx(stats.chi2_contingency(table).statistic)
    assert found.mean_design_effect == pytest.approx(1, abs=0.05)
    assert found.p_value == pytest.approx(stats.chi2_contingency(table).pvalue, rel=0.3)


def test_independence_of_one_category_is_missing() -> None:
    first, second = np.array([0, 1, 0, 1, -1]), np.array([2, 2, 2, 2, 0])
    assert association.association(Design(weights=np.ones(5)), first, second) is Missing.NOT_MEASURED


def test_bootstrap_of_one_seed_is_the_same_whatever_the_threads() -> None:
    draw = np.random.default_rng(2)
    n = 3_000
    design = Design(weights=draw.uniform(1, 9, n), strata=np.sort(draw.integers(0, 40, n)) // 20)
    columns = draw.integers(0, 2, (n, 6)).astype(np.uint8)
    found = [replicates.replicate_totals(design, columns, replicates=30, seed=9, threads=count) for count in (1, 3)]
    assert (found[0] == found[1]).all()
    assert not (found[0] == replicates.replicate_totals(design, columns, replicates=30, seed=10)).all()


def test_bootstrap_draws_one_cluster_fewer_than_there_are_of_every_stratum() -> None:
    strata = np.repeat([0, 1, 2], [4, 1500, 2600])
    design = Design(weights=np.ones(strata.size), strata=strata)
    factors = replicates.bootstrap(design, replicates=20, seed=1).factors()
    for stratum, size in enumerate((4, 1500, 2600)):
        own = factors[:, strata == stratum] * (size - 1) / size
        assert own == pytest.approx(np.round(own))
        assert own.sum(axis=1) == pytest.approx(np.full(20, size - 1))


@pytest.mark.parametrize("kind", ["plain", "finite", "clusters", "rake", "linear"])
def test_bootstrap_error_is_near_that_by_linearisation(kind: str) -> None:
    draw = np.random.default_rng(4)
    n = 600
    strata = np.sort(draw.integers(0, 4, n))
    design = Design(
        weights=draw.uniform(1, 6, n),
        strata=strata,
        clusters=strata * 100 + draw.integers(0, 25, n) if kind == "clusters" else None,
        population=(200.0 + 50 * strata).astype(np.float64) if kind == "finite" else None,
    )
    if kind in ("rake", "linear"):
        margins = (draw.integers(0, 3, n), draw.integers(0, 2, n))
        calibration = Calibration(
            base_weights=design.weights, margins=margins, variance=CalibrationVariance.CALIBRATE, kind=kind
        )
        design = replace(design, calibration=calibration)
    values = draw.normal(size=(n, 1)) + strata[:, None]
    drawn = replicates.bootstrap(design, replicates=3_000, seed=8)
    assert drawn.standard_errors(drawn.totals(values))[0] == pytest.approx(
        sqrt(design.covariance(values)[0, 0]), rel=0.06
    )
    assert drawn.unfitted == 0


def test_jackknife_of_a_mean_is_the_textbook_error() -> None:
    values = np.random.default_rng(1).normal(size=(40, 1))
    drawn = replicates.jackknife(Design(weights=np.ones(40)))
    assert drawn.standard_errors(drawn.means(values))[0] == pytest.approx(values.std(ddof=1) / sqrt(40))
    assert drawn.covariance(drawn.means(values))[0, 0] == pytest.approx(values.var(ddof=1) / 40)


def test_replicate_without_anybody_of_the_base_has_no_mean_and_no_error_is_made_of_it() -> None:
    design = Design(weights=np.ones(5))
    drawn = replicates.jackknife(design)
    means = drawn.means(np.arange(5.0)[:, None], base=np.arange(5) == 2)
    assert np.isnan(means).sum() == 1
    with pytest.raises(BadDesign) as refused:
        drawn.covariance(means)
    assert refused.value.code == "replicates_without_estimate"


def test_category_that_a_replicate_lost_is_counted() -> None:
    margin = np.array([0] * 30 + [1])
    calibration = Calibration(
        base_weights=np.ones(31), margins=(margin,), variance=CalibrationVariance.CALIBRATE, kind="poststratify"
    )
    drawn = replicates.bootstrap(Design(weights=np.ones(31), calibration=calibration), replicates=200, seed=1)
    # The one respondent of the category is not drawn with chance (30 / 31) ** 30, .37.
    assert 50 < drawn.unfitted < 100


def test_replicates_that_cannot_be_are_refused() -> None:
    lonely = Design(weights=np.ones(3), strata=np.array([0, 0, 1]))
    staged = Design(
        weights=np.ones(4),
        clusters=np.array([0, 0, 1, 1]),
        population=np.full(4, 9.0),
        second=SecondStage(population=np.full(4, 7.0)),
    )
    logit = Calibration(
        base_weights=np.ones(4), margins=(np.zeros(4, dtype=np.int64),), variance=CalibrationVariance.RAKE, kind="logit"
    )
    refusals: dict[str, Callable[[], object]] = {
        "lonely_cluster": lambda: replicates.bootstrap(lonely, seed=1),
        "second_stage_without_replicates": lambda: replicates.jackknife(staged),
        "too_few_replicates": lambda: replicates.bootstrap(Design(weights=np.ones(3)), replicates=1, seed=1),
        "too_many_replicates": lambda: replicates.jackknife(Design(weights=np.ones(replicates.MOST_JACKKNIFE + 1))),
        "rows_differ": lambda: replicates.given(lonely, np.ones((5, 2)), scales=np.ones(5)),
        "logit_not_fitted_again": lambda: replicates.replicate_totals(
            Design(weights=np.ones(4), calibration=logit), np.ones((4, 1)), seed=1
        ),
    }
    for code, refused_way in refusals.items():
        with pytest.raises(BadDesign) as refused:
            refused_way()
        assert refused.value.code == code
    kept = replicates.bootstrap(replace(lonely, lonely=LonelyCluster.CERTAINTY), replicates=8, seed=1)
    assert (kept.factors()[:, 2] == 1).all()
