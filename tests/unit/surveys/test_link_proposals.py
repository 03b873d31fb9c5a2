"""A measure is proposed for an indicator: that of the wave before, else the one in like words, else none."""

from hypothesis import given
from hypothesis import strategies as st

from koersvast.surveys.codebook import MEAN, Answer, Cut, Entry, Kind, Role
from koersvast.surveys.linking import LEAST_LIKENESS, Ground, likeness, measure_key, propose, words_of

MEASURES = {
    "hardrijden/veel": "Ervaart u overlast van te hard rijden? Veel overlast",
    "hardrijden/veel_beetje": "Ervaart u overlast van te hard rijden? Een beetje tot veel overlast",
    "onveilig/vaak": "Voelt u zich wel eens onveilig in uw buurt? Vaak",
}
texts = st.text(st.sampled_from("abcdefg éü?"), max_size=60)


def test_measure_in_like_words_is_proposed() -> None:
    found = propose("Onveilig in de buurt: voelt u zich wel eens onveilig? vaak", MEASURES)
    assert found is not None
    assert (found.measure, found.ground) == ("onveilig/vaak", Ground.WORDS)


def test_measure_of_the_wave_before_goes_first_while_it_is_there() -> None:
    found = propose("Voelt u zich wel eens onveilig in uw buurt? Vaak", MEASURES, before="hardrijden/veel")
    assert found is not None
    assert (found.measure, found.ground) == ("hardrijden/veel", Ground.WAVE_BEFORE)
    gone = propose("Voelt u zich wel eens onveilig in uw buurt? Vaak", MEASURES, before="gone/veel")
    assert gone is not None
    assert gone.ground is Ground.WORDS


def test_nothing_is_proposed_where_no_words_are_shared() -> None:
    assert propose("Woninginbraken per duizend huizen", MEASURES) is None
    assert propose("", {}) is None


@given(one=texts, other=texts)
def test_likeness_is_a_share_that_goes_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


@given(said=texts, measures=st.dictionaries(texts, texts, max_size=5))
def test_proposal_is_one_of_the_measures_and_no_other_is_more_alike(said: str, measures: dict[str, str]) -> None:
    found = propose(said, measures)
    scores = {key: likeness(said, text) for key, text in measures.items()}
    if found is None:
        assert all(score < LEAST_LIKENESS for score in scores.values())
    else:
        assert scores[found.measure] == max(scores.values()) >= LEAST_LIKENESS


def test_words_of_a_measure_are_its_question_and_what_is_counted() -> None:
    cut = Cut(code="veel", text_nl="Veel", answers=(1,))
    answers = (Answer(code=1, text_nl="Veel"), Answer(code=2, text_nl="Geen"))
    entry = Entry(code="v", variables=("v",), role=Role.QUESTION, text_nl="Overlast?", answers=answers, cuts=(cut,))
    assert words_of(entry, "veel") == "Overlast? Veel"
    mark = Entry(code="m", variables=("m",), role=Role.QUESTION, kind=Kind.MARK, text_nl="Cijfer?")
    assert words_of(mark, MEAN) == "Cijfer? gemiddelde"
    assert measure_key("v", "veel") == "v/veel"
