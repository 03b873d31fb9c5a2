"""Hidden counts cannot be computed back, in small tables that can be checked by hand."""

import pytest

from koersvast.engine.disclosure import Rules, Why, attack, protect
from koersvast.engine.quantities import BadValue
from tests.unit.engine.towns import nothing_hidden_but, one_table, widths


def test_threshold_when_set_under_the_default_is_refused():
    with pytest.raises(BadValue, match="smallest_group of 9"):
        Rules(smallest_group=9)
    with pytest.raises(BadValue, match="smallest_base of 29"):
        Rules(smallest_base=29)
    assert Rules(smallest_base=50, smallest_group=20).width == 20


def test_table_when_nothing_is_small_shows_everything():
    [cover] = protect([one_table([[120, 60, 60], [130, 70, 60]])])
    assert not cover.hidden.any()
    assert not cover.hidden_columns.any()


def test_answer_of_three_hides_a_rectangle_around_it():
    table = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])
    [cover] = protect([table])
    assert cover.hidden[0, 1]
    assert cover.why[0, 1] == Why.SMALL_GROUP
    assert cover.hidden.sum() == 4
    assert widths([table], [cover]).min() >= 10


def test_answer_of_three_alone_hidden_is_found_back():
    table = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])
    [known] = attack([table], [nothing_hidden_but(table, table.printed < 10)])
    assert (known.low[0, 1], known.high[0, 1]) == (3, 3)


def test_small_group_takes_another_group_with_it():
    table = one_table([[60, 12, 20, 28], [60, 11, 20, 29]])
    [cover] = protect([table])
    assert cover.hidden_columns.tolist() == [False, True, True, False]
    assert (cover.why[:, 1] == Why.SMALL_BASE).all()
    [known] = attack([table], [cover])
    assert (known.base_low[1], known.base_high[1]) == (0, 63)
