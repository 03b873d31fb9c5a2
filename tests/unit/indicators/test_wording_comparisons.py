"""Comparisons in words: every reason and every verdict is a whole sentence, in both languages, that claims no cause."""

import pytest
from django.utils import translation

from koersvast.engine.benchmark import PlaceVerdict, compare_with, rank_interval
from koersvast.engine.periods import Period
from koersvast.engine.places import Place
from koersvast.engine.quantities import Direction, Reading, Reason, Unit
from koersvast.engine.regional import RegionTrend, against_region
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
    assert f"nummer {rank.low} tot en met {rank.high}" in said


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


def region(own: tuple[int, int], others: tuple[int, int]) -> RegionTrend:
    def series(counted: tuple[int, int]) -> list[Reading]:
        return [Reading(period=Period.of_year(2020 + 5 * i), value=x, unit=Unit.COUNT) for i, x in enumerate(counted)]

    return against_region(
        series(own),
        series(others),
        own_in_region=False,
        earlier=Period.of_year(2020),
        later=Period.of_year(2025),
    )


@pytest.mark.parametrize(
    ("own", "direction", "dutch", "english"),
    [
        ((200, 60), Direction.LOWER_IS_BETTER, "Hier deed het beter", "did better"),
        ((200, 60), Direction.HIGHER_IS_BETTER, "Hier bleef achter", "stayed behind"),
        ((60, 200), Direction.LOWER_IS_BETTER, "Hier bleef achter", "stayed behind"),
        ((60, 200), Direction.HIGHER_IS_BETTER, "Hier deed het beter", "did better"),
    ],
)
def test_better_than_elsewhere_depends_on_which_way_is_better(
    own: tuple[int, int], direction: Direction, dutch: str, english: str
) -> None:
    trend = region(own, (2000, 2000))
    for language, words, cause in (("nl", dutch, "waardoor"), ("en", english, "caused")):
        with translation.override(language):
            said = comparisons.region_sentence(trend, direction=direction, area="Hier", group="elders")
        assert words in said
        assert cause in said


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ((100, 90), "niet aantoonbaar"),
        ((0, 30), "van nul naar 30 gestegen"),
        ((0, 3), "te weinig"),
        ((0, 0), "gelijk"),
    ],
)
def test_change_without_a_difference_or_from_nought_is_said_without_a_ratio(own: tuple[int, int], words: str) -> None:
    with translation.override("nl"):
        said = comparisons.region_sentence(
            region(own, (2000, 1800)), direction=Direction.LOWER_IS_BETTER, area="Hier", group="elders"
        )
    assert words in said
    assert not {"inf", "nan", "∞"} & set(said.split())
    assert "beter" not in said
