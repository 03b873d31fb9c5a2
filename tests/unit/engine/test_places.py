"""How much places differ, and how far each lies from expected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from koersvast.engine import places
from koersvast.engine.places import Place, columns, mixed_score, place_spread, poisson_score, without
from koersvast.engine.quantities import BadValue

COUNTS = st.integers(0, 400)


@given(count=COUNTS, expected=st.floats(0.05, 400))
def test_score_of_a_count_is_the_normal_score_of_the_middle_of_its_tail(count: int, expected: float) -> None:
    below = (stats.poisson.cdf(count, expected) + stats.poisson.cdf(count - 1, expected)) / 2
    above = (stats.poisson.sf(count, expected) + stats.poisson.sf(count - 1, expected)) / 2
    found = float(poisson_score(np.float64(count), np.float64(expected)))
    if min(below, above) > 1e-14:
        assert found == pytest.approx(stats.norm.ppf(below) if below < above else -stats.norm.ppf(above), abs=1e-6)


@given(count=COUNTS, expected=st.floats(0.05, 400), more=st.integers(1, 200))
def test_score_rises_with_the_count_also_where_tails_vanish(count: int, expected: float, more: int) -> None:
    first, second = poisson_score(np.array([count, 50.0 * (count + more)]), np.full(2, expected))
    assert np.isfinite(first)
    assert np.isfinite(second)
    assert second > first


def test_far_tail_joins_the_near_one_without_a_jump() -> None:
    counted = np.arange(2000.0, 4000.0)
    scores = poisson_score(counted, np.full_like(counted, 1000.0))
    assert float(scores[0]) < 33.7 < float(scores[-1])
    assert np.all(np.diff(scores) > 0)
    assert float(np.diff(scores).max()) < 0.04


@given(count=COUNTS, expected=st.floats(0.5, 400))
def test_score_with_places_that_hardly_differ_is_that_of_chance(count: int, expected: float) -> None:
    chance = float(poisson_score(np.array([float(count)]), np.array([expected]))[0])
    mixed = float(mixed_score(np.array([float(count)]), np.array([expected]), tau=1e-5)[0])
    assert mixed == pytest.approx(chance, abs=1e-3, rel=1e-3)


@pytest.mark.parametrize("tau", [0.0, 0.2, 0.5])
def test_spread_of_many_drawn_places_is_found_again(tau: float) -> None:
    random = np.random.default_rng(7)
    expected = random.lognormal(4, 1, 6000)
    levels = random.gamma(tau**-2, tau**2, 6000) if tau else np.ones(6000)
    found = place_spread(random.poisson(expected * levels).astype(np.float64), expected)
    assert found.tau == pytest.approx(tau, rel=0.12, abs=0.02)
    assert found.phi == pytest.approx(1 + tau**2 * np.median(expected), rel=0.6, abs=0.05)


def test_few_odd_places_hardly_move_the_spread() -> None:
    random = np.random.default_rng(8)
    expected = random.lognormal(4, 0.5, 300)
    counted = random.poisson(expected * random.gamma(25, 1 / 25, 300)).astype(np.float64)
    odd = counted.copy()
    odd[:6] *= 8
    assert place_spread(odd, expected).tau == pytest.approx(place_spread(counted, expected).tau, abs=0.04)


@given(counted=st.lists(COUNTS, min_size=9, max_size=40), data=st.data())
def test_spread_does_not_depend_on_the_order_of_places(counted: list[int], data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(counted)))))
    x, e = np.array(counted, dtype=np.float64), np.linspace(2, 90, len(counted))
    first, second = place_spread(x, e), place_spread(x[order], e[order])
    assert first.phi >= 1
    assert first.tau >= 0
    assert (first.phi, first.tau) == pytest.approx((second.phi, second.tau), abs=1e-8)


def test_too_few_places_give_no_spread_but_a_reason() -> None:
    found = place_spread(np.array([5.0, 90.0, 3.0]), np.array([30.0, 30.0, 30.0]))
    assert (found.phi, found.tau) == (1.0, 0.0)
    assert found.reason is not None
    assert found.reason.code == "place_spread_not_estimable"
    assert found.reason.values == {"places": 3, "needed": 8}


def test_factor_of_winsorising_is_what_simulation_gives() -> None:
    drawn = np.random.default_rng(9).standard_normal(400_000)
    low, high = np.quantile(drawn, [0.1, 0.9])
    assert pytest.approx(float((np.clip(drawn, low, high) ** 2).mean()), abs=5e-3) == places._WINSORISED_SQUARE


def test_place_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadValue):
        Place(code="A", name="A", events=-1, inhabitants=10)
    with pytest.raises(BadValue):
        Place(code="A", name="A", events=1, inhabitants=float("nan"))
    twice = [Place(code="A", name="A", events=1, inhabitants=10)] * 2
    with pytest.raises(BadValue, match="A"):
        columns(twice)


def test_unknown_figures_are_left_out_and_counted() -> None:
    found = columns(
        [
            Place(code="A", name="A", events=1, inhabitants=10),
            Place(code="B", name="B", events=None, inhabitants=10),
            Place(code="C", name="C", events=1, inhabitants=None),
            Place(code="D", name="D", events=0, inhabitants=0),
        ]
    )
    assert found.left_out == ("B", "C", "D")
    assert found.total_inhabitants == 10
    assert found.reasons()[0].values == {"left_out": 3, "places": 1}


def test_own_place_is_taken_out_of_a_total() -> None:
    country = Place(code="NL", name="NL", events=100, inhabitants=1000)
    own = Place(code="A", name="A", events=30, inhabitants=200)
    rest = without(country, own)
    assert (rest.events, rest.inhabitants) == (70, 800)
    assert not without(country, Place(code="B", name="B", events=None, inhabitants=5)).usable
    with pytest.raises(BadValue, match="B"):
        without(country, Place(code="B", name="B", events=101, inhabitants=5))
