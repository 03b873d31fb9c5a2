"""What was released before is known: a later release isolates nobody with it, or is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from koersvast.engine.disclosure import LinkedTable, Protected, ReleaseRefused, Rules, Said, attack, protect
from koersvast.engine.disclosure_audit import Figure, beyond_catalogue
from koersvast.engine.disclosure_history import said
from tests.unit.engine.towns import one_table, town, widths

COUNTS = [[60, 3, 57], [140, 87, 53], [100, 40, 60]]


def test_release_when_stored_and_read_is_the_same_and_holds_nothing_hidden() -> None:
    tables = town(1)
    protected = protect(tables)
    for kept, table, cover in zip(said(tables, protected), tables, protected, strict=True):
        assert Said.from_json(json.loads(json.dumps(kept.as_json()))) == kept
        empty = [[count is None for count in row] for row in kept.counts]
        assert np.array_equal(empty, cover.hidden)
        assert min(count for row in kept.counts for count in row if count is not None) >= 10
        assert [size is None for size in kept.respondents] == cover.hidden_columns.tolist()
        assert kept.rows == table.rows


def test_same_file_when_released_again_shows_and_hides_the_same() -> None:
    tables = town(1)
    first = protect(tables)
    again = protect(tables, released_before=said(tables, first))
    assert all(one.same_as(other) for one, other in zip(first, again, strict=True))


def test_secondary_cell_shown_before_is_not_used_to_protect() -> None:
    table = one_table(COUNTS)
    [first] = protect([table])
    partner = int(np.flatnonzero(first.hidden[1:, 1])[0]) + 1
    other = 3 - partner
    counts = tuple(tuple(None if (r, c) != (other, 1) else COUNTS[r][c] for c in range(3)) for r in range(3))
    before = Said(code="question", rows=table.rows, columns=table.columns, respondents=(300, 130, 170), counts=counts)
    [later] = protect([table], released_before=[before])
    assert not later.hidden[other, 1]
    partner_shown = Said(
        code="question",
        rows=table.rows,
        columns=table.columns,
        respondents=(300, 130, 170),
        counts=tuple(tuple(COUNTS[r][c] if (r, c) == (partner, 1) else None for c in range(3)) for r in range(3)),
    )
    [moved] = protect([table], released_before=[partner_shown])
    assert not moved.hidden[partner, 1]
    assert moved.hidden[other, 1]
    assert widths([table], [moved]).min() >= 10


def test_two_releases_with_other_patterns_together_give_nothing_away() -> None:
    for seed in range(4):
        tables = town(seed)
        early = [_only_first_background(table) for table in tables]
        before = said(early, protect(early))
        later = protect(tables, released_before=before)
        both = [_shown_in_either(cover, kept) for cover, kept in zip(later, before, strict=True)]
        assert widths(tables, both).min(initial=np.inf) >= 10 - 1e-6


def _only_first_background(table: LinkedTable) -> LinkedTable:
    stop = table.spans[0].stop
    return replace(table, counts=table.counts[:, :stop], respondents=table.respondents[:stop], spans=table.spans[:1])


def _shown_in_either(cover: Protected, kept: Said) -> Protected:
    hidden, columns = cover.hidden.copy(), cover.hidden_columns.copy()
    for row, counts in enumerate(kept.counts):
        for column, count in enumerate(counts):
            hidden[row, column] &= count is None
    for column, size in enumerate(kept.respondents):
        columns[column] &= size is None
    return replace(cover, hidden=hidden, hidden_columns=columns)


def test_corrected_file_with_three_respondents_fewer_is_refused() -> None:
    table = one_table([[100, 50, 50], [100, 50, 50]])
    before = said([table], protect([table]))
    corrected = one_table([[98, 48, 50], [99, 49, 50]])
    with pytest.raises(ReleaseRefused) as refused:
        protect([corrected], released_before=before)
    [reason] = refused.value.reasons
    assert reason.code == "differs_by_few"
    assert reason.values == {"table": "question", "group": "0", "fewer_than": 10}


def test_corrected_answers_of_few_are_hidden_with_what_gives_them_away() -> None:
    table = one_table([[120, 60, 60], [120, 60, 60], [90, 50, 40]])
    before = said([table], protect([table]))
    corrected = one_table([[120, 64, 56], [120, 56, 64], [90, 50, 40]])
    [cover] = protect([corrected], released_before=before)
    assert cover.hidden[:2, 1:].all()
    assert not cover.hidden[2].any()
    assert widths([corrected], [cover]).min() >= 10


def test_stricter_rules_after_a_small_group_was_shown_are_refused() -> None:
    table = one_table([[100, 50, 50], [100, 50, 50], [40, 12, 28]])
    before = said([table], protect([table]))
    with pytest.raises(ReleaseRefused, match="shown_before"):
        protect([table], Rules(smallest_group=15), released_before=before)


def test_group_that_left_the_catalogue_is_refused() -> None:
    wide = one_table([[100, 50, 50], [100, 50, 50]], column_codes=("all", "young", "old"))
    recut = one_table([[100, 55, 45], [100, 55, 45]], column_codes=("all", "18-34", "old"))
    with pytest.raises(ReleaseRefused, match="groups_left_out"):
        protect([recut], released_before=said([wide], protect([wide])))


def test_region_that_tells_the_own_total_makes_a_rare_answer_refused() -> None:
    # The region has 500 and 9; the other municipalities publish 380 and 5 of these.
    table = one_table([[120, 60, 60], [4, 2, 2]])
    region = Said(code="question", rows=("0", "1"), columns=("0",), respondents=(124,), counts=((500 - 380,), (9 - 5,)))
    with pytest.raises(ReleaseRefused, match="shown_before"):
        protect([table], released_before=[region])


def test_figures_of_other_channels_are_cells_of_the_catalogue_that_are_shown() -> None:
    table = one_table(COUNTS, column_codes=("all", "north", "south"), row_codes=("much", "little", "none"))
    [cover] = protect([table])
    figures = [
        Figure(table="question", column="all", row="much"),
        Figure(table="question", column="north", row="much"),
        Figure(table="question", column="north and south", row="much"),
        Figure(table="question", column="all", row=None),
    ]
    found = beyond_catalogue(figures, [table], [cover])
    assert [(reason.code, reason.values["column"]) for reason in found] == [
        ("hidden_in_catalogue", "north"),
        ("not_in_catalogue", "north and south"),
        ("not_in_catalogue", "all"),
    ]


def test_attack_on_tables_without_their_covers_is_refused() -> None:
    table = one_table(COUNTS)
    with pytest.raises(ValueError, match="not as many tables"):
        attack([table, replace(table, code="other")], protect([table]))
