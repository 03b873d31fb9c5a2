"""Whoever computes with everything that is shown finds nothing small; without each part of the protection they do."""

import os
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from koersvast.engine import cell_suppression, disclosure
from koersvast.engine.disclosure import Protected, attack, protect, weaknesses
from koersvast.engine.disclosure_audit import isolated
from koersvast.engine.disclosure_tables import Flags, LinkedTable
from tests.unit.engine.towns import RESPONDENTS, linked_town, nothing_hidden_but, one_table, town, widths

WIDTH = 10 - 1e-6


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_forty_towns_when_attacked_give_nothing_away(first: int) -> None:
    for seed in range(first, first + 10):
        tables = town(seed, sensitive=seed % 4 > 0)
        protected = protect(tables)
        assert widths(tables, protected).min(initial=np.inf) >= WIDTH


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("KOERSVAST_LONG_RUN"), reason="takes an hour: set KOERSVAST_LONG_RUN")
@pytest.mark.parametrize("first", range(40, 1000, 40))
def test_a_thousand_towns_when_attacked_give_nothing_away(first: int) -> None:
    for seed in range(first, first + 40):
        tables = town(seed, sensitive=seed % 4 > 0)
        assert widths(tables, protect(tables)).min(initial=np.inf) >= WIDTH


@pytest.mark.parametrize("seed", range(4))
def test_wijken_cuts_means_and_further_questions_together_give_nothing_away(seed: int) -> None:
    tables = linked_town(seed)
    protected = protect(tables)
    assert any(cover.hidden.any() for cover in protected)
    assert widths(tables, protected).min() >= WIDTH


@pytest.mark.parametrize("seed", range(2))
def test_release_when_asked_for_weaknesses_has_none_and_names_what_a_careless_one_shows(seed: int) -> None:
    tables = [*linked_town(seed), *town(seed)]
    assert weaknesses(tables, protect(tables)) == ()
    table = tables[0]
    codes = {reason.code for reason in weaknesses([table], [_threshold_only(table)])}
    assert "interval_too_narrow" in codes
    bare = nothing_hidden_but(table, np.zeros_like(table.printed, dtype=np.bool_))
    assert {reason.code for reason in weaknesses([table], [bare])} == {"small_answer_shown", *_small_base(table)}


def _small_base(table: LinkedTable) -> set[str]:
    return {"small_base_shown"} if (table.respondents < 30).any() else set()


def test_unknown_group_that_can_be_computed_is_named() -> None:
    table = one_table([[100, 40, 57], [100, 45, 53]], respondents=np.array([200, 85, 110]))
    bare = nothing_hidden_but(table, np.zeros((2, 3), dtype=np.bool_))
    assert [reason.code for reason in weaknesses([table], [bare])] == ["unknown_group_found"] * 2


def _threshold_only(table: LinkedTable) -> Protected:
    return nothing_hidden_but(table, (table.printed < 10) | (table.respondents < 30))


def test_towns_when_only_small_cells_are_hidden_give_most_of_these_away() -> None:
    tables = [table for seed in range(10) for table in town(seed)]
    found = [attack([table], [_threshold_only(table)])[0] for table in tables]
    hidden = sum(int((table.printed < 10).sum()) for table in tables)
    exact = sum(
        int(((known.width < 0.5) & (table.printed < 10)).sum()) for table, known in zip(tables, found, strict=True)
    )
    assert hidden > 300
    assert exact > hidden / 3


@pytest.mark.parametrize("decimals", [0, 1])
def test_shares_when_rounded_do_not_hide_a_small_answer(decimals: int) -> None:
    table = one_table([[60, 3, 57], [140, 87, 53], [100, 40, 60]])
    [known] = attack([table], [_threshold_only(table)], decimals=decimals)
    assert known.high[0, 1] < 10


