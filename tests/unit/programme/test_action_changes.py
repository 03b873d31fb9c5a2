"""Writing an action: what cannot be right is refused with its code, a number is used once, two writers are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_scopes import scope

from koersvast.access.audit import verify
from koersvast.access.conflicts import Changed, last_writer
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.partners.models import Consultation, Contact, FollowUp, Meeting, Organisation
from koersvast.programme.changes import actions as changes
from koersvast.programme.changes.actions import ActionDraft, ContributionEntry, CostEntry, draft_of, write_action
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Action, ProgressReport
from tests import cast
from tests.unit.policy.town import build
from tests.unit.programme.action_town import COVER, Acting, acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(dalfsen: Municipality) -> Iterator[Acting]:
    with scope(municipality=dalfsen):
        yield acting(dalfsen)


def codes(error: ValidationError) -> set[str | None]:
    return {one.code for problems in error.error_dict.values() for one in problems}


def test_action_written_whole_is_read_back_as_the_same_draft(here: Acting, anouk: User) -> None:
    draft = here.full_draft()
    action = write_action(programme=here.programme, draft=draft, by=anouk)
    standing = Action.objects.get(pk=action.pk)
    assert draft_of(standing) == draft
    assert (standing.number, standing.version, standing.status) == (1, 1, Action.Status.PLANNED)
    record = AuditRecord.objects.latest("pk")
    assert (record.event, record.detail) == ("action.written", {"number": 1})
    assert not verify().broken


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("title_missing", "title", {"title": "  "}),
    ("end_before_start", "ends_on", {"starts_on": date(2024, 5, 2), "ends_on": date(2024, 5, 1)}),
    ("amount_negative", "hours", {"hours": Decimal(-1)}),
    ("amount_negative", "costs", {"costs": (CostEntry(year=2024, euro=Decimal("-0.01"), cover=COVER.GRANT),)}),
    ("year_impossible", "costs", {"costs": (CostEntry(year=24, euro=Decimal(1), cover=COVER.GRANT),)}),
    (
        "cost_and_no_cost", "has_no_cost",
        {"has_no_cost": True, "costs": (CostEntry(year=2024, euro=Decimal(0), cover=COVER.GRANT),)},
    ),
    ("personal_text", "text", {"text": "Bel mevrouw op 06-12345678."}),
    ("personal_text", "mechanism", {"mechanism": "BSN 123456782"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "field", "fields"), REFUSED)
def test_draft_that_cannot_be_right_is_refused_at_its_field(
    here: Acting, code: str, field: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as refused:
        write_action(programme=here.programme, draft=replace(here.full_draft(), costs=(), **fields)
                     if "costs" not in fields else replace(here.full_draft(), **fields), by=cast.OPERATOR)  # fmt: skip
    assert [one.code for one in refused.value.error_dict[field]] == [code]
    assert not Action.objects.exists()
    assert "06-12345678" not in str(refused.value)


def test_organisation_that_stopped_may_stay_where_it_stood_and_come_nowhere_new(here: Acting) -> None:
    here.welfare.is_active = False
    action = here.write(contributions=(ContributionEntry(organisation=here.police),), owner_organisation=here.police)
    Organisation.objects.filter(pk=here.police.pk).update(is_active=False)
    standing = draft_of(Action.objects.get(pk=action.pk))
    kept = write_action(programme=here.programme, draft=replace(standing, title="B"), action=action, by=cast.OPERATOR)
    assert kept.version == 2
    added = replace(standing, contributions=(*standing.contributions, ContributionEntry(organisation=here.gone)))
    with pytest.raises(ValidationError) as refused:
        write_action(programme=here.programme, draft=added, action=action, by=cast.OPERATOR)
    assert codes(refused.value) == {"organisation_inactive"}


def test_contact_works_where_the_action_says_and_still_does(here: Acting) -> None:
    with pytest.raises(ValidationError) as elsewhere:
        here.write(owner_organisation=here.welfare, owner_contact=here.agent)
    assert codes(elsewhere.value) == {"contact_elsewhere"}
    Contact.objects.filter(pk=here.agent.pk).update(until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(ValidationError) as left:
        here.write(owner_organisation=here.police, owner_contact=Contact.objects.get())
    assert codes(left.value) == {"contact_left"}


def test_partner_is_named_once(here: Acting) -> None:
    twice = (ContributionEntry(organisation=here.police, text="a"), ContributionEntry(organisation=here.police))
    with pytest.raises(ValidationError) as refused:
        here.write(contributions=twice)
    assert codes(refused.value) == {"partner_twice"}


def test_parts_of_another_plan_or_municipality_are_refused(here: Acting, raalte: Municipality) -> None:
    with scope(municipality=raalte):
        other = build(raalte, by=cast.OPERATOR)
        theirs = Organisation.objects.create(municipality=raalte, code="x", name="X", kind="other")
    for fields in ({"objectives": (other.burglary_objective,)}, {"priority": other.priority}):
        with pytest.raises(ValidationError) as plan:
            here.write(**fields)
        assert codes(plan.value) == {"other_plan"}
    for more in ({"owner_organisation": theirs}, {"costs": (CostEntry(year=2024, euro=Decimal(1), cover=COVER.PARTNER,
                                                                      organisation=theirs),)}):  # fmt: skip
        with pytest.raises(ValidationError) as place:
            here.write(**more)
        assert codes(place.value) == {"other_municipality"}


def test_days_outside_the_programme_are_remarked_and_let_through(here: Acting) -> None:
    draft = ActionDraft(
        title="Vroeg en laat", starts_on=date(2023, 12, 1), ends_on=date(2026, 1, 1),
        costs=(CostEntry(year=2026, euro=Decimal(1), cover=COVER.GRANT),),
    )  # fmt: skip
    found = [one.code for one in changes.remarks(draft, programme=here.programme)]
    assert found == ["before_programme", "after_programme", "cost_outside_programme"]
    assert write_action(programme=here.programme, draft=draft, by=cast.OPERATOR).number == 1


def test_number_of_a_removed_action_is_not_given_again(here: Acting, anouk: User) -> None:
    here.write()
    second = here.write("Tweede")
    changes.remove_action(action=second, by=anouk)
    assert here.write("Derde").number == 3
    assert list(Action.objects.values_list("number", flat=True)) == [1, 3]


def test_action_on_which_was_reported_is_not_removed(here: Acting, anouk: User) -> None:
    action = here.write()
    report(action=action, state=Action.Status.RUNNING, line="", by=anouk, way=ProgressReport.Way.PAGE)
    with pytest.raises(ValidationError) as refused:
        changes.remove_action(action=action, by=anouk)
    assert refused.value.code == "action_reported_on"


def test_second_writer_is_told_and_what_the_first_wrote_stays(here: Acting, anouk: User) -> None:
    action = here.write("Eerst")
    seen = action.version
    first = ActionDraft(title="Van Anouk", owner_role="jurist")
    write_action(programme=here.programme, draft=first, by=anouk, action=action, version=seen)
    with pytest.raises(Changed) as told:
        write_action(
            programme=here.programme, draft=ActionDraft(title="Van een ander"), by=cast.OPERATOR, action=action,
            version=seen,
        )  # fmt: skip
    assert isinstance(told.value.row, Action)
    assert draft_of(told.value.row) == first == draft_of(Action.objects.get())
    writer = last_writer(told.value.row)
    assert writer is not None
    assert writer.user == anouk
    for stale in (
        lambda: changes.remove_action(action=action, by=anouk, version=seen),
        lambda: changes.evaluate(action=action, evaluation=Action.Evaluation.CONTINUE, text="", by=anouk, version=seen),
    ):
        with pytest.raises(Changed):
            stale()
    assert not verify().broken


def test_report_in_between_is_a_change_too(here: Acting, anouk: User) -> None:
    action = here.write()
    report(action=Action.objects.get(), state="stuck", line="Geen zaal", by=anouk, way=ProgressReport.Way.PAGE)
    with pytest.raises(Changed):
        write_action(programme=here.programme, draft=ActionDraft(title="A"), by=anouk, action=action, version=1)
    assert Action.objects.get().status_reason == "Geen zaal"


def test_report_with_data_of_a_person_is_refused_and_the_data_is_not_said_again(here: Acting, anouk: User) -> None:
    action = here.write()
    with pytest.raises(ValidationError) as refused:
        report(action=action, state="running", line="Bel 06-12345678", by=anouk, way=ProgressReport.Way.PAGE)
    assert refused.value.code == "personal_text"
    assert "12345678" not in str(refused.value)
    assert not action.reports.exists()


def test_writing_leaves_the_status_and_the_evaluation(here: Acting, anouk: User) -> None:
    action = here.write()
    report(action=action, state="stuck", line="Geen zaal", by=anouk, way=ProgressReport.Way.PAGE)
    changes.evaluate(action=action, evaluation=Action.Evaluation.ADAPT, text="Kleiner", by=anouk)
    write_action(programme=here.programme, draft=here.full_draft(), by=anouk, action=action, version=3)
    standing = Action.objects.get()
    assert (standing.status, standing.status_reason, standing.evaluation) == ("stuck", "Geen zaal", "adapt")
    assert standing.version == 4


def test_evaluation_that_changes_something_says_why(here: Acting, anouk: User) -> None:
    action = here.write()
    for evaluation, text, code in (("adapt", " ", "evaluation_text_missing"), ("half", "x", "evaluation_unknown")):
        with pytest.raises(ValidationError) as refused:
            changes.evaluate(action=action, evaluation=evaluation, text=text, by=anouk)  # type: ignore[arg-type]
        found = codes(refused.value) if hasattr(refused.value, "error_dict") else {refused.value.code}
        assert found == {code}
    done = changes.evaluate(action=action, evaluation=Action.Evaluation.CONTINUE, text="", by=anouk)
    assert done.evaluated_on == timezone.localdate()


def test_closed_programme_keeps_its_actions_as_they_are(here: Acting, anouk: User) -> None:
    action = here.write()
    with pytest.raises(ValidationError) as too_soon:
        changes.close_programme(programme=here.programme, by=anouk)
    assert too_soon.value.code == "programme_not_adopted"
    changes.adopt_programme(
        programme=here.programme, adopted_on=date(2024, 1, 9), adopted_by="college", document="B24", by=anouk
    )
    here.programme.refresh_from_db()
    changes.close_programme(programme=here.programme, by=anouk)
    here.programme.refresh_from_db()
    action.refresh_from_db()
    for write in (
        lambda: here.write("Nog een"),
        lambda: changes.remove_action(action=action, by=anouk),
        lambda: changes.change_several(programme=here.programme, numbers=[1], values={"owner_role": "x"}, by=anouk),
    ):
        with pytest.raises(ValidationError) as refused:
            write()
        assert refused.value.code == "programme_closed"
    assert changes.evaluate(action=action, evaluation=Action.Evaluation.CONTINUE, text="", by=anouk).version == 2


def test_programme_has_versions_and_keeps_its_plan_once_it_has_actions(here: Acting, anouk: User) -> None:
    here.write()
    with pytest.raises(Changed):
        changes.adopt_programme(
            programme=here.programme, adopted_on=date(2024, 1, 9), adopted_by="college", document="", by=anouk,
            version=7,
        )  # fmt: skip
    with pytest.raises(ValidationError) as backwards:
        changes.write_programme(
            municipality=here.town.municipality, plan=here.town.plan, code="x", title="X", first_day=date(2026, 1, 1),
            last_day=date(2025, 1, 1), by=anouk,
        )  # fmt: skip
    assert codes(backwards.value) == {"end_before_start"}


def test_who_may_not_edit_writes_nothing(here: Acting, raadslid: User, karim: User, burgemeester: User) -> None:
    for person in (raadslid, karim, burgemeester):
        with pytest.raises(PermissionDenied):
            write_action(programme=here.programme, draft=ActionDraft(title="A"), by=person)
    assert not Action.objects.exists()


def test_follow_up_becomes_an_action_once(here: Acting, anouk: User) -> None:
    now = timezone.now()
    table = Consultation.objects.create(
        municipality=here.town.municipality, code="driehoek", name="Driehoek", level="governing", rhythm="months"
    )
    meeting = Meeting.objects.create(
        consultation=table, starts_at=now, ends_at=now + timedelta(hours=1), changed_at=now
    )
    long = "Nagaan of de verlichting bij het station vaker kan branden " * 4
    follow_up = FollowUp.objects.create(
        meeting=meeting, position=1, text=long, organisation=here.police, owner_role="teamchef",
        due_on=date(2024, 6, 1),
    )  # fmt: skip
    action = changes.action_from_follow_up(follow_up=follow_up, programme=here.programme, by=anouk)
    assert len(action.title) <= 160
    assert action.title.endswith("…")
    assert action.text == long.strip()
    assert (action.owner_organisation, action.ends_on, action.follow_up) == (here.police, date(2024, 6, 1), follow_up)
    assert FollowUp.objects.get().state == FollowUp.State.BECAME_ACTION
    with pytest.raises(ValidationError) as again:
        changes.action_from_follow_up(follow_up=follow_up, programme=here.programme, by=anouk)
    assert again.value.code == "follow_up_taken"


def test_many_actions_are_added_all_or_none_and_the_wrong_one_is_named(here: Acting, anouk: User) -> None:
    drafts = [ActionDraft(title="A"), ActionDraft(title=""), ActionDraft(title="C")]
    with pytest.raises(ValidationError) as refused:
        changes.write_actions(programme=here.programme, drafts=drafts, kind="paste", by=anouk)
    assert list(refused.value.error_dict) == ["drafts.2"]
    assert not Action.objects.exists()
    bulk = changes.write_actions(programme=here.programme, drafts=[drafts[0], drafts[2]], kind="paste", by=anouk)
    assert bulk.actions_count == 2
    assert AuditRecord.objects.latest("pk").event == "table.taken"
