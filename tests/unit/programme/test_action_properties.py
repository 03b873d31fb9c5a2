"""What holds of actions whatever they are: taking back, copying, adding up, and standing on the chain once."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.access.changes import load_roles
from koersvast.programme.changes import actions as changes
from koersvast.programme.changes.actions import ContributionEntry, CostEntry, draft_of
from koersvast.programme.changes.copying import copy_actions
from koersvast.programme.changes.several import EVALUATION, change_several, outcomes, undo
from koersvast.programme.changes.storing import whole
from koersvast.programme.models import Action, CostLine
from koersvast.programme.queries.actions import ActionFilter, ActionLine, Amount, Part, coverage, fitting, grouped, sums
from tests import cast
from tests.unit.programme.action_town import COVER, Acting, acting

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR
PARTS = tuple(Part(code=code, name=code) for code in ("a", "b", "c"))
MONEY = st.decimals(0, 10**7, places=2)


@pytest.fixture(scope="module")
def rows(held_rows: None) -> Iterator[Acting]:
    """Three actions, for properties that are tried often; every trial takes back what it wrote."""
    load_roles(by=BY)
    dalfsen = cast.municipality("Dalfsen")
    with scope(municipality=dalfsen):
        built = acting(dalfsen)
        changes.write_action(programme=built.programme, draft=built.full_draft(), by=BY)
        built.write("Zonder iets")
        built.write("Met einde", ends_on=date(2024, 5, 1), owner_role="jurist")
        yield built


def state() -> dict[int, Any]:
    """All that a bulk may touch, by number, without the version."""
    return {
        one.number: (draft_of(one), *(getattr(one, name) for name in EVALUATION))
        for one in whole(Action.objects.order_by("number"))
    }


def some_values(here: Acting) -> st.SearchStrategy[dict[str, Any]]:
    days = st.none() | st.dates(date(2023, 1, 1), date(2027, 1, 1))
    aims = st.lists(st.sampled_from([here.town.burglary_objective, here.town.nuisance_objective]), unique=True)
    plain = st.fixed_dictionaries(
        {},
        optional={
            "owner_role": st.sampled_from(["", "jurist", "teamchef"]),
            "owner_organisation": st.sampled_from([None, here.police, here.welfare]),
            "chain_link": st.sampled_from(["", *Action.ChainLink.values]),
            "priority": st.sampled_from([None, here.town.priority]),
            "depends_on": st.sampled_from([None, here.safety]),
            "add_objectives": aims,
            "remove_objectives": aims,
            "evaluation": st.sampled_from(Action.Evaluation.values),
            "evaluation_text": st.just("Omdat het werkt"),
        },
    )
    moved = st.integers(-400, 400).map(lambda days: {"shift_days": days})
    given_days = st.fixed_dictionaries({}, optional={"starts_on": days, "ends_on": days})
    return st.tuples(plain, moved | given_days).map(lambda both: both[0] | both[1])


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_taking_back_a_change_gives_what_stood_there(rows: Acting, data: st.DataObject) -> None:
    values = data.draw(some_values(rows))
    before, versions = state(), dict(Action.objects.values_list("number", "version"))
    told = outcomes(whole(rows.programme.actions.all()), values=values) if values else []
    if not any(one.changed for one in told):
        with pytest.raises(ValidationError):
            change_several(programme=rows.programme, numbers=[1, 2, 3], values=values, by=BY)
        assert state() == before
        return
    bulk = change_several(programme=rows.programme, numbers=[1, 2, 3], values=values, by=BY)
    changed = [line["number"] for line in bulk.lines]
    assert changed == [one.action.number for one in told if one.changed]
    after = state()
    assert [number for number in before if before[number] != after[number]] == sorted(changed)
    done = undo(bulk=bulk, by=BY)
    assert (sorted(done.restored), done.skipped) == (sorted(changed), ())
    assert state() == before
    now = dict(Action.objects.values_list("number", "version"))
    assert all(now[number] == versions[number] + 2 * (number in changed) for number in now)


@settings(max_examples=12, deadline=None)
@given(
    start=st.dates(date(2023, 1, 1), date(2026, 1, 1)),
    length=st.integers(0, 900),
    later=st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    year=st.integers(2023, 2030),
)
def test_copy_keeps_how_long_an_action_takes_and_what_it_costs(
    rows: Acting, start: date, length: int, later: date, year: int
) -> None:
    draft = changes.ActionDraft(
        title="X", starts_on=start, ends_on=start + timedelta(length),
        contributions=(ContributionEntry(organisation=rows.police, hours=Decimal(3)),),
        costs=(CostEntry(year=year, euro=Decimal("10.10"), cover=COVER.GRANT),),
    )  # fmt: skip
    action = changes.write_action(programme=rows.programme, draft=draft, by=BY)
    rows.later.first_day, rows.later.last_day = later, later + timedelta(700)
    rows.later.save()
    bulk = copy_actions(source=rows.programme, target=rows.later, numbers=[action.number], by=BY)
    copy = draft_of(rows.later.actions.get(number=bulk.lines[0]["number"]))
    assert copy.starts_on is not None
    assert copy.ends_on is not None
    assert (copy.ends_on - copy.starts_on).days == length
    assert copy.starts_on - later == start - rows.programme.first_day
    assert [one.euro for one in copy.costs] == [Decimal("10.10")]
    assert copy.costs[0].year - year == later.year - rows.programme.first_day.year
    assert [one.hours for one in copy.contributions] == [Decimal(3)]
    undo(bulk=bulk, by=BY)
    changes.remove_action(action=action, by=BY)


@st.composite
def lines(draw: st.DrawFn) -> list[ActionLine]:
    """Actions as a list shows them, with numbers of their own."""
    numbers = draw(st.lists(st.integers(1, 99), unique=True, max_size=12))
    return [
        ActionLine(
            number=number, title=draw(st.sampled_from(["Avond", "Toezicht", "Voorlichting"])),
            priority=draw(st.none() | st.sampled_from(PARTS)),
            objectives=tuple(draw(st.lists(st.sampled_from(PARTS), unique=True))),
            chain_link=draw(st.sampled_from(["", *Action.ChainLink.values])),
            owner=draw(st.none() | st.sampled_from(PARTS)), owner_is_unit=draw(st.booleans()), owner_role="",
            partners=tuple(draw(st.lists(st.sampled_from(PARTS), unique=True))), starts_on=None, ends_on=None,
            recurrence="once", hours=draw(st.none() | st.decimals(0, 1000, places=1)),
            amounts=tuple(
                Amount(year=draw(st.integers(2024, 2027)), euro=draw(MONEY), cover_name="",
                       cover=draw(st.sampled_from(CostLine.Cover.values)))
                for _ in range(draw(st.integers(0, 3)))
            ),
            has_no_cost=False, status=draw(st.sampled_from(Action.Status.values)), status_reason="",
            last_report_on=None, last_line="", output_done=None, output_planned=None, output_unit="",
            signals=frozenset(), version=1,
        )
        for number in numbers
    ]  # fmt: skip


CHOSEN = st.builds(
    ActionFilter,
    objective=st.sampled_from(["", "a", "b"]),
    priority=st.sampled_from(["", "a", "c"]),
    partner=st.sampled_from(["", "b"]),
    chain_link=st.sampled_from(["", "prevention"]),
    status=st.sampled_from(["", "done"]),
    sort=st.sampled_from(["number", "title", "euro", "owner"]),
    descending=st.booleans(),
)


@given(every=lines(), chosen=CHOSEN)
def test_sums_are_those_of_the_lines_that_fit_and_each_action_is_added_once(
    every: list[ActionLine], chosen: ActionFilter
) -> None:
    shown = fitting(every, chosen)
    assert len({line.number for line in shown}) == len(shown)
    total = sums(shown)
    by_hand = sum((amount.euro for line in shown for amount in line.amounts), Decimal(0))
    assert total.euro == by_hand == sum(total.euro_by_year.values()) == sum(total.euro_by_cover.values())
    assert total.without_amount == sum(line.euro is None for line in shown)
    assert total.hours == sum((line.hours for line in shown if line.hours is not None), Decimal(0))
    assert sums([*shown, *shown]) == total
    rows = [sums(group.lines) for group in grouped(shown, "priority")]
    assert sum((row.euro for row in rows), Decimal(0)) == total.euro
    assert sum(row.actions for row in rows) == total.actions


@given(every=lines())
def test_action_stands_in_at_most_one_cell_of_the_chain_and_in_each_group_of_its_own(every: list[ActionLine]) -> None:
    cells = [number for row in coverage(every, PARTS) for cell in row.cells for number in cell]
    placed = [line.number for line in every if line.priority and line.chain_link]
    assert sorted(cells) == sorted(placed)
    groups = grouped(every, "objective", parts=PARTS)
    for line in every:
        found = [group.part for group in groups if line in group.lines]
        assert sorted(part.code for part in found if part) == sorted(part.code for part in line.objectives)
        assert (None in found) == (not line.objectives)
