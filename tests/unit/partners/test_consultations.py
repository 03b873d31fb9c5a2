"""Tables, meetings and minutes: what planning adds, what people keep, and what two writers see."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koersvast.access.audit import verify
from koersvast.access.conflicts import Changed
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.partners.changes import consultations as changes
from koersvast.partners.changes import meetings as minutes
from koersvast.partners.changes.consultations import Seat, plan_meetings, write_consultation
from koersvast.partners.changes.meetings import NewFollowUp, NewItem
from koersvast.partners.models import Consultation, FollowUp, Meeting, MeetingDecision, Member, Organisation
from koersvast.partners.queries import consultations as queries
from tests import cast

pytestmark = pytest.mark.django_db
FAR = date(2040, 1, 1)


@pytest.fixture
def town(dalfsen: Municipality):  # type: ignore[no-untyped-def] # a generator
    with scope(municipality=dalfsen):
        yield dalfsen


def organisation(town: Municipality, name: str) -> Organisation:
    return Organisation.objects.create(
        municipality=town, code=name.lower(), name=name, kind=Organisation.Kind.POLICE
    )  # fmt: skip


def table(town: Municipality, **more: object) -> Consultation:
    values = {
        "name": "Overleg jeugd", "level": Consultation.Level.OPERATIONAL, "rhythm": Consultation.Rhythm.WEEKS,
        "every": 6, "first_on": timezone.localdate() + timedelta(days=1), "starts_at": time(10), "place": "Kamer 2",
    } | more  # fmt: skip
    return write_consultation(municipality=town, by=cast.OPERATOR, **values)  # type: ignore[arg-type] # a dict


def meeting(town: Municipality, *, begun: bool = True) -> Meeting:
    begin = timezone.now().replace(microsecond=0) + (timedelta(hours=-1) if begun else timedelta(days=9))
    known = Consultation.objects.first() or table(town)
    return changes.add_meeting(
        consultation=known, starts_at=begin, ends_at=begin + timedelta(hours=1), by=cast.OPERATOR
    )  # fmt: skip


def stand(known: Consultation) -> list[tuple[object, ...]]:
    return list(known.meetings.order_by("pk").values_list("pk", "planned_for", "starts_at", "state", "sequence"))


def test_planning_twice_is_planning_once(town: Municipality) -> None:
    known = table(town)
    until = timezone.localdate() + timedelta(days=400)
    first = plan_meetings(consultation=known, until=until, by=cast.OPERATOR)
    before = stand(known)
    again = plan_meetings(consultation=known, until=until, by=cast.OPERATOR)
    assert len(first.added) >= 9
    assert again.added == ()
    assert stand(known) == before


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    every=st.integers(1, 6), rhythm=st.sampled_from(["weeks", "months", "years"]),
    offset=st.integers(-400, 40), halves=st.tuples(st.integers(0, 200), st.integers(0, 200)),
)  # fmt: skip
def test_planning_in_steps_is_planning_at_once(
    town: Municipality, every: int, rhythm: str, offset: int, halves: tuple[int, int]
) -> None:
    today = timezone.localdate()
    first_on, last = today + timedelta(days=offset), today + timedelta(days=sum(halves))
    stepwise = table(town, rhythm=rhythm, every=every, first_on=first_on)
    plan_meetings(consultation=stepwise, until=today + timedelta(days=halves[0]), by=cast.OPERATOR)
    plan_meetings(consultation=stepwise, until=last, by=cast.OPERATOR)
    at_once = table(town, rhythm=rhythm, every=every, first_on=first_on)
    plan_meetings(consultation=at_once, until=last, by=cast.OPERATOR)
    moments = [list(known.meetings.values_list("planned_for", "starts_at")) for known in (stepwise, at_once)]
    assert moments[0] == moments[1]


def test_planning_leaves_what_somebody_moved_or_cancelled(town: Municipality) -> None:
    known = table(town)
    until = timezone.localdate() + timedelta(days=200)
    plan_meetings(consultation=known, until=until, by=cast.OPERATOR)
    moved, gone = known.meetings.order_by("starts_at")[:2]
    later = moved.starts_at + timedelta(days=2)
    changes.change_meeting(meeting=moved, starts_at=later, ends_at=later + timedelta(hours=2), by=cast.OPERATOR)
    changes.cancel_meeting(meeting=gone, by=cast.OPERATOR)
    before = stand(known)
    assert plan_meetings(consultation=known, until=until, by=cast.OPERATOR).added == ()
    assert stand(known) == before
    assert known.meetings.get(pk=moved.pk).sequence == 1
    assert known.meetings.get(pk=gone.pk).state == Meeting.State.CANCELLED


def test_planned_meeting_stays_at_its_hour_when_the_clocks_change(town: Municipality) -> None:
    known = table(town, rhythm=Consultation.Rhythm.MONTHS, every=1)
    plan_meetings(consultation=known, until=timezone.localdate() + timedelta(days=365), by=cast.OPERATOR)
    hours = {timezone.localtime(one.starts_at).hour for one in known.meetings.all()}
    lengths = {one.ends_at - one.starts_at for one in known.meetings.all()}
    assert (hours, lengths) == ({10}, {timedelta(hours=1)})
    assert len({timezone.localtime(one.starts_at).utcoffset() for one in known.meetings.all()}) == 2


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"rhythm": Consultation.Rhythm.ON_CALL}, "on_call"), ({"is_active": False}, "not_active"),
        ({"starts_at": None}, "no_time"),
    ],
)  # fmt: skip
def test_table_that_cannot_be_planned_says_why(town: Municipality, values: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        plan_meetings(consultation=table(town, **values), until=timezone.localdate(), by=cast.OPERATOR)
    assert refused.value.code == code


def test_planning_further_than_three_years_is_refused(town: Municipality) -> None:
    with pytest.raises(ValidationError) as refused:
        plan_meetings(consultation=table(town), until=FAR, by=cast.OPERATOR)
    assert refused.value.code == "too_far"


def test_new_time_of_a_table_moves_untouched_meetings_only(town: Municipality) -> None:
    known = table(town)
    plan_meetings(consultation=known, until=timezone.localdate() + timedelta(days=200), by=cast.OPERATOR)
    touched, untouched = known.meetings.order_by("starts_at")[:2]
    own = touched.starts_at + timedelta(days=1)
    changes.change_meeting(meeting=touched, starts_at=own, ends_at=own + timedelta(hours=1), by=cast.OPERATOR)
    table(town, consultation=known, starts_at=time(15, 30))
    assert known.meetings.get(pk=touched.pk).starts_at == own
    assert timezone.localtime(known.meetings.get(pk=untouched.pk).starts_at).time() == time(15, 30)
    assert known.meetings.get(pk=untouched.pk).sequence == 1


def test_new_name_of_a_table_reaches_calendars(town: Municipality) -> None:
    known = table(town)
    plan_meetings(consultation=known, until=timezone.localdate() + timedelta(days=60), by=cast.OPERATOR)
    before = known.meetings.order_by("starts_at")[0]
    table(town, consultation=known, name="Overleg jeugd en veiligheid")
    after = known.meetings.get(pk=before.pk)
    assert (after.sequence, after.starts_at) == (before.sequence + 1, before.starts_at)


def test_meetings_of_an_earlier_rhythm_are_cancelled_when_asked_but_not_those_with_an_agenda(
    town: Municipality,
) -> None:
    known = table(town, every=2)
    plan_meetings(consultation=known, until=timezone.localdate() + timedelta(days=60), by=cast.OPERATOR)
    kept = known.meetings.order_by("starts_at")[1]
    minutes.put_on_agenda(meeting=kept, items=[NewItem(title="Blijft")], by=cast.OPERATOR)
    known = table(town, consultation=known, every=52)
    stray = changes.meetings_outside_rhythm(known)
    assert kept not in stray
    assert changes.cancel_outside_rhythm(consultation=known, by=cast.OPERATOR) == len(stray) > 0
    assert known.meetings.get(pk=kept.pk).state == Meeting.State.PLANNED
    assert known.meetings.filter(state=Meeting.State.CANCELLED).count() == len(stray)


def test_seats_that_stay_keep_their_row(town: Municipality) -> None:
    police, school = organisation(town, "Politie"), organisation(town, "School")
    known = table(town, members=[Seat(organisation=police, role="teamchef"), Seat(organisation=school)])
    kept = known.members.get(organisation=police).pk
    table(town, consultation=known, members=[Seat(organisation=police, role="teamchef")])
    assert list(Member.objects.values_list("pk", flat=True)) == [kept]


def test_code_of_a_table_hides_no_page(town: Municipality) -> None:
    assert table(town, name="Nieuw").code == "nieuw-2"
    assert table(town, name="Besluiten").code == "besluiten-2"


def test_second_of_two_writers_of_a_table_is_told(town: Municipality) -> None:
    known = table(town)
    table(town, consultation=known, place="Kamer 3", version=1)
    with pytest.raises(Changed) as told:
        table(town, consultation=known, place="Kamer 4", version=1)
    assert told.value.row.place == "Kamer 3"  # type: ignore[attr-defined] # a table
    assert Consultation.objects.get().place == "Kamer 3"


def test_origin_stands_on_an_agenda_once(town: Municipality) -> None:
    known = meeting(town, begun=False)
    again = [NewItem(title="Actie 12", origin="action:12"), NewItem(title="Actie 12", origin="action:12")]
    minutes.put_on_agenda(meeting=known, items=again, by=cast.OPERATOR)
    minutes.put_on_agenda(meeting=known, items=[*again, NewItem(title="Eigen punt")], by=cast.OPERATOR)
    minutes.put_on_agenda(meeting=known, items=[NewItem(title="Eigen punt")], by=cast.OPERATOR)
    assert list(known.agenda.values_list("position", "title")) == [
        (1, "Actie 12"), (2, "Eigen punt"), (3, "Eigen punt"),
    ]  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 9)), max_size=6))
def test_items_keep_their_places_from_one_on_however_they_are_moved(
    town: Municipality, moves: list[tuple[int, int]]
) -> None:
    known = Meeting.objects.first() or meeting(town, begun=False)
    known.agenda.all().delete()
    items = minutes.put_on_agenda(meeting=known, items=[NewItem(title=str(n)) for n in range(5)], by=cast.OPERATOR)
    expected = [item.pk for item in items]
    for which, to in moves:
        minutes.move_item(item=items[which], to=to, by=cast.OPERATOR)
        expected.remove(items[which].pk)
        expected.insert(max(1, min(to, 5)) - 1, items[which].pk)
    assert list(known.agenda.values_list("position", "pk")) == list(enumerate(expected, start=1))


def test_two_people_write_outcomes_of_two_items_and_both_stay(town: Municipality) -> None:
    known = meeting(town)
    one, other = minutes.put_on_agenda(
        meeting=known, items=[NewItem(title="Een"), NewItem(title="Twee")], by=cast.OPERATOR
    )  # fmt: skip
    minutes.record_outcome(item=one, outcome="Eerste", by=cast.OPERATOR, version=1)
    minutes.record_outcome(item=other, outcome="Tweede", by=cast.OPERATOR, version=1)
    assert list(known.agenda.values_list("outcome", flat=True)) == ["Eerste", "Tweede"]
    with pytest.raises(Changed) as told:
        minutes.record_outcome(item=one, outcome="Te laat", by=cast.OPERATOR, version=1)
    assert told.value.row.outcome == "Eerste"  # type: ignore[attr-defined] # an item
    assert known.agenda.first().outcome == "Eerste"  # type: ignore[union-attr] # it is there


def test_first_outcome_makes_a_meeting_held_once_it_has_begun(town: Municipality) -> None:
    before, after = meeting(town, begun=False), meeting(town)
    for known in (before, after):
        minutes.write_decision(meeting=known, text="Wij gaan door.", by=cast.OPERATOR)
    assert Meeting.objects.get(pk=before.pk).state == Meeting.State.PLANNED
    assert Meeting.objects.get(pk=after.pk).state == Meeting.State.HELD


def test_item_with_an_outcome_stays_on_the_agenda(town: Municipality) -> None:
    (item,) = minutes.put_on_agenda(meeting=meeting(town), items=[NewItem(title="Een")], by=cast.OPERATOR)
    minutes.record_outcome(item=item, outcome="Besproken", by=cast.OPERATOR)
    with pytest.raises(ValidationError) as refused:
        minutes.remove_item(item=item, by=cast.OPERATOR)
    assert refused.value.code == "has_outcome"


def test_cancelled_meeting_takes_no_minutes(town: Municipality) -> None:
    known = changes.cancel_meeting(meeting=meeting(town, begun=False), by=cast.OPERATOR)
    with pytest.raises(ValidationError) as refused:
        minutes.write_decision(meeting=known, text="x", by=cast.OPERATOR)
    assert refused.value.code == "cancelled"


@pytest.mark.parametrize("text", ["Bel 06-12345678", "Mail jan@example.nl", "BSN 111222333"])
def test_data_of_persons_stay_out_of_what_the_whole_table_reads(town: Municipality, text: str) -> None:
    known = meeting(town)
    for write in (
        lambda: minutes.write_decision(meeting=known, text=text, by=cast.OPERATOR),
        lambda: minutes.write_summary(meeting=known, summary=text, by=cast.OPERATOR),
        lambda: minutes.write_follow_up(meeting=known, given=NewFollowUp(text=text), by=cast.OPERATOR),
        lambda: minutes.put_on_agenda(meeting=known, items=[NewItem(title=text)], by=cast.OPERATOR),
    ):
        with pytest.raises(ValidationError) as refused:
            write()
        assert text not in str(refused.value)
    assert not MeetingDecision.objects.exists()
    assert not FollowUp.objects.exists()


def test_whole_minutes_go_in_one_change_with_one_record(town: Municipality) -> None:
    known = meeting(town)
    minutes.put_on_agenda(meeting=known, items=[NewItem(title="Een")], by=cast.OPERATOR)
    before = AuditRecord.objects.count()
    minutes.record_meeting(
        meeting=known, outcomes={1: "Goed"}, decisions=["Wij gaan door."], summary="Kort.", by=cast.OPERATOR,
        follow_ups=[NewFollowUp(text="Bellen", owner_role="teamchef")],
    )  # fmt: skip
    assert AuditRecord.objects.count() == before + 1
    assert verify().is_whole
    assert Meeting.objects.get(pk=known.pk).state == Meeting.State.HELD
    assert queries.open_follow_ups()[0].text == "Bellen"


def test_outcome_of_an_item_that_is_not_there_writes_nothing(town: Municipality) -> None:
    with pytest.raises(ValidationError):
        minutes.record_meeting(meeting=meeting(town), decisions=["Ja."], outcomes={3: "x"}, by=cast.OPERATOR)
    assert not MeetingDecision.objects.exists()


def test_settled_follow_up_keeps_its_day_and_can_be_opened_again(town: Municipality) -> None:
    known = minutes.write_follow_up(meeting=meeting(town), given=NewFollowUp(text="Bellen"), by=cast.OPERATOR)
    done = minutes.settle_follow_up(follow_up=known, state=FollowUp.State.DONE, by=cast.OPERATOR, version=1)
    assert (done.state, done.state_on) == (FollowUp.State.DONE, timezone.localdate())
    with pytest.raises(Changed):
        minutes.settle_follow_up(follow_up=known, state=FollowUp.State.DROPPED, by=cast.OPERATOR, version=1)
    opened = minutes.settle_follow_up(follow_up=known, state=FollowUp.State.OPEN, by=cast.OPERATOR)
    assert (opened.state, opened.state_on) == (FollowUp.State.OPEN, None)


def test_who_may_only_look_writes_nothing(town: Municipality, burgemeester: User, karim: User) -> None:
    known = meeting(town)
    for person in (burgemeester, karim):
        with pytest.raises(PermissionDenied):
            minutes.write_decision(meeting=known, text="x", by=person)
        with pytest.raises(PermissionDenied):
            plan_meetings(consultation=known.consultation, until=timezone.localdate(), by=person)


def test_meeting_ends_after_it_begins_and_meets_once_at_a_time(town: Municipality) -> None:
    known = meeting(town)
    for begin, end, code in (
        (known.starts_at, known.ends_at, "taken"),
        (known.ends_at, known.starts_at, "ends_first"),
    ):
        with pytest.raises(ValidationError) as refused:
            changes.add_meeting(consultation=known.consultation, starts_at=begin, ends_at=end, by=cast.OPERATOR)
        assert code in [error.code for errors in refused.value.error_dict.values() for error in errors]


def test_decisions_are_found_by_every_word_and_by_year(town: Municipality) -> None:
    old = changes.add_meeting(
        consultation=table(town), starts_at=datetime(2020, 9, 1, 9, tzinfo=timezone.get_default_timezone()),
        ends_at=datetime(2020, 9, 1, 10, tzinfo=timezone.get_default_timezone()), by=cast.OPERATOR,
    )  # fmt: skip
    for known, text in ((old, "Extra toezicht bij de sporthal"), (meeting(town), "Toezicht stopt")):
        minutes.write_decision(meeting=known, text=text, by=cast.OPERATOR)
    assert [one.text for one in queries.decisions(text="toezicht sporthal")] == ["Extra toezicht bij de sporthal"]
    assert queries.decisions(text="toezicht")[0].text == "Toezicht stopt"
    assert [one.text for one in queries.decisions(year=2020)] == ["Extra toezicht bij de sporthal"]


def test_lists_cost_the_same_number_of_queries_for_many_tables(
    town: Municipality, django_assert_max_num_queries: object
) -> None:
    police = organisation(town, "Politie")
    for number in range(12):
        known = table(town, name=f"Overleg {number}", members=[Seat(organisation=police)])
        plan_meetings(consultation=known, until=timezone.localdate() + timedelta(days=90), by=cast.OPERATOR)
        held = meeting(town)
        minutes.write_follow_up(meeting=held, given=NewFollowUp(text="x"), by=cast.OPERATOR)
        Meeting.objects.filter(pk=held.pk).update(starts_at=held.starts_at - timedelta(days=number + 1))
    with django_assert_max_num_queries(8):  # type: ignore[operator] # a fixture of pytest-django
        lines = queries.tables(now=timezone.now())
        queries.seat_matrix()
        queries.open_follow_ups()
        queries.coming_meetings(timezone.now(), number=5)
    assert len(lines) == 12
    assert all(line.next_meeting for line in lines)
    assert sum(line.open_follow_ups for line in lines) == 12
