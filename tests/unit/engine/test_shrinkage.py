"""Small places drawn towards all: between own and all, more for smaller ones, and the same by another way."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from koersvast.engine.places import Place
from koersvast.engine.shrinkage import (
    MAXIMUM_LIKELIHOOD,
    NONE,
    SmallCell,
    fit_prior,
    log_likelihood,
    marshall_moments,
    shrink,
)

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(30, 9000)), min_size=8, max_size=30)


def named(pairs: list[tuple[float, float]]) -> list[Place]:
    return [Place(code=f"B{i:05}", name="", events=x, inhabitants=n) for i, (x, n) in enumerate(pairs)]


def drawn(number: int, *, shape: float, rate: float = 0.005, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    inhabitants = random.lognormal(6.5, 1.0, number)
    return random.poisson(inhabitants * rate * random.gamma(shape, 1 / shape, number)).astype(float), inhabitants


@settings(max_examples=40, deadline=None)
@given(pairs=PAIRS)
def test_rate_lies_between_own_and_all_and_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    assume(sum(x for x, _ in pairs) > 0)
    for found in shrink(named([(float(x), float(n)) for x, n in pairs])):
        assert found.raw is not None
        assert found.rate is not None
        assert found.low is not None
        assert found.high is not None
        assert found.towards_per_1000 is not None
        ends = sorted([found.raw, found.towards_per_1000])
        assert ends[0] - 1e-9 <= found.rate <= ends[1] + 1e-9
        assert found.low <= found.rate <= found.high
        assert found.weight_of_own is not None
        assert 0 <= found.weight_of_own <= 1


@settings(max_examples=20, deadline=None)
@given(pairs=PAIRS, scale=st.sampled_from([0.01, 0.5, 12.0]), data=st.data())
def test_order_and_unit_of_inhabitants_change_nothing_but_the_unit(
    pairs: list[tuple[int, int]], scale: float, data: st.DataObject
) -> None:
    assume(sum(x for x, _ in pairs) > 0)
    places = named([(float(x), float(n)) for x, n in pairs])
    order = data.draw(st.permutations(range(len(places))))
    plain = {found.code: found for found in shrink(places)}
    assert [found.code for found in shrink([places[i] for i in order])] == [places[i].code for i in order]
    scaled = shrink(
        [Place(code=p.code, name="", events=p.events, inhabitants=(p.inhabitants or 0) * scale) for p in places]
    )
    for found in scaled:
        assert found.rate == pytest.approx((plain[found.code].rate or 0) / scale, rel=1e-4)


def test_maximum_is_higher_than_all_around_it_and_than_a_grid() -> None:
    events, inhabitants = drawn(300, shape=2.0)
    prior = fit_prior(events, inhabitants)
    assert prior.method == MAXIMUM_LIKELIHOOD
    assert prior.mean_per_1000 is not None
    assert prior.shape is not None
    best = log_likelihood(events, inhabitants, mean=prior.mean_per_1000 / 1000, shape=prior.shape)
    for mean in np.linspace(0.8, 1.25, 19) * prior.mean_per_1000 / 1000:
        for shape in np.geomspace(0.5, 2.0, 19) * prior.shape:
            assert log_likelihood(events, inhabitants, mean=float(mean), shape=float(shape)) <= best + 1e-7


@settings(max_examples=25, deadline=None)
@given(pairs=PAIRS)
def test_search_ends_no_lower_than_a_coarse_grid(pairs: list[tuple[int, int]]) -> None:
    assume(sum(x for x, _ in pairs) > 0)
    columns = np.array(pairs, dtype=np.float64)
    events, inhabitants = columns[:, 0], columns[:, 1]
    prior = fit_prior(events, inhabitants)
    assert prior.mean_per_1000 is not None
    best = log_likelihood(events, inhabitants, mean=prior.mean_per_1000 / 1000, shape=prior.shape or 1e6)
    for mean in np.geomspace(0.3, 3, 9) * float(events.sum()) / float(inhabitants.sum()):
        for shape in np.geomspace(0.01, 1e6, 25):
            assert log_likelihood(events, inhabitants, mean=float(mean), shape=float(shape)) <= best + 1e-3


def test_likelihood_is_that_of_a_negative_binomial_distribution() -> None:
    events, inhabitants = drawn(40, shape=1.0)

    def by_scipy(mean: float, shape: float) -> float:
        chance = shape / (shape + inhabitants * mean)
        return float(np.sum(stats.nbinom.logpmf(events, shape, chance)))

    ours = log_likelihood(events, inhabitants, mean=0.004, shape=1.5) - log_likelihood(
        events, inhabitants, mean=0.007, shape=0.6
    )
    assert ours == pytest.approx(by_scipy(0.004, 1.5) - by_scipy(0.007, 0.6), abs=1e-8)


@pytest.mark.parametrize("shape", [0.7, 2.0, 10.0])
def test_shape_and_mean_of_drawn_places_are_found_again(shape: float) -> None:
    events, inhabitants = drawn(8000, shape=shape)
    prior = fit_prior(events, inhabitants)
    assert prior.shape == pytest.approx(shape, rel=0.15)
    assert prior.mean_per_1000 == pytest.approx(5.0, rel=0.05)
    mean, by_moments = marshall_moments(events, inhabitants)
    assert mean * 1000 == pytest.approx(5.0, rel=0.1)
    assert by_moments == pytest.approx(shape, rel=0.4)


def test_intervals_hold_the_level_nineteen_times_out_of_twenty() -> None:
    random = np.random.default_rng(4)
    inhabitants = random.lognormal(6, 1, 4000)
    levels = 0.005 * random.gamma(2.0, 0.5, 4000)
    counted = random.poisson(inhabitants * levels)
    found = shrink(named([(float(x), float(n)) for x, n in zip(counted, inhabitants, strict=True)]))
    held = [(rate.low or 0) <= 1000 * level <= (rate.high or 0) for rate, level in zip(found, levels, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)


def test_drawing_brings_rates_nearer_to_the_levels_behind_them() -> None:
    random = np.random.default_rng(5)
    inhabitants = random.lognormal(5.5, 1, 3000)
    levels = 0.005 * random.gamma(3.0, 1 / 3, 3000)
    counted = random.poisson(inhabitants * levels)
    found = shrink(named([(float(x), float(n)) for x, n in zip(counted, inhabitants, strict=True)]))
    own = np.mean([((rate.raw or 0) - 1000 * level) ** 2 for rate, level in zip(found, levels, strict=True)])
    drawn_in = np.mean([((rate.rate or 0) - 1000 * level) ** 2 for rate, level in zip(found, levels, strict=True)])
    assert drawn_in < own / 3


def test_hamlet_with_one_burglary_is_not_the_worst_place_and_is_not_coloured() -> None:
    events, inhabitants = drawn(200, shape=4.0)
    places = named(list(zip(events.tolist(), inhabitants.tolist(), strict=True)))
    hamlet = Place(code="HAMLET", name="Hamlet", events=1, inhabitants=6)
    found = {rate.code: rate for rate in shrink([*places, hamlet])}
    small = found["HAMLET"]
    assert small.raw == pytest.approx(1000 / 6)
    assert (small.rate or 0) < 2 * (small.towards_per_1000 or 0)
    assert small.small
    assert [reason.code for reason in small.reasons] == ["too_small_to_colour"]
    allowed = shrink([*places, hamlet], smallest=SmallCell(inhabitants=5, expected_events=0.0))
    assert not allowed[-1].small


def test_places_that_do_not_differ_all_get_the_level_of_all() -> None:
    found = shrink(named([(10.0, 1000.0)] * 20))
    assert [rate.rate for rate in found] == pytest.approx([10.0] * 20)
    assert found[0].weight_of_own == 0
    assert found[0].prior.between == 0
    assert [reason.code for reason in found[0].prior.reasons] == ["places_do_not_differ"]
    low, high = (float(stats.gamma.ppf(tail, 200.5)) / 200 * 10 for tail in (0.025, 0.975))
    assert (found[0].low or 0) < low < high < (found[0].high or 0)


def test_interval_of_few_places_is_that_of_weighing_every_spread_and_mean() -> None:
    pairs = [(1, 800), (9, 300), (0, 1500), (2, 2100), (30, 900), (3, 700), (14, 1200), (5, 4000), (8, 900), (2, 1100)]
    x, n = np.array(pairs, dtype=np.float64).T
    spreads, means = np.arange(0.02, 10, 0.04), np.exp(np.linspace(np.log(0.0005), np.log(0.2), 160))
    shape = spreads[:, None, None] ** -2
    logs = np.asarray(stats.nbinom.logpmf(x, shape, shape / (shape + n * means[None, :, None]))).sum(axis=2)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    for at, found in enumerate(shrink(named([(float(a), float(b)) for a, b in pairs]))):
        scale = n[at] + shape[..., 0] / means
        below = [
            float((weights * stats.gamma.cdf((limit or 0) / 1000 * scale, x[at] + shape[..., 0])).sum())
            for limit in (found.low, found.high)
        ]
        assert below == pytest.approx([0.025, 0.975], abs=0.006)


@pytest.mark.parametrize(("number", "tau"), [(8, 0.3), (22, 0.15), (36, 0.5)])
def test_intervals_of_few_places_hold_the_level_too(number: int, tau: float) -> None:
    random, held = np.random.default_rng(9), list[bool]()
    for _ in range(40):
        inhabitants = random.lognormal(7.3, 1, number) + 20
        levels = 0.004 * random.gamma(tau**-2, tau**2, number)
        counted = random.poisson(inhabitants * levels) + 0.0
        found = shrink(named(list(zip(counted.tolist(), inhabitants.tolist(), strict=True))))
        held += [(one.low or 0) <= 1000 * level <= (one.high or 0) for one, level in zip(found, levels, strict=True)]
    assert np.mean(held) > 0.91


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Place(code="X", name="", events=0, inhabitants=0), "no_inhabitants"),
        (Place(code="X", name="", events=3, inhabitants=0), "no_inhabitants"),
        (Place(code="X", name="", events=None, inhabitants=50), "events_unknown"),
        (Place(code="X", name="", events=3, inhabitants=None), "inhabitants_unknown"),
    ],
)
def test_place_without_a_rate_gets_none_and_a_reason(place: Place, code: str) -> None:
    events, inhabitants = drawn(30, shape=2.0)
    found = shrink([*named(list(zip(events.tolist(), inhabitants.tolist(), strict=True))), place])[-1]
    assert (found.rate, found.low, found.raw, found.weight_of_own) == (None, None, None, None)
    assert found.small
    assert found.reasons[0].code == code


def test_too_few_places_or_no_events_at_all_give_no_rates() -> None:
    few = shrink(named([(3.0, 100.0)] * 7))
    assert few[0].rate is None
    assert few[0].method == NONE
    assert few[0].reasons[0].code == "too_few_places_to_shrink"
    assert shrink(named([(0.0, 100.0)] * 9))[0].reasons[0].code == "no_events"


def test_neighbourhood_is_drawn_towards_its_own_municipality() -> None:
    random = np.random.default_rng(6)
    pairs, parents = list[tuple[float, float]](), dict[str, str]()
    for town in range(20):
        level = 0.002 if town % 2 else 0.02
        for _ in range(15):
            parents[f"B{len(pairs):05}"] = f"T{town:02}"
            people = float(random.uniform(50, 800))
            pairs.append((float(random.poisson(people * level * random.gamma(8, 1 / 8))), people))
    places = named(pairs)
    quiet = [rate for rate in shrink(places, parents=parents) if int(parents[rate.code][1:]) % 2]
    plain = {rate.code: rate for rate in shrink(places)}
    assert np.mean([rate.towards_per_1000 or 0 for rate in quiet]) == pytest.approx(2.0, rel=0.2)
    errors = [
        np.mean([((found.rate or 0) - 2.0) ** 2 for found in rates])
        for rates in (quiet, [plain[rate.code] for rate in quiet])
    ]
    assert errors[0] < errors[1] / 2


def test_country_of_neighbourhoods_is_done_in_one_go() -> None:
    events, inhabitants = drawn(18_000, shape=1.5)
    found = shrink(named(list(zip(events.tolist(), inhabitants.tolist(), strict=True))))
    assert len(found) == 18_000
    assert all(rate.rate is not None for rate in found)
