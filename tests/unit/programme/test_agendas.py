"""What is proposed for an agenda: what is due for who sits there, each thing once, with words that say why."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from django_scopes import scope

from koersvast.access.changes import load_roles
from koersvast.access.models import Municipality
from koersvast.indicators.changes import load_reference
from koersvast.partners.changes import consultations as changes
from koersvast.partners.changes import meetings as minutes
from koersvast.partners.changes.consultations import Seat
from koersvast.partners.changes.meetings import NewFollowUp, NewItem
from koersvast.partners.models import Agreement, Consultation, FollowUp, Meeting, Organisation, Promise
from koersvast.policy.changes.packages import import_package
from koersvast.programme.changes.packages import files_of, import_programme
from koersvast.programme.models import Action, CheckMoment, Programme
from koersvast.programme.proposals import Kind, Proposal
from koersvast.programme.queries.agendas import proposals
from koersvast.programme.wording.agendas import note_of, title_of
from tests import cast
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def carried_out(held_rows: None) -> None:
    load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    town = cast.municipality("Dalfsen")
    import_package(ROOT / "demo", by=cast.OPERATOR)
    import_programme(files_of(ROOT / "demo" / "uitvoering"), municipality=town, by=cast.OPERATOR)


@pytest.fixture
def town(carried_out: None, dalfsen: Municipality) -> Iterator[Municipality]:
    """The demo with its programme as if it still runs."""
    with scope(municipality=dalfsen), translation.override("nl"):
        Programme.objects.update(last_day=timezone.localdate() + timedelta(days=365))
        yield dalfsen


def newcomer(town: Municipality) -> Organisation:
    return Organisation.objects.create(
        municipality=town, code="nieuwkomer", name="Nieuwkomer", kind=Organisation.Kind.WELFARE
    )


def at_table(town: Municipality, *there: Organisation, level: str = "operational", days: int = 7) -> Meeting:
    table = Consultation.objects.filter(name="Proeftafel").first() or changes.write_consultation(
        municipality=town, name="Proeftafel", level=Consultation.Level(level), by=cast.OPERATOR,
        rhythm=Consultation.Rhythm.ON_CALL, members=[Seat(organisation=one) for one in there],
    )  # fmt: skip
    begin = timezone.now().replace(microsecond=0) + timedelta(days=days)
    return changes.add_meeting(
        consultation=table, starts_at=begin, ends_at=begin + timedelta(hours=1), by=cast.OPERATOR
    )


def today() -> date:
    return timezone.localdate()


def test_table_with_nothing_due_gets_no_proposal(town: Municipality) -> None:
    assert proposals(at_table(town, newcomer(town)), today=today()) == []


def test_actions_of_who_sits_there_are_proposed_and_those_of_others_are_not(town: Municipality) -> None:
    there = newcomer(town)
    action, other = Action.objects.filter(status="running").order_by("number")[:2]
    Action.objects.filter(pk=action.pk).update(owner_organisation=there, ends_on=today() - timedelta(days=12))
    found = proposals(at_table(town, there), today=today())
    assert [(one.origin, one.kind, one.days) for one in found] == [(f"action:{action.number}", Kind.LATE, 12)]
    assert other.number != action.number
    assert "12 dagen te laat" in note_of(found[0])


def test_gravest_of_several_reasons_is_given_and_the_action_stands_there_once(town: Municipality) -> None:
    there = newcomer(town)
    action = Action.objects.filter(status="running").order_by("number")[0]
    Action.objects.filter(pk=action.pk).update(
        owner_organisation=there, ends_on=today() - timedelta(days=2), status="stuck", status_reason="Geen vergunning"
    )
    (found,) = proposals(at_table(town, there), today=today())
    assert found.kind is Kind.STUCK
    assert note_of(found).endswith("Reden: Geen vergunning")


def test_what_stands_on_the_agenda_is_not_proposed_again_and_the_next_agenda_knows_it(town: Municipality) -> None:
    there = newcomer(town)
    Promise.objects.create(organisation=there, direction="to_us", text="Cijfers leveren", due_on=today())
    first = at_table(town, there)
    (found,) = proposals(first, today=today())
    item = NewItem(title=title_of(found), note=note_of(found), origin=found.origin)
    minutes.put_on_agenda(meeting=first, items=[item], by=cast.OPERATOR)
    assert proposals(first, today=today()) == []
    (again,) = proposals(at_table(town, there, days=20), today=today())
    assert again.earlier_on == timezone.localdate(first.starts_at)
    assert "ook op de agenda van" in note_of(again)


def test_open_follow_ups_of_earlier_meetings_of_this_table_come_back_until_they_are_settled(
    town: Municipality,
) -> None:
    there = newcomer(town)
    earlier = at_table(town, there, days=-7)
    known = minutes.write_follow_up(
        meeting=earlier, given=NewFollowUp(text="Bellen", organisation=there), by=cast.OPERATOR
    )
    coming = at_table(town, there)
    assert [one.origin for one in proposals(coming, today=today())] == [f"follow_up:{known.pk}"]
    minutes.settle_follow_up(follow_up=known, state=FollowUp.State.DONE, by=cast.OPERATOR)
    assert proposals(coming, today=today()) == []


@pytest.mark.parametrize(("days", "is_due"), [(-400, True), (48, True), (60, False)])
def test_promise_is_due_until_the_next_meeting_of_the_table(town: Municipality, days: int, is_due: bool) -> None:
    there = newcomer(town)
    Promise.objects.create(organisation=there, direction="by_us", text="Geld", due_on=today() + timedelta(days=days))
    found = proposals(at_table(town, there), today=today())
    assert [title_of(one) for one in found] == (["Door ons beloofd: Geld"] if is_due else [])


def test_agreement_that_ends_within_a_quarter_is_proposed(town: Municipality) -> None:
    there = newcomer(town)
    for code, days in (("straks", 60), ("later", 200), ("pas", -30)):
        made = Agreement.objects.create(
            municipality=town, code=code, title=f"Convenant {code}", kind="covenant", purpose="x",
            ends_on=today() + timedelta(days=days),
        )  # fmt: skip
        made.parties.set([there])
    found = proposals(at_table(town, there), today=today())
    assert [one.origin for one in found] == ["agreement:pas", "agreement:straks"]
    assert title_of(found[1]) == "Convenant straks loopt af"


@pytest.mark.parametrize(("level", "number"), [("governing", 1), ("official", 1), ("operational", 0)])
def test_check_moment_comes_to_tables_that_steer(town: Municipality, level: str, number: int) -> None:
    plan = CheckMoment.objects.first().plan  # type: ignore[union-attr] # the demo has one
    CheckMoment.objects.create(
        municipality=town, plan=plan, kind="quarter", title="Derde kwartaal", period="2099-Q3",
        planned_on=today() + timedelta(days=10),
    )  # fmt: skip
    found = proposals(at_table(town, newcomer(town), level=level), today=today())
    assert [one.kind for one in found] == [Kind.CHECK] * number


def test_long_text_is_cut_on_the_agenda_and_stands_whole_below_it() -> None:
    long = Proposal(kind=Kind.FOLLOW_UP, origin="follow_up:1", subject="lang " * 70, owner="Politie")
    with translation.override("nl"):
        assert len(title_of(long)) == 200
        assert note_of(long).startswith("lang lang")


def test_proposing_costs_the_same_number_of_queries_for_every_table(
    town: Municipality, django_assert_max_num_queries: object
) -> None:
    police = Organisation.objects.get(code="politie-vechtdal")
    known = at_table(town, police, level="governing")
    with django_assert_max_num_queries(14):  # type: ignore[operator] # a fixture of pytest-django
        assert len(proposals(known, today=today())) > 5


def test_programme_that_is_over_is_proposed_once_instead_of_its_actions(town: Municipality) -> None:
    Programme.objects.update(last_day=today() - timedelta(days=1))
    police = Organisation.objects.get(code="politie-vechtdal")
    found = proposals(at_table(town, police), today=today())
    kinds = [one.kind for one in found]
    assert kinds.count(Kind.LAPSED) == 1
    assert not {Kind.STUCK, Kind.LATE, Kind.SILENT} & set(kinds)
    (lapsed,) = [one for one in found if one.kind is Kind.LAPSED]
    assert "is afgelopen: sluit het of maak een nieuw" in title_of(lapsed)
