"""iCalendar as other programs read it: checked by the text of RFC 5545 and by a second reader of time zones."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from koersvast.partners.calendars import BadAddress, CalendarMeeting, Person, feed, invitation

MEETING = CalendarMeeting(
    uid="0b8f1c52-3f0e-4f5e-9c1d-0f6a4d1f7a11",
    sequence=3,
    title="Overleg jeugdoverlast",
    starts_at=datetime(2026, 3, 27, 13, 0, tzinfo=UTC),
    ends_at=datetime(2026, 3, 27, 14, 30, tzinfo=UTC),
    changed_at=datetime(2026, 1, 5, 8, 15, tzinfo=UTC),
    place="Gemeentehuis, kamer 2; begane grond",
    organisations=("Politie", "SAAM Welzijn"),
)
OFFICER = Person(name="Anouk Veldkamp", email="anouk@dalfsen.example")
GUEST = Person(name='Wijkagent "Noord"; Dalfsen, Nieuwleusen', email="wijkagent@politie.example")
# Whatever people type: separators of the format, new lines, emoji, accents, and what no line can hold.
TEXTS = st.text(
    st.one_of(st.sampled_from(",;:\\\n\r\"'= \t\x00\x07\x85\u2028é€😀👮\u202e"), st.characters()), max_size=200
)


def unfolded(content: bytes) -> list[str]:
    """The content lines, by the rules of RFC 5545 3.1, checked while they are read."""
    assert content.endswith(b"\r\n")
    physical = content.removesuffix(b"\r\n").split(b"\r\n")
    for line in physical:
        assert len(line) <= 75, line
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode("utf-8")  # no character is cut in two by folding
    logical: list[bytes] = []
    for line in physical:
        if line.startswith((b" ", b"\t")):
            logical[-1] += line[1:]
        else:
            logical.append(line)
    return [line.decode("utf-8") for line in logical]


NAMED = re.compile(
    r'(?P<name>[A-Z-]+)(?P<parameters>(?:;[A-Z-]+=(?:"[^"\x00-\x08\x0a-\x1f]*"|[^";:,\x00-\x1f]*))*):(?P<value>.*)'
)


def properties(lines: list[str], component: str = "VEVENT") -> dict[str, list[tuple[str, str]]]:
    """Name to parameters and value, of the first such component; every line has to fit the grammar."""
    begin, end = lines.index(f"BEGIN:{component}"), lines.index(f"END:{component}")
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines[begin + 1 : end]:
        match = NAMED.fullmatch(line)
        assert match, line
        found.setdefault(match["name"], []).append((match["parameters"], match["value"]))
    return found


def text_of(value: str) -> str:
    """Take the escaping of TEXT away (3.3.11); a separator that is not escaped does not belong there."""
    assert re.fullmatch(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,nN])*", value), value
    return re.sub(r"\\([\\;,nN])", lambda one: "\n" if one[1] in "nN" else one[1], value)


def test_feed_has_what_every_calendar_asks_for() -> None:
    lines = unfolded(feed([MEETING], name="Overleggen van Dalfsen"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    for line in (
        "VERSION:2.0", "CALSCALE:GREGORIAN", "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H",
        "X-WR-CALNAME:Overleggen van Dalfsen", "X-WR-TIMEZONE:Europe/Amsterdam",
    ):  # fmt: skip
        assert line in lines
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    assert not any(line.startswith("METHOD") for line in lines), "a subscription is no message"


def test_meeting_says_when_where_and_in_which_version() -> None:
    event = properties(unfolded(feed([MEETING], name="x")))
    assert event["UID"] == [("", f"{MEETING.uid}@koersvast")]
    assert event["SEQUENCE"] == [("", "3")]
    assert event["DTSTAMP"] == [("", "20260105T081500Z")]
    assert event["LAST-MODIFIED"] == [("", "20260105T081500Z")]
    assert event["DTSTART"] == [(";TZID=Europe/Amsterdam", "20260327T140000")]
    assert event["DTEND"] == [(";TZID=Europe/Amsterdam", "20260327T153000")]
    assert event["STATUS"] == [("", "CONFIRMED")]
    assert text_of(event["LOCATION"][0][1]) == MEETING.place
    assert text_of(event["DESCRIPTION"][0][1]) == "Politie\nSAAM Welzijn"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event


def test_cancelled_meeting_stays_in_the_feed_as_cancelled_and_frees_the_hour() -> None:
    event = properties(unfolded(feed([replace(MEETING, is_cancelled=True)], name="x")))
    assert event["STATUS"] == [("", "CANCELLED")]
    assert event["TRANSP"] == [("", "TRANSPARENT")]


def test_same_meetings_give_the_same_bytes() -> None:
    assert feed([MEETING], name="x") == feed([MEETING], name="x")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 59, tzinfo=UTC), datetime(2026, 10, 25, 2, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 8, 0, tzinfo=UTC), datetime(2031, 12, 31, 22, 59, tzinfo=UTC),
    ],
)  # fmt: skip
def test_another_reader_of_the_time_zone_finds_the_same_moment(moment: datetime) -> None:
    """dateutil reads our VTIMEZONE by itself; the system's own zone is not asked."""
    content = feed([replace(MEETING, starts_at=moment, ends_at=moment + timedelta(hours=1))], name="x")
    zone = tzical(io.StringIO("\n".join(unfolded(content)))).get("Europe/Amsterdam")
    local = datetime.strptime(properties(unfolded(content))["DTSTART"][0][1], "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    assert local.astimezone(UTC) == moment
    assert local.utcoffset() == moment.astimezone(ZoneInfo("Europe/Amsterdam")).utcoffset()


@given(title=TEXTS, place=TEXTS, organisations=st.lists(TEXTS, max_size=3))
def test_whatever_is_typed_stays_text_and_breaks_no_line(title: str, place: str, organisations: list[str]) -> None:
    meeting = replace(MEETING, title=title, place=place, organisations=tuple(organisations))
    lines = unfolded(feed([meeting], name=title))
    assert lines.count("BEGIN:VEVENT") == 1
    assert lines.count("END:VCALENDAR") == 1
    event = properties(lines)
    said = text_of(event["SUMMARY"][0][1])
    plain = title.replace("\r\n", "\n").replace("\r", "\n")
    assert len(said) == len(plain)
    assert all(one in {other, " "} for one, other in zip(said, plain, strict=True))
    assert event["DTSTART"] == [(";TZID=Europe/Amsterdam", "20260327T140000")]


def test_invitation_has_what_outlook_google_and_thunderbird_ask_of_a_request() -> None:
    lines = unfolded(invitation(MEETING, OFFICER, [GUEST]))
    assert lines.count("METHOD:REQUEST") == 1
    event = properties(lines)
    assert {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "ATTENDEE"} <= set(event)
    assert event["ORGANIZER"] == [(";CN=Anouk Veldkamp", "mailto:anouk@dalfsen.example")] or event["ORGANIZER"] == [
        (';CN="Anouk Veldkamp"', "mailto:anouk@dalfsen.example")
    ]
    ((parameters, address),) = event["ATTENDEE"]
    assert address == "mailto:wijkagent@politie.example"
    for part in ("ROLE=REQ-PARTICIPANT", "PARTSTAT=NEEDS-ACTION", "RSVP=TRUE"):
        assert f";{part}" in parameters
    assert "CN=\"Wijkagent 'Noord'; Dalfsen, Nieuwleusen\"" in parameters


def test_invitation_and_feed_know_the_meeting_by_one_name() -> None:
    assert (
        properties(unfolded(invitation(MEETING, OFFICER, [GUEST])))["UID"]
        == properties(unfolded(feed([MEETING], name="x")))["UID"]
    )


@pytest.mark.parametrize("said_by", ["caller", "meeting"])
def test_withdrawal_is_a_cancel_with_the_same_name(said_by: str) -> None:
    meeting = replace(MEETING, is_cancelled=said_by == "meeting", sequence=4)
    lines = unfolded(invitation(meeting, OFFICER, [GUEST], cancelled=said_by == "caller"))
    assert "METHOD:CANCEL" in lines
    event = properties(lines)
    assert event["STATUS"] == [("", "CANCELLED")]
    assert event["SEQUENCE"] == [("", "4")]
    assert event["UID"] == [("", f"{MEETING.uid}@koersvast")]
    assert len(event["ATTENDEE"]) == 1


@given(name=TEXTS)
def test_no_name_breaks_out_of_its_parameter(name: str) -> None:
    event = properties(unfolded(invitation(MEETING, Person(name=name, email=OFFICER.email), [GUEST])))
    assert event["ORGANIZER"][0][1] == f"mailto:{OFFICER.email}"


@pytest.mark.parametrize(
    "email", ["", "niemand", "a@b\nATTENDEE:mailto:c@d", "a b@c.nl", "a@b;c", "a,b@c.nl", "<a@b.nl>"]
)
def test_what_is_no_address_is_refused_and_not_repeated(email: str) -> None:
    with pytest.raises(BadAddress) as refused:
        invitation(MEETING, OFFICER, [Person(name="x", email=email)])
    assert not email or email not in str(refused.value)


def test_invitation_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="somebody"):
        invitation(MEETING, OFFICER, [])


def test_attendee_that_sits_there_twice_is_invited_once() -> None:
    twice = [GUEST, Person(name="Wijkagent", email="Wijkagent@politie.example")]
    assert len(properties(unfolded(invitation(MEETING, OFFICER, twice)))["ATTENDEE"]) == 1
