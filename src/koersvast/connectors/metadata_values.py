"""The single values of a table's metadata, as either form gives them: JSON has numbers and nulls, Atom has texts."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from koersvast.connectors.open_tables import table_problem

_CLOCK = ZoneInfo("Europe/Amsterdam")


def plain_text(value: Any) -> str:
    """Return a value as text without the spaces that pad it; nothing is an empty text."""
    return "" if value is None else str(value).strip()


def number_or_zero(value: Any) -> int:
    """Return a small whole number such as a count of decimals; anything else is 0."""
    text = plain_text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0


def moment(value: Any, *, table: str) -> datetime | None:
    """Read when a table was last changed; a moment without a time zone is Dutch time. Raises TableProblem."""
    text = plain_text(value)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise table_problem("cell_of_wrong_kind", table=table, field="Modified", found=text) from None
    return found if found.tzinfo else found.replace(tzinfo=_CLOCK)
