"""When a table is due, and when what is held is out of date."""

from datetime import date

import pytest

from koersvast.indicators.releases import is_due, is_out_of_date, next_due, rhythm_of
from koersvast.registers.tables import TABLES

MONTHLY, YEARLY, FILE = "47018NED", "70072ned", "BRON"


@pytest.mark.parametrize(
    ("on", "success", "attempt", "due"),
    [
        (date(2026, 11, 15), date(2026, 10, 17), date(2026, 10, 17), False),
        (date(2026, 11, 16), date(2026, 10, 17), date(2026, 10, 17), True),
        (date(2026, 11, 17), date(2026, 10, 17), date(2026, 11, 16), True),
        (date(2026, 11, 17), date(2026, 10, 17), date(2026, 11, 17), False),
        (date(2026, 11, 17), date(2026, 11, 16), date(2026, 11, 16), False),
        (date(2026, 1, 2), date(2025, 12, 17), date(2025, 12, 17), False),
        (date(2026, 11, 3), None, None, True),
    ],
)
def test_monthly_table_is_due_from_the_sixteenth_once_a_day_until_it_is_in(
    on: date, success: date | None, attempt: date | None, due: bool
) -> None:
    assert is_due(MONTHLY, on=on, last_success=success, last_attempt=attempt) is due


def test_table_that_comes_as_a_file_is_never_due() -> None:
    assert rhythm_of(FILE) is None
    assert not is_due(FILE, on=date(2026, 11, 20), last_success=None, last_attempt=None)
    assert next_due(FILE, on=date(2026, 11, 20)) is None
    assert not is_out_of_date(FILE, on=date(2026, 11, 20), last_success=date(2010, 1, 1))


@pytest.mark.parametrize(
    ("on", "success", "old"),
    [
        (date(2026, 11, 30), date(2026, 10, 17), False),
        (date(2026, 12, 6), date(2026, 10, 17), False),
        (date(2026, 12, 7), date(2026, 10, 17), True),
        (date(2026, 12, 7), date(2026, 11, 16), False),
        (date(2026, 12, 7), None, False),
    ],
)
def test_monthly_table_is_out_of_date_three_weeks_after_it_was_due(on: date, success: date | None, old: bool) -> None:
    assert is_out_of_date(MONTHLY, on=on, last_success=success) is old


def test_next_day_lies_ahead_also_over_new_year() -> None:
    assert next_due(MONTHLY, on=date(2026, 12, 16)) == date(2027, 1, 16)
    assert next_due(YEARLY, on=date(2026, 12, 2)) == date(2027, 3, 1)
    assert next_due("83648NED", on=date(2026, 11, 1)) == date(2027, 4, 1)


def test_every_table_with_an_address_that_is_no_key_figure_has_a_rhythm() -> None:
    without = {code for code, table in TABLES.items() if table.address and rhythm_of(code) is None}
    assert without == set()
