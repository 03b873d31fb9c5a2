"""Peers: the nearest by stated criteria, whatever their units or order, with what was left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.peers import Criterion, PeerGroup, Profile, Scale, choose_peers
from koersvast.engine.quantities import BadValue

SIZE = Criterion(name="inhabitants", scale=Scale.LOG)
YOUNG = Criterion(name="young", weight=0.5)


def profile(code: str, inhabitants: float | None, young: float | None = 10.0) -> Profile:
    return Profile(code=code, name=code, values={"inhabitants": inhabitants, "young": young})


OWN = profile("OWN", 28_000, 10)
OTHERS = [profile(f"P{i:02}", 5_000 * 1.2**i, 6 + i % 7) for i in range(24)]


def codes(group: PeerGroup) -> list[str]:
    return [peer.code for peer in group.peers]


def test_twin_comes_first_at_no_distance_and_peers_go_by_distance() -> None:
    found = choose_peers(OWN, [*OTHERS, profile("TWIN", 28_000, 10)], [SIZE, YOUNG], count=5)
    assert found.peers[0].code == "TWIN"
    assert found.peers[0].distance == 0
    distances = [peer.distance for peer in found.peers]
    assert distances == sorted(distances)
    assert found.next_distance is not None
    assert found.next_distance >= distances[-1]
    assert found.considered == 25


@settings(max_examples=30)
@given(unit=st.floats(0.01, 100), data=st.data())
def test_units_and_order_do_not_matter(unit: float, data: st.DataObject) -> None:
    plain = choose_peers(OWN, OTHERS, [SIZE, YOUNG])
    turned = data.draw(st.permutations(OTHERS))
    again = choose_peers(
        profile("OWN", 28_000 * unit, 10 * unit),
        [profile(p.code, (p.values["inhabitants"] or 0) * unit, (p.values["young"] or 0) * unit) for p in turned],
        [SIZE, YOUNG],
    )
    assert [peer.distance for peer in again.peers] == pytest.approx([peer.distance for peer in plain.peers])


def test_half_and_double_the_size_are_equally_far() -> None:
    found = choose_peers(OWN, [profile("HALF", 14_000), profile("DOUBLE", 56_000)], [SIZE])
    first, second = found.peers
    assert first.distance == pytest.approx(second.distance)
    assert first.apart["inhabitants"] == pytest.approx(-second.apart["inhabitants"])
    assert codes(found) == ["DOUBLE", "HALF"]


def test_heavier_criterion_decides() -> None:
    others = [profile("SIZE", 28_500, 16), profile("YOUNG", 60_000, 10.1), profile("NEITHER", 45_000, 13)]
    by_size = choose_peers(OWN, others, [SIZE, Criterion(name="young", weight=0.01)], count=1)
    by_young = choose_peers(OWN, others, [Criterion(name="inhabitants", weight=0.01, scale=Scale.LOG), YOUNG], count=1)
    assert (codes(by_size), codes(by_young)) == (["SIZE"], ["YOUNG"])


def test_own_place_is_never_its_own_peer() -> None:
    assert "OWN" not in codes(choose_peers(OWN, [OWN, *OTHERS], [SIZE], count=99))


def test_criterion_unknown_for_own_is_left_out_and_said() -> None:
    found = choose_peers(profile("OWN", 28_000, None), OTHERS, [SIZE, YOUNG])
    assert [criterion.name for criterion in found.criteria] == ["inhabitants"]
    assert [(reason.code, reason.values["criterion"]) for reason in found.reasons if "criterion" in reason.values] == [
        ("criterion_unknown_for_own", "young")
    ]


def test_candidate_with_an_unknown_criterion_is_left_out_by_name() -> None:
    found = choose_peers(OWN, [*OTHERS, profile("GAP", 28_000, None), profile("NOUGHT", 0)], [SIZE, YOUNG])
    assert found.left_out == ("GAP", "NOUGHT")
    assert "candidates_left_out" in [reason.code for reason in found.reasons]


def test_criterion_hardly_known_or_the_same_everywhere_is_not_used() -> None:
    hardly = [profile(f"H{i}", 1000.0 + i, 10.0 + i if i < 3 else None) for i in range(10)]
    found = choose_peers(OWN, hardly, [SIZE, YOUNG])
    assert found.reasons[0].code == "criterion_hardly_known"
    assert found.reasons[0].values == {"criterion": "young", "known": 3, "places": 10}
    assert found.considered == 10
    same = choose_peers(OWN, [profile("A", 9_000), profile("B", 12_000)], [SIZE, YOUNG])
    assert "criterion_same_everywhere" in [reason.code for reason in same.reasons]


def test_no_usable_criterion_gives_no_peers() -> None:
    found = choose_peers(profile("OWN", None, None), OTHERS, [SIZE, YOUNG])
    assert found.peers == ()
    assert found.reasons[0].code == "no_criteria_left"
    assert choose_peers(OWN, [], [SIZE]).peers == ()


def test_far_and_few_peers_are_remarked_upon() -> None:
    found = choose_peers(OWN, [profile("A", 900_000, 20), profile("B", 800_000, 19)], [SIZE, YOUNG])
    assert {"peers_far_away", "fewer_peers_than_asked"} <= {reason.code for reason in found.reasons}


def test_weight_must_be_positive() -> None:
    with pytest.raises(BadValue):
        Criterion(name="inhabitants", weight=0)
