"""What asks attention follows from dates and values alone, by the table of docs/methods/staleness.md."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.programme.staleness import ActionFacts, Signal, late_days, signals, silences, silent_days

NEW_YEAR, MAY, JUNE = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1)
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))
FACTS = st.builds(
    ActionFacts,
    status=st.sampled_from(["planned", "running", "stuck", "done", "stopped"]),
    recurrence=st.sampled_from(["once", "continuous", "weekly", "monthly", "quarterly", "yearly"]),
    starts_on=st.none() | DAYS,
    ends_on=st.none() | DAYS,
    last_report_on=st.none() | DAYS,
    has_owner=st.booleans(),
)


def facts(status: str, recurs: str, first: date | None, end: date | None, reported: date | None) -> ActionFacts:
    return ActionFacts(status=status, recurrence=recurs, starts_on=first, ends_on=end, last_report_on=reported)


@pytest.mark.parametrize(
    ("known", "today", "late", "silent"),
    [
        (facts("running", "once", NEW_YEAR, JUNE, MAY), JUNE, None, False),
        (facts("running", "once", NEW_YEAR, JUNE, MAY), date(2026, 6, 11), 10, False),
        (facts("running", "once", NEW_YEAR, None, MAY), date(2026, 6, 11), None, False),
        (facts("running", "once", NEW_YEAR, None, MAY), date(2026, 6, 12), None, True),
        (facts("running", "quarterly", NEW_YEAR, None, MAY), date(2026, 6, 12), None, False),
        (facts("running", "yearly", NEW_YEAR, None, MAY), MAY + timedelta(weeks=13), None, True),
        (facts("planned", "once", NEW_YEAR, None, None), date(2026, 1, 2), 1, False),
        (facts("planned", "monthly", NEW_YEAR, None, None), date(2026, 1, 2), None, False),
        (facts("running", "once", None, None, None), date(2026, 1, 2), None, True),
        (facts("done", "once", NEW_YEAR, JUNE, None), date(2026, 7, 1), None, False),
    ],
)
def test_row_of_the_table_comes_out(known: ActionFacts, today: date, late: int | None, silent: bool) -> None:
    assert late_days(known, today=today) == late
    assert (Signal.SILENT in signals(known, today=today)) == silent


def test_nobody_to_turn_to_is_told_with_what_is_stuck() -> None:
    found = signals(ActionFacts(status="stuck", last_report_on=MAY, has_owner=False), today=MAY)
    assert found == {"stuck", "unowned"}


@given(known=FACTS, today=DAYS)
def test_what_is_settled_asks_nothing_and_every_silence_ends_with_a_report(known: ActionFacts, today: date) -> None:
    found = signals(known, today=today)
    if known.status in {"done", "stopped"}:
        assert found == frozenset()
    assert (Signal.LATE in found) == (late_days(known, today=today) is not None)
    heard = facts(known.status, known.recurrence, known.starts_on, known.ends_on, today)
    assert Signal.SILENT not in signals(heard, today=today)


@given(known=FACTS, today=DAYS, further=st.integers(min_value=1, max_value=400))
def test_days_that_pass_take_no_signal_away(known: ActionFacts, today: date, further: int) -> None:
    later = today + timedelta(days=further)
    reports_ahead = known.last_report_on is not None and known.last_report_on > today
    if not reports_ahead:
        assert signals(known, today=today) <= signals(known, today=later)
    before, after = silent_days(known, today=today), silent_days(known, today=later)
    if before is not None:
        assert after == before + further


def test_longest_silence_comes_first_and_one_without_a_beginning_before_all() -> None:
    today = date(2026, 6, 30)
    found = silences(
        [
            ("politie", facts("running", "once", NEW_YEAR, None, MAY)),
            ("welzijn", facts("running", "once", NEW_YEAR, None, None)),
            ("welzijn", facts("running", "once", NEW_YEAR, None, MAY)),
            ("brandweer", facts("running", "once", None, None, None)),
            ("scholen", facts("running", "once", NEW_YEAR, None, today)),
        ],
        today=today,
    )
    assert [(one.key, one.days, one.actions) for one in found] == [
        ("brandweer", None, 1),
        ("welzijn", 180, 2),
        ("politie", 60, 1),
    ]
