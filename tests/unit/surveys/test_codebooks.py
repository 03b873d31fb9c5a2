"""What is suggested of a file, and what becomes of it in the next one."""

from dataclasses import replace

import pytest

from koersvast.surveys.codebook import (
    BadEntry,
    Cut,
    Entry,
    Kind,
    Registered,
    Role,
    Told,
    differences,
    entry_from_dict,
    measure_differences,
    suggest,
)
from tests.unit.surveys.conftest import answers


@pytest.fixture(scope="module")
def suggested() -> dict[str, Entry]:
    return {one.entry.code: one.entry for one in suggest(answers())}


def test_roles_are_read_from_names_and_labels(suggested: dict[str, Entry]) -> None:
    assert suggested["kern"].role is suggested["geslacht"].role is Role.BACKGROUND
    assert suggested["herkomst"].role is Role.FRAME
    assert {cut.code: cut.answers for cut in suggested["herkomst"].cuts} == {"sample": (1.0,), "panel": (2.0,)}


def test_two_steps_of_nuisance_are_different_measures(suggested: dict[str, Entry]) -> None:
    assert [cut.code for cut in suggested["hard"].cuts] == ["komt_voor"]
    assert {cut.code: set(cut.answers) for cut in suggested["hard_mate"].cuts} == {
        "veel": {1.0},
        "beetje_tot_veel": {1.0, 2.0},
    }


def test_question_that_only_some_were_asked_has_its_base_suggested_and_is_not_sure() -> None:
    one = next(one for one in suggest(answers()) if one.entry.code == "hard_mate")
    assert one.entry.base is not None
    assert (one.entry.base.variable, one.entry.base.answers, one.entry.base.others_count) == ("hard", (1.0,), True)
    assert not one.is_sure


def test_score_of_cohesion_turns_the_positive_statements_of_a_scale_that_begins_with_agreement(
    suggested: dict[str, Entry],
) -> None:
    made = suggested["sociale_cohesie"].composition
    assert made is not None
    assert made.items == ("s_1", "s_2", "s_3")
    # 1 is "helemaal mee eens": with a good statement that is the high end, with "nauwelijks" the low one.
    assert made.reversed_items == ("s_2", "s_3")


def test_answer_that_says_nothing_is_missing(suggested: dict[str, Entry]) -> None:
    assert [answer.code for answer in suggested["s_1"].answers if answer.is_missing] == [9.0]


def test_mark_without_labels_is_a_mark(suggested: dict[str, Entry]) -> None:
    assert suggested["cijfer"].kind is Kind.MARK


def test_entry_survives_json(suggested: dict[str, Entry]) -> None:
    assert all(entry_from_dict(entry.as_dict()) == entry for entry in suggested.values())


def test_cut_of_an_answer_that_is_not_listed_is_refused(suggested: dict[str, Entry]) -> None:
    with pytest.raises(BadEntry, match="cut_counts_unknown_answer"):
        replace(suggested["hard"], cuts=(Cut(code="x", text_nl="x", answers=(5.0,)),))


def test_same_question_next_time_is_carried_and_sure(suggested: dict[str, Entry]) -> None:
    carried = suggest(answers(seed=2), tuple(suggested.values()), earlier_period="2017")
    assert all(one.is_sure and one.carried_from == "2017" for one in carried if one.entry.role is Role.QUESTION)


def test_reworded_question_next_time_is_shown_and_not_sure(suggested: dict[str, Entry]) -> None:
    changed = answers(seed=2, speeding_text="Hoe vaak wordt er bij u te hard gereden?")
    one = next(one for one in suggest(changed, tuple(suggested.values())) if one.entry.code == "hard")
    assert [why.code for why in one.changed] == ["text_changed"]
    assert not one.is_sure
    assert [cut.code for cut in one.entry.cuts] == ["komt_voor"]  # what a person decided stays


def test_measure_of_other_answers_is_another_measure(suggested: dict[str, Entry]) -> None:
    much = replace(suggested["hard_mate"].cuts[0], code="beetje_tot_veel")
    other = replace(suggested["hard_mate"], cuts=(much,))
    assert [why.code for why in measure_differences(suggested["hard_mate"], other, "beetje_tot_veel")] == [
        "answers_differ"
    ]
    assert measure_differences(suggested["hard_mate"], suggested["hard_mate"], "veel") == ()


def test_definition_for_another_population_differs(suggested: dict[str, Entry]) -> None:
    registered = Registered(
        question=suggested["hard"].text_nl,
        answers_counted="komt wel eens voor",
        told=Told(population="inwoners van 15 jaar en ouder"),
    )
    found = differences(suggested["hard"], "komt_voor", Told(age_from=18), registered)
    assert [(why.code, dict(why.values)) for why in found] == [("population_differs", {"before": "15+", "now": "18+"})]
