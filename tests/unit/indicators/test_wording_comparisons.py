"""Comparisons in words: every reason and every verdict is a whole sentence, in both languages, that claims no cause."""

import pytest
from django.utils import translation

from koersvast.engine.benchmark import PlaceVerdict, compare_with, rank_interval
from koersvast.engine.places import Place
from koersvast.engine.quantities import Direction, Reason
from koersvast.indicators.wording import comparisons

VALUES: dict[str, float | int | str] = {
    "left_out": 2, "places": 12, "expected": 1.4, "needed": 5.0, "events": 3.0, "tau": 0.31, "criterion": "density",
    "known": 3, "found": 4, "asked": 10, "peers": 2, "limit": 1.0, "year": 2019, "edition": 2024,
    "parts": "Haaren, Boxtel", "period": "2019", "inhabitants": 40.0, "ratio": 0.8, "missing": "withheld",
    "p_value": 0.2, "chance_p_value": 0.01, "whose": "own",
}  # fmt: skip


def places(own: float, other: float, *, number: int = 12) -> tuple[Place, list[Place]]:
    here = Place(code="GM1", name="Hier", events=own, inhabitants=25_000)
    return here, [
        Place(code=f"GM{n}", name=f"P{n}", events=other + n % 3, inhabitants=25_000) for n in range(2, number)
    ]


@pytest.mark.parametrize("code", sorted(comparisons._SENTENCES))
def test_reason_of_a_comparison_is_a_whole_sentence_in_each_language(code: str) -> None:
    said = {}
    for language in ("nl", "en"):
        with translation.override(language):
            said[language] = comparisons.place_reason(Reason(code=code, values=VALUES))
        assert said[language].endswith(".")
        assert "{" not in said[language]
    assert said["nl"] != said["en"]
    assert "2.019" not in said["nl"]
    assert "2.024" not in said["nl"]


@pytest.mark.parametrize(
    ("own", "other", "verdict", "words"),
    [
        (20, 80, PlaceVerdict.LOWER, "had in 2023 minder woninginbraken per 1.000 inwoners dan vergelijkbare"),
        (160, 80, PlaceVerdict.HIGHER, "had in 2023 meer woninginbraken per 1.000 inwoners dan vergelijkbare"),
        (80, 80, PlaceVerdict.NO_DEMONSTRABLE_DIFFERENCE, "verschilde Hier niet aantoonbaar van vergelijkbare"),
        (0, 1, PlaceVerdict.CANNOT_SAY, "is voor woninginbraken niet te zeggen"),
    ],
)  # fmt: skip
def test_verdict_is_said_in_plain_dutch(own: float, other: float, verdict: PlaceVerdict, words: str) -> None:
    here, others = places(own, other)
    result = compare_with(here, others)
    assert result.verdict is verdict
    with translation.override("nl"):
        group = comparisons.group_phrase("peers", "")
        said = comparisons.verdict_sentence(result, indicator="Woninginbraken", area="Hier", period="2023", group=group)
    assert words in said
    assert ("meer dan toeval" in said) == (verdict in (PlaceVerdict.LOWER, PlaceVerdict.HIGHER))


def test_tone_follows_which_way_is_better() -> None:
    here, others = places(20, 80)
    lower = compare_with(here, others)
    assert comparisons.better_or_worse(lower, Direction.LOWER_IS_BETTER) == "positive"
    assert comparisons.better_or_worse(lower, Direction.HIGHER_IS_BETTER) == "negative"


def test_rank_is_never_said_without_its_interval() -> None:
    here, others = places(70, 80)
    rank = rank_interval(here, others, highest_first=False)
    with translation.override("nl"):
        said = comparisons.rank_sentence(rank, area="Hier")
    assert f"nummer {rank.rank} van {rank.places}" in said
    assert f"nummer {rank.low} tot {rank.high}" in said


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ("0-5000", "Minder dan 5.000 inwoners"),
        ("20000-50000", "20.000 tot 50.000 inwoners"),
        ("250000-", "Vanaf 250.000 inwoners"),
    ],
)  # fmt: skip
def test_size_class_is_named_by_its_edges(edges: str, said: str) -> None:
    with translation.override("nl"):
        assert comparisons.group_name("size_class", edges) == said


def test_rank_that_chance_does_not_move_is_said_once() -> None:
    here, others = places(900, 80)
    rank = rank_interval(here, others, highest_first=True)
    with translation.override("nl"):
        assert comparisons.rank_sentence(rank, area="Hier").endswith("nummer 1 van 11, ook als toeval meetelt.")