def test_towns_without_further_hiding_give_small_answers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_small(system: cell_suppression.System, *, seconds: float) -> cell_suppression.Pattern:
        return cell_suppression.Pattern(hidden=system.must, unsought=np.zeros_like(system.must), safe=True)

    monkeypatch.setattr(disclosure, "suppress", only_small)
    tables = town(1)
    assert widths(tables, protect(tables)).min() < 1


def test_towns_without_the_conditions_of_the_attacker_give_small_answers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_suppression, "_broken_conditions", lambda *_: None)
    tables = [table for seed in range(4) for table in linked_town(seed)[:2]]
    worst = [widths([table], protect([table])).min() for table in tables]
    assert min(worst) < WIDTH


def test_wijken_when_treated_as_unlinked_give_a_buurt_away() -> None:
    worst = []
    for seed in range(6):
        tables = linked_town(seed)[:1]
        blind = [_without_nesting(table) for table in tables]
        worst.append(widths(tables, protect(blind)).min(initial=np.inf))
    assert min(worst) < WIDTH


def _without_nesting(table: LinkedTable) -> LinkedTable:
    return replace(table, nested=())


def test_backgrounds_when_their_common_total_is_forgotten_give_answers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(system: cell_suppression.System, *, seconds: float) -> cell_suppression.Pattern:
        sums_of_columns = system.sums == -1
        unlinked = cell_suppression.System(
            **{
                **{name: getattr(system, name) for name in ("values", "low", "high", "need", "cost", "must", "may")},
                "equations": system.equations[np.flatnonzero(sums_of_columns)],
                "sums": system.sums[sums_of_columns],
            }
        )
        return cell_suppression.suppress(unlinked, seconds=seconds)

    monkeypatch.setattr(disclosure, "suppress", forget)
    tables = town(1)
    assert widths(tables, protect(tables)).min() < WIDTH


def _backgrounds(seed: int) -> list[Flags]:
    chance = np.random.default_rng(seed)
    return [
        np.equal(chance.choice(size, RESPONDENTS, p=chance.dirichlet(np.full(size, 2.0))), np.arange(size)[:, None])
        for size in (6, 2, 5, 4, 3, 5)
    ]


def _free_filters(backgrounds: list[Flags], *, filters: int, smallest: int) -> Flags:
    """Everybody, and every combination of at most so many filters that at least `smallest` respondents meet."""
    answered = [np.ones(RESPONDENTS, dtype=np.bool_)]
    level = [(answered[0], 0)]
    for _ in range(filters):
        level = [
            (inside & group, place + 1)
            for inside, first in level
            for place, background in enumerate(backgrounds)
            if place >= first
            for group in background
        ]
        answered += [inside for inside, _ in level if inside.sum() >= smallest]
    return np.array(answered)


def test_free_filters_with_a_threshold_isolate_small_groups_and_the_catalogue_none() -> None:
    backgrounds = _backgrounds(1)
    free = isolated(_free_filters(backgrounds, filters=3, smallest=10), smallest_group=10)
    assert len({(found.larger, found.smaller) for found in free}) > 50
    members = np.vstack([np.ones((1, RESPONDENTS), dtype=np.bool_), *backgrounds])
    starts = np.cumsum([1, *(len(background) for background in backgrounds)])
    spans = tuple(slice(int(a), int(b)) for a, b in pairwise(starts))
    [cover] = protect([one_table(members.sum(axis=1)[None, :].tolist(), spans=spans)])
    assert isolated(members[~cover.hidden_columns], smallest_group=10) == []


@pytest.mark.parametrize("respondents", [12, 600])
def test_mean_of_everybody_without_backgrounds_can_be_attacked(respondents: int) -> None:
    """Nothing is told of 12, so there is not one fact to start from; of 600 there are no groups to subtract."""
    table = LinkedTable(
        code="mark", counts=np.zeros((0, 1), dtype=np.int64), respondents=np.array([respondents]), spans=()
    )
    assert weaknesses([table], protect([table])) == ()
