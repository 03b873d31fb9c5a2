"""How an item of the council stands against its term, and how a place is read."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koersvast.programme.council import PLACE_KINDS, SOON, STILL_OPEN, Place, Term, read_place, term

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(due=DAYS, after=st.integers(min_value=0, max_value=3000))
def test_last_day_is_not_late_and_the_day_after_is(due: date, after: int) -> None:
    assert term("open", due, today=due) is Term.SOON
    assert term("open", due, today=due + timedelta(days=1 + after)) is Term.LATE
    assert term("open", due, today=due - SOON - timedelta(days=1 + after)) is Term.OPEN


@given(due=st.none() | DAYS, today=DAYS)
def test_only_open_items_can_be_late(due: date | None, today: date) -> None:
    assert term("settled", due, today=today) not in STILL_OPEN
    assert term("withdrawn", due, today=today) not in STILL_OPEN
    assert (term("open", due, today=today) is Term.NO_TERM) == (due is None)


@given(kind=st.sampled_from(["objective", "programme"]), code=st.text(min_size=1))
def test_place_by_code_comes_back_as_it_was(kind: str, code: str) -> None:
    assert str(read_place(f"{kind}:{code}")) == f"{kind}:{code}"


@given(text=st.text())
def test_any_text_is_read_as_a_place_or_as_none(text: str) -> None:
    found = read_place(text)
    assert found is None or (found.kind in PLACE_KINDS and str(found) == text)


def test_number_must_be_a_number() -> None:
    assert read_place("action:12") == Place(kind="action", code="12")
    assert read_place("action:twaalf") is None
    assert read_place("action:²") is None
    assert read_place("objective:") is None
