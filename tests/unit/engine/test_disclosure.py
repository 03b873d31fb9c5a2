"""Hidden counts cannot be computed back, in small tables that can be checked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from koersvast.engine.disclosure import LinkedTable, Partition, Rules, Why, attack, nested_columns, protect
from koersvast.engine.disclosure_tables import Ints
from koersvast.engine.quantities import BadValue
from tests.unit.engine.towns import nothing_hidden_but, one_table, widths


def test_threshold_when_set_under_the_default_is_refused() -> None:
    with pytest.raises(BadValue, match="smallest_group of 9"):
        Rules(smallest_group=9)
    with pytest.raises(BadValue, match="smallest_base of 29"):
        Rules(smallest_base=29)
    assert Rules(smallest_base=50, smallest_group=20).width == 20


def test_table_when_nothing_is_small_shows_everything() -> None:
    [cover] = protect([one_table([[120, 60, 60], [130, 70, 60]])])
    assert not cover.hidden.any()
    assert not cover.hidden_columns.any()


def test_answer_of_three_hides_a_rectangle_around_it() -> None:
    table = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])
    [cover] = protect([table])
    assert cover.hidden[0, 1]
    assert cover.why[0, 1] == Why.SMALL_GROUP
    assert cover.hidden.sum() == 4
    assert widths([table], [cover]).min() >= 10


def test_answer_of_three_alone_hidden_is_found_back() -> None:
    table = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])
    [known] = attack([table], [nothing_hidden_but(table, table.printed < 10)])
    assert (known.low[0, 1], known.high[0, 1]) == (3, 3)


def test_small_group_takes_another_group_with_it() -> None:
    table = one_table([[60, 12, 20, 28], [60, 11, 20, 29]])
    [cover] = protect([table])
    assert cover.hidden_columns.tolist() == [False, True, True, False]
    assert (cover.why[:, 1] == Why.SMALL_BASE).all()
    [known] = attack([table], [cover])
    assert (known.base_low[1], known.base_high[1]) == (0, 63)


def test_two_small_answers_in_one_line_are_not_enough_for_each_other() -> None:
    # 1 and 2 hidden in one column would tell that three people gave one of the two answers.
    table = one_table([[70, 1, 69], [80, 2, 78], [150, 97, 53]])
    [known] = attack([table], [nothing_hidden_but(table, table.printed < 10)])
    assert known.high[0, 1] == known.low[0, 1] == 1
    [cover] = protect([table])
    assert widths([table], [cover]).min() >= 10


def test_two_single_respondents_that_could_see_each_other_are_hidden_with_more() -> None:
    # Whoever is the one in a cell knows the other one, when only these two are hidden in every line.
    table = one_table([[52, 1, 1, 50], [52, 1, 1, 50], [196, 78, 68, 50]])
    singles = table.printed == 1
    [known] = attack([table], [nothing_hidden_but(table, singles)])
    assert known.width[singles].max() <= 2
    [cover] = protect([table])
    assert (cover.hidden & ~singles).sum() >= 2
    assert widths([table], [cover]).min() >= 10


def test_interval_of_a_hidden_answer_is_as_wide_as_the_threshold_that_is_asked_for() -> None:
    table = one_table([[200, 8, 95, 97], [400, 120, 140, 140], [300, 72, 115, 113]])
    for smallest in (10, 15, 40):
        [cover] = protect([table], Rules(smallest_group=smallest, smallest_base=40))
        assert widths([table], [cover]).min() >= smallest


def test_nobody_of_a_sensitive_question_is_hidden_and_of_another_shown() -> None:
    counts = [[60, 0, 60], [140, 80, 60]]
    [sensitive] = protect([one_table(counts)])
    [plain] = protect([one_table(counts, sensitive=False)])
    [strict] = protect([one_table(counts, sensitive=False)], Rules(hide_zeros_everywhere=True))
    assert sensitive.hidden[:, 1].all()
    assert strict.same_as(sensitive)
    assert not plain.hidden.any()


def test_answer_of_nearly_everybody_is_hidden_when_answers_stand_on_their_own() -> None:
    counts = np.array([[195, 97, 98], [100, 50, 50]])
    table = LinkedTable(
        code="several", counts=counts, respondents=np.array([200, 100, 100]), spans=(slice(1, 3),), exclusive=False
    )
    [cover] = protect([table])
    assert cover.hidden.tolist() == [[True, True, True], [False, False, False]]


def test_five_of_unknown_age_make_the_smallest_age_group_hide_with_them() -> None:
    counts = [[100, 40, 57], [100, 45, 53]]
    [cover] = protect([one_table(counts, respondents=np.array([200, 85, 110]))])
    assert cover.hidden_columns.tolist() == [False, True, False]
    [shown] = protect([one_table(counts, respondents=np.array([200, 85, 110]), unknown_is_group=False)])
    assert not shown.hidden_columns.any()


def test_buurten_within_their_wijk_are_found_from_the_respondents() -> None:
    wijk, buurt = np.array([0, 0, 0, 1, 1, -1]), np.array([0, 0, 1, 2, 2, 3])
    found = nested_columns([wijk, buurt], [slice(1, 3), slice(3, 7)])
    assert Partition(parent=1, parts=(3, 4)) in found
    assert Partition(parent=2, parts=(5,)) in found
    assert not any(6 in partition.parts for partition in found)


def test_small_buurt_is_hidden_with_another_of_its_own_wijk() -> None:
    sizes = np.array([600, 300, 300, 12, 140, 148, 60, 240])
    nested = (Partition(parent=1, parts=(3, 4, 5)), Partition(parent=2, parts=(6, 7)))
    counts = np.vstack([sizes // 2, sizes - sizes // 2])
    table = LinkedTable(
        code="wijken", counts=counts, respondents=sizes, spans=(slice(1, 3), slice(3, 8)), nested=nested
    )
    [cover] = protect([table])
    assert np.flatnonzero(cover.hidden_columns).tolist() == [3, 4]


def test_questions_with_item_non_response_hide_the_same_groups_or_one_within_the_other() -> None:
    full = one_table([[100, 16, 22, 30, 32], [100, 17, 21, 30, 32]])
    partly = one_table([[90, 14, 20, 28, 28], [86, 15, 9, 30, 32]], code="partly")
    first, second = protect([full, partly])
    assert set(np.flatnonzero(first.hidden_columns)) <= set(np.flatnonzero(second.hidden_columns))


def test_base_of_a_further_question_does_not_tell_a_hidden_answer() -> None:
    parent = one_table([[130, 4, 60, 66], [190, 86, 50, 54]], code="noticed")
    asked = parent.counts[0]
    child = LinkedTable(
        code="reported",
        counts=np.vstack([asked // 2, asked - asked // 2]),
        respondents=asked,
        spans=parent.spans,
        base="noticed",
        asked_of=("noticed", (0,)),
    )
    both = protect([parent, child])
    assert both[1].hidden_columns[both[0].hidden[0]].all()
    assert widths([parent, child], both).min() >= 10


def test_mean_beside_its_shares_does_not_tell_what_is_hidden() -> None:
    counts = [[130, 3, 60, 67], [150, 27, 60, 63], [240, 70, 80, 90]]
    with_mean, without = one_table(counts, scores=(1.0, 5.0, 9.0)), one_table(counts)
    [cover], [bare] = protect([with_mean]), protect([without])
    assert widths([with_mean], [cover]).min() >= 10
    careless = replace(bare, hidden_means=np.zeros(4, dtype=np.bool_))
    assert widths([with_mean], [careless]).min() < 10


def test_weighted_base_that_two_respondents_make_up_is_hidden() -> None:
    table = one_table([[100, 50, 50], [100, 50, 50]], share_of_two=np.array([0.1, 0.95, 0.2]))
    [cover] = protect([table])
    assert cover.hidden_columns.tolist() == [False, True, True]


def test_question_with_only_a_mean_hides_small_groups() -> None:
    sizes = np.array([200, 12, 88, 100])
    table = LinkedTable(code="mark", counts=np.zeros((0, 4), dtype=np.int64), respondents=sizes, spans=(slice(1, 4),))
    [cover] = protect([table])
    assert cover.hidden_means.tolist() == [False, True, True, False]


def test_table_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadValue, match="do not add up"):
        one_table([[60, 3, 57], [140, 87, 53]], respondents=np.array([201, 90, 110]))
    with pytest.raises(BadValue, match="Two tables"):
        protect([one_table([[60, 30, 30]]), one_table([[60, 30, 30]])])


def test_survey_of_too_few_hides_everything() -> None:
    [cover] = protect([one_table([[12, 6, 6], [14, 7, 7]])])
    assert cover.hidden.all()
    assert cover.hidden_columns.all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    hnp.arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(2, 6)), elements=st.integers(0, 120)),
    st.booleans(),
)
def test_any_table_when_protected_gives_nothing_small_away(groups: Ints, sensitive: bool) -> None:
    counts = np.column_stack([groups.sum(axis=1), groups])
    table = one_table(counts.tolist(), sensitive=sensitive)
    [cover] = protect([table])
    shown = ~cover.hidden
    least = 0 if sensitive else 1
    assert not (shown & (table.printed >= least) & (table.printed < 10)).any()
    assert not (~cover.hidden_columns & (table.respondents < 30)).any()
    assert widths([table], [cover]).min(initial=np.inf) >= 10 - 1e-6
