"""Many actions at once: what it does is known before, taking it back is the same as not having done it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality
from koersvast.partners.models import Organisation
from koersvast.programme.changes import actions as changes
from koersvast.programme.changes.copying import copy_actions, dropped, left_out
from koersvast.programme.changes.progress import report
from koersvast.programme.changes.several import Skipped, change_several, outcomes, undo
from koersvast.programme.changes.storing import whole
from koersvast.programme.models import Action, ProgressReport
from tests import cast
from tests.unit.programme.action_town import Acting, acting

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture
def here(dalfsen: Municipality) -> Iterator[Acting]:
    with scope(municipality=dalfsen):
        yield acting(dalfsen)


def test_owner_of_many_changes_at_once_and_the_old_contact_does_not_move_along(here: Acting) -> None:
    first = changes.write_action(programme=here.programme, draft=here.full_draft(), by=BY)
    here.write("Zonder")
    bulk = change_several(programme=here.programme, numbers=[1, 2], values={"owner_organisation": here.welfare}, by=BY)
    first.refresh_from_db()
    assert (first.owner_organisation, first.owner_contact, first.version) == (here.welfare, None, 2)
    assert bulk.actions_count == 2
    assert AuditRecord.objects.latest("pk").detail == {"numbers": [1, 2], "fields": ["owner_organisation"]}


def test_what_a_change_does_is_told_for_each_action_before_it_is_done(here: Acting) -> None:
    here.write("Op tijd", starts_on=date(2024, 6, 1))
    here.write("Eerder", starts_on=date(2024, 1, 1))
    here.write("Al zo", starts_on=date(2024, 1, 1), ends_on=date(2024, 3, 1))
    told = outcomes(whole(here.programme.actions.all()), values={"ends_on": date(2024, 3, 1)})
    assert [(one.action.number, one.changed, one.problem is not None) for one in told] == [
        (1, (), True),
        (2, ("ends_on",), False),
        (3, (), False),
    ]
    assert (told[1].old["ends_on"], told[1].new["ends_on"]) == (None, date(2024, 3, 1))
    assert [line["number"] for line in change_several(
        programme=here.programme, numbers=[1, 2, 3], values={"ends_on": date(2024, 3, 1)}, by=BY
    ).lines] == [2]  # fmt: skip
    assert list(Action.objects.values_list("version", flat=True).order_by("number")) == [1, 2, 1]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "nothing_asked"),
        ({"status": "done"}, "field_unknown"),
        ({"title": "x"}, "field_unknown"),
        ({"shift_days": 7, "ends_on": date(2024, 1, 1)}, "shift_and_day"),
        ({"owner_role": ""}, "nothing_changes"),
        ({"evaluation": "stop"}, "nothing_changes"),
        ({"shift_days": 10**9}, "nothing_changes"),
    ],
)
def test_change_that_asks_the_impossible_is_refused(here: Acting, values: dict[str, Any], code: str) -> None:
    here.write(starts_on=date(2024, 1, 1))
    with pytest.raises(ValidationError) as refused:
        change_several(programme=here.programme, numbers=[1], values=values, by=BY)
    assert refused.value.code == code


def test_number_of_another_programme_is_refused_by_name(here: Acting) -> None:
    here.write()
    with pytest.raises(ValidationError) as refused:
        change_several(programme=here.later, numbers=[1], values={"owner_role": "x"}, by=BY)
    assert refused.value.code == "other_programme"
    with pytest.raises(ValidationError):
        change_several(programme=here.programme, numbers=[1], values={"owner_role": "x" * 121}, by=BY)


def test_undo_leaves_alone_what_somebody_wrote_since_and_says_so(here: Acting) -> None:
    for title in ("A", "B", "C"):
        here.write(title)
    bulk = change_several(programme=here.programme, numbers=[1, 2, 3], values={"owner_role": "jurist"}, by=BY)
    since = Action.objects.get(number=2)
    report(action=since, state="running", line="", by=BY, way=ProgressReport.Way.PAGE)
    changes.remove_action(action=Action.objects.get(number=3), by=BY)
    done = undo(bulk=bulk, by=BY)
    assert done.restored == (1,)
    assert set(done.skipped) == {Skipped(number=2, reason="changed_since"), Skipped(number=3, reason="removed")}
    assert dict(Action.objects.values_list("number", "owner_role")) == {1: "", 2: "jurist"}
    with pytest.raises(ValidationError) as again:
        undo(bulk=bulk, by=BY)
    assert again.value.code == "undone_already"


def test_undo_does_not_point_to_an_owner_that_is_gone(here: Acting) -> None:
    passing = Organisation.objects.create(municipality=here.town.municipality, code="p", name="P", kind="other")
    here.write(owner_organisation=passing)
    bulk = change_several(programme=here.programme, numbers=[1], values={"owner_organisation": here.police}, by=BY)
    passing.delete()
    assert undo(bulk=bulk, by=BY).skipped == (Skipped(number=1, reason="part_gone"),)
    assert Action.objects.get().owner_organisation == here.police


def test_undo_of_a_pasted_table_takes_its_actions_away_but_not_what_was_reported_on(here: Acting) -> None:
    drafts = [changes.ActionDraft(title="A"), changes.ActionDraft(title="B")]
    bulk = changes.write_actions(programme=here.programme, drafts=drafts, kind="paste", by=BY)
    report(action=Action.objects.get(number=2), state="done", line="", by=BY, way=ProgressReport.Way.PAGE)
    done = undo(bulk=bulk, by=BY)
    assert (done.restored, done.skipped) == ((1,), (Skipped(number=2, reason="reported_on"),))
    assert list(Action.objects.values_list("number", flat=True)) == [2]


def test_copy_moves_days_and_years_and_leaves_progress_behind(here: Acting) -> None:
    changes.write_action(programme=here.programme, draft=here.full_draft(), by=BY)
    report(action=Action.objects.get(), state="running", line="", by=BY, way=ProgressReport.Way.PAGE)
    changes.evaluate(action=Action.objects.get(), evaluation=Action.Evaluation.CONTINUE, text="Werkt", by=BY)
    copy_actions(source=here.programme, target=here.later, numbers=[1], by=BY)
    copy = here.later.actions.get()
    assert (copy.number, copy.status, copy.evaluation, copy.copied_from_id) == (2, "planned", "", Action.objects.get(
        number=1).pk)  # fmt: skip
    # 2024-01-01 to 2026-01-01 is 731 days: 2024 is a leap year.
    assert (copy.starts_on, copy.ends_on) == (date(2024, 3, 1) + timedelta(731), date(2024, 11, 30) + timedelta(731))
    assert [(one.year, one.euro) for one in copy.cost_lines.all()] == [(2026, Decimal("1250.50")), (2027, Decimal(500))]
    assert copy.contributions.get().agreed_on is None
    assert list(copy.objectives.all()) == [here.town.burglary_objective]


def test_copy_leaves_out_what_stops_or_was_copied_unless_asked(here: Acting) -> None:
    for title in ("Gaat door", "Stopt", "Anders", "Gestopt"):
        here.write(title)
    for number, evaluation in ((2, "stop"), (3, "adapt")):
        changes.evaluate(
            action=Action.objects.get(number=number), evaluation=Action.Evaluation(evaluation), text="Omdat", by=BY
        )
    report(action=Action.objects.get(number=4), state="stopped", line="Geen geld", by=BY, way=ProgressReport.Way.PAGE)
    bulk = copy_actions(source=here.programme, target=here.later, numbers=[1, 2, 3, 4], also=[3], by=BY)
    assert {(one.number, one.reason) for one in left_out(bulk)} == {(2, "evaluated_stop"), (4, "stopped")}
    assert [one.title for one in here.later.actions.all()] == ["Gaat door", "Anders"]
    assert bulk.actions_count == 2
    with pytest.raises(ValidationError) as again:
        copy_actions(source=here.programme, target=here.later, numbers=[1], by=BY)
    assert again.value.code == "nothing_to_copy"
    assert undo(bulk=bulk, by=BY).restored == tuple(line["number"] for line in bulk.lines if "action" in line)
    assert not here.later.actions.exists()


def test_copy_says_what_it_lacks(here: Acting) -> None:
    changes.write_action(programme=here.programme, draft=here.full_draft(), by=BY)
    Organisation.objects.filter(pk__in=[here.police.pk, here.welfare.pk]).update(is_active=False)
    bulk = copy_actions(source=here.programme, target=here.later, numbers=[1], by=BY)
    assert {(one.kind, one.code) for one in dropped(bulk)} == {("owner", "politie"), ("partner", "welzijn")}
