"""A place beside others: comparison, funnel and rank, each held against another way of reaching it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from koersvast.engine import benchmark, counts
from koersvast.engine.benchmark import PlaceVerdict, compare_with, funnel, is_adverse, rank_interval
from koersvast.engine.dispersion import Dispersion, DispersionBasis
from koersvast.engine.places import Overdispersion, Place, PlaceSpread, place_spread
from koersvast.engine.quantities import Direction

OWN = Place(code="OWN", name="Own", events=40, inhabitants=28_000)


def some(number: int, *, tau: float = 0.3, seed: int = 1, rate: float = 0.002) -> list[Place]:
    random = np.random.default_rng(seed)
    inhabitants = random.lognormal(10, 1, number)
    levels = random.gamma(tau**-2, tau**2, number) if tau else np.ones(number)
    counted = random.poisson(inhabitants * rate * levels)
    return [
        Place(code=f"P{i:04}", name=f"Place {i}", events=float(x), inhabitants=float(n))
        for i, (x, n) in enumerate(zip(counted, inhabitants, strict=True))
    ]


@settings(max_examples=60)
@given(events=st.integers(0, 300), others=st.integers(10, 30_000), scale=st.floats(0.01, 100), tau=st.floats(0, 0.8))
def test_ratio_lies_in_its_interval_and_does_not_depend_on_the_unit_of_inhabitants(
    events: int, others: int, scale: float, tau: float
) -> None:
    def compared(unit: float) -> benchmark.PlaceComparison:
        own = Place(code="A", name="A", events=events, inhabitants=28_000 * unit)
        rest = Place(code="B", name="B", events=others, inhabitants=9e6 * unit)
        return compare_with(own, [rest], spread=PlaceSpread(tau=tau, places=300))

    first, second = compared(1), compared(scale)
    assert first.ratio is not None
    assert first.ratio_low is not None
    assert first.ratio_high is not None
    assert first.ratio_low <= first.ratio <= first.ratio_high
    assert (first.ratio_low < 1 < first.ratio_high) == (first.p_value is not None and first.p_value > 0.05)
    assert first.p_value == pytest.approx(second.p_value, rel=1e-6, abs=1e-12)
    assert first.ratio == pytest.approx(second.ratio)


def test_own_place_among_the_others_and_their_order_change_nothing() -> None:
    others = some(60)
    plain = compare_with(OWN, others)
    turned = compare_with(OWN, [*reversed(others), OWN])
    assert (turned.verdict, turned.reasons[0].code) == (plain.verdict, plain.reasons[0].code)
    assert turned.p_value == pytest.approx(plain.p_value, rel=1e-9)
    assert (turned.ratio_low, turned.ratio_high) == pytest.approx((plain.ratio_low, plain.ratio_high), rel=1e-9)
    assert plain.others == 60


def test_differences_between_places_make_a_verdict_slower() -> None:
    alike, differing = some(300, tau=0.0), some(300, tau=0.5)
    expected = sum(p.events or 0 for p in differing) / sum(p.inhabitants or 0 for p in differing) * 28_000
    own = Place(code="OWN", name="Own", events=round(1.5 * expected), inhabitants=28_000)
    assert compare_with(own, alike).verdict is PlaceVerdict.HIGHER
    found = compare_with(own, differing)
    assert found.verdict is PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE
    assert found.chance_p_value is not None
    assert found.chance_p_value < 0.01
    assert {"within_spread_of_places", "places_differ"} <= {reason.code for reason in found.reasons}


def test_places_like_all_others_are_called_different_about_once_in_twenty() -> None:
    places = some(400, tau=0.3, seed=5, rate=0.004)
    verdicts = [compare_with(place, places).verdict for place in places[:250]]
    odd = sum(verdict in {PlaceVerdict.HIGHER, PlaceVerdict.LOWER} for verdict in verdicts)
    assert 0.01 < odd / 250 < 0.1


@pytest.mark.parametrize(
    ("own", "others", "code"),
    [
        (Place(code="A", name="A", events=None, inhabitants=10), some(9), "events_unknown"),
        (Place(code="A", name="A", events=1, inhabitants=None), some(9), "inhabitants_unknown"),
        (Place(code="A", name="A", events=0, inhabitants=0), some(9), "no_inhabitants"),
        (OWN, [], "no_other_places"),
        (OWN, [Place(code="B", name="B", events=9, inhabitants=1e6)], "too_few_events_elsewhere"),
        (Place(code="A", name="A", events=1, inhabitants=900), some(9, tau=0.0), "too_few_events_expected"),
    ],
)
def test_nothing_can_be_said_and_the_reason_is_given(own: Place, others: list[Place], code: str) -> None:
    found = compare_with(own, others)
    assert found.verdict is PlaceVerdict.CANNOT_SAY
    assert found.reasons[0].code == code


def test_single_total_without_a_spread_says_that_only_chance_is_counted() -> None:
    found = compare_with(OWN, [Place(code="NL", name="NL", events=32_000, inhabitants=17e6)])
    assert [reason.code for reason in found.reasons] == ["place_spread_not_estimable"]
    assert found.p_value == found.chance_p_value


def test_adverse_is_the_wrong_side_for_the_indicator() -> None:
    assert is_adverse(PlaceVerdict.HIGHER, Direction.LOWER_IS_BETTER)
    assert is_adverse(PlaceVerdict.LOWER, Direction.HIGHER_IS_BETTER)
    assert not is_adverse(PlaceVerdict.LOWER, Direction.LOWER_IS_BETTER)
    assert not is_adverse(PlaceVerdict.CANNOT_SAY, Direction.LOWER_IS_BETTER)


# ── Funnel ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", [Overdispersion.NONE, Overdispersion.MULTIPLICATIVE])
def test_limits_are_those_of_a_single_place(way: Overdispersion) -> None:
    found = funnel(some(40), overdispersion=way)
    assert found.centre is not None
    phi = found.spread.phi if way is Overdispersion.MULTIPLICATIVE else 1.0
    for point in found.points:
        for confidence, limits in ((0.95, (point.low_95, point.high_95)), (0.998, (point.low_998, point.high_998))):
            single = counts.funnel_limits(
                found.centre,
                inhabitants=point.inhabitants,
                confidence=confidence,
                dispersion=Dispersion(phi=phi, basis=DispersionBasis.GIVEN),
            )
            assert limits == pytest.approx(single, rel=1e-9)


def test_limits_of_places_that_hardly_differ_are_those_of_chance() -> None:
    expected = np.array([0.3, 2.0, 17.0, 300.0, 5000.0])
    chance = benchmark.count_limits(expected, PlaceSpread(), Overdispersion.NONE)
    mixed = benchmark.count_limits(expected, PlaceSpread(tau=1e-4), Overdispersion.ADDITIVE)
    for first, second in zip(chance, mixed, strict=True):
        assert second == pytest.approx(first, rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("way", [Overdispersion.ADDITIVE, Overdispersion.NONE])
def test_one_place_in_twenty_lies_outside_when_none_is_odd(way: Overdispersion) -> None:
    found = funnel(some(4000, tau=0.3 if way is Overdispersion.ADDITIVE else 0.0, rate=0.005), overdispersion=way)
    outside = np.mean([point.outside_95 != "" for point in found.points])
    far = np.mean([point.outside_998 != "" for point in found.points])
    assert 0.03 < outside < 0.075
    assert far < 0.008


def test_place_is_marked_on_the_side_where_it_lies_beyond_its_limits() -> None:
    found = funnel([*some(50, tau=0.1), Place(code="HIGH", name="High", events=900, inhabitants=20_000)])
    high = found.point("HIGH")
    assert high is not None
    assert (high.outside_95, high.outside_998) == ("higher", "higher")
    assert high.z > 3.09
    for point in found.points:
        assert (point.outside_95 == "higher") == (point.rate > point.high_95)
        assert (point.outside_95 == "lower") == (point.rate < point.low_95)
        if abs(point.z) < 1.7:
            assert point.outside_95 == ""


def test_curve_runs_from_the_smallest_to_the_largest_place_and_closes_in() -> None:
    places = some(80)
    found = funnel(places, curve_points=30)
    sizes = [place.inhabitants or 0 for place in places]
    assert (found.curve[0].inhabitants, found.curve[-1].inhabitants) == pytest.approx((min(sizes), max(sizes)))
    assert len(found.curve) == 30
    widths = [limit.high_95 - limit.low_95 for limit in found.curve]
    assert widths == sorted(widths, reverse=True)
    assert all(limit.low_998 <= limit.low_95 <= limit.high_95 <= limit.high_998 for limit in found.curve)


def test_funnel_without_events_or_without_known_places_gives_reasons() -> None:
    nothing = funnel([Place(code="A", name="A", events=0, inhabitants=10)])
    assert (nothing.centre, nothing.points, nothing.reasons[0].code) == (None, (), "no_events")
    unknown = funnel([Place(code="A", name="A", events=None, inhabitants=10)])
    assert unknown.left_out == ("A",)


# ── Rank ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=15)
@given(first=st.integers(0, 80), second=st.integers(0, 80), size=st.floats(0.3, 3))
def test_chance_of_being_first_of_two_is_what_a_beta_distribution_gives(first: int, second: int, size: float) -> None:
    own = Place(code="A", name="A", events=first, inhabitants=1000)
    other = Place(code="B", name="B", events=second, inhabitants=1000 * size)
    found = rank_interval(own, [other])
    exact = 1 - float(special.betainc(first + 0.5, second + 0.5, 1 / (1 + size)))
    assert found.probability_first == pytest.approx(exact, abs=0.025)
    assert found.probability_last == pytest.approx(1 - exact, abs=0.025)


def test_rank_counts_from_either_end_and_does_not_depend_on_order() -> None:
    places = some(50)
    own = places[7]
    high, low = rank_interval(own, places), rank_interval(own, places[::-1], highest_first=False)
    assert high == rank_interval(own, places[::-1])
    assert high.rank is not None
    assert low.rank is not None
    assert high.low is not None
    assert high.high is not None
    assert high.rank + low.rank == 51
    assert high.low <= high.rank <= high.high
    assert high.low + (low.high or 0) == 51
    by_hand = sorted(places, key=lambda place: -(place.events or 0) / (place.inhabitants or 1)).index(own) + 1
    assert high.rank == by_hand


def test_small_places_have_wide_ranks_and_equal_rates_share_one() -> None:
    places = [Place(code=f"P{i}", name="", events=float(2 + i % 3), inhabitants=1000) for i in range(30)]
    found = rank_interval(places[0], places)
    assert (found.rank, found.shared_with) == (21, 9)
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 20


def test_place_without_a_rate_has_no_rank() -> None:
    found = rank_interval(Place(code="A", name="A", events=None, inhabitants=10), some(9))
    assert (found.rank, found.low, found.places, found.reasons[0].code) == (None, None, 9, "events_unknown")


def test_rank_among_all_neighbourhoods_of_a_country_uses_fewer_draws() -> None:
    found = rank_interval(OWN, some(18_000))
    assert found.draws == 1111
    assert found.low is not None
    assert found.high is not None
    assert found.rank is not None
    assert found.low <= found.rank <= found.high


@pytest.mark.parametrize(("number", "tau"), [(26, 0.3), (340, 0.3)])
def test_interval_of_ranks_holds_the_rank_of_the_level(number: int, tau: float) -> None:
    random, held = np.random.default_rng(3), list[bool]()
    for seed in range(24):
        inhabitants = random.lognormal(7.3, 0.7, number)
        levels = 0.003 * random.gamma(tau**-2, tau**2, number)
        places = [
            Place(code=f"P{i:04}", name="", events=float(x), inhabitants=float(n))
            for i, (x, n) in enumerate(zip(random.poisson(inhabitants * levels), inhabitants, strict=True))
        ]
        found = rank_interval(places[seed % number], places)
        held.append((found.low or 0) <= 1 + int((levels > levels[seed % number]).sum()) <= (found.high or 0))
    assert np.mean(held) >= 0.875


def test_places_that_do_not_differ_could_have_any_rank() -> None:
    found = rank_interval(OWN, [Place(code=f"P{i}", name="", events=40, inhabitants=28_000) for i in range(19)])
    assert (found.rank, found.low, found.high) == (1, 1, 20)


@pytest.mark.parametrize("number", [3, 7, 9, 11])
def test_few_others_that_differ_are_not_taken_for_a_difference(number: int) -> None:
    random, called = np.random.default_rng(8), list[bool]()
    for seed in range(100):
        places = some(30, tau=0.3, seed=int(random.integers(10**9)), rate=0.003)
        group, own = places[1 : number + 1], places[0]
        inhabitants = np.array([place.inhabitants for place in places[1:]])
        events = np.array([place.events for place in places[1:]])
        spread = place_spread(events, inhabitants * events.sum() / inhabitants.sum())
        found = compare_with(own, group, spread_elsewhere=spread)
        called.append(found.verdict in {PlaceVerdict.HIGHER, PlaceVerdict.LOWER})
        if seed == 0:
            codes = {reason.code for reason in found.reasons}
            assert ("spread_borrowed" in codes) == (number < 8)
            assert "place_spread_not_estimable" not in codes
    assert np.mean(called) < 0.1


def test_low_and_high_places_are_called_out_alike() -> None:
    """The variance under the hypothesis is that of the expected count, not of the count that came."""
    places = some(600, tau=0.3, seed=3, rate=0.004)
    verdicts = [compare_with(place, places).verdict for place in places[:300]]
    low, high = (verdicts.count(verdict) for verdict in (PlaceVerdict.LOWER, PlaceVerdict.HIGHER))
    assert abs(low - high) < 12
