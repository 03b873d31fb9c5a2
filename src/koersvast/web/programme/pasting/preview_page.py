"""What a pasted table becomes: its cells as pasted, the actions as they will be, and what is not used."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.programme.models import StagedTable
from koersvast.programme.pasted_text import ABOVE, LEFT, Table
from koersvast.programme.pasting import PastedAction, Reading
from koersvast.programme.queries.pasting import known_to, table_of_staged
from koersvast.web import components as c
from koersvast.web.programme.actions import words as action_words
from koersvast.web.programme.pasting import words

ROWS_SHOWN, LETTERS_SHOWN = 5, 90
MARKS = (ABOVE, LEFT)  # our own, of merged cells: they hold nothing that could get lost


def context(staged: StagedTable, reading: Reading) -> dict[str, Any]:
    """Everything that the preview shows."""
    table, names = table_of_staged(staged), _names(staged)
    number = len(reading.actions)
    return {
        "version": staged.version,
        "number": number,
        "new_names": _new_names(reading),
        "has_questions": bool(reading.questions),
        "lead": ngettext(
            "This becomes {number} action. Nothing is stored yet.",
            "This becomes {number} actions. Nothing is stored yet.",
            number,
        ).format(number=number),
        "becoming": _actions(reading, names) if number else None,
        "unused": _unused(reading, table) if any(one.text not in MARKS for one in reading.unused) else None,
    }


def pasted(table: Table) -> c.DataTable:
    """The first rows as they came in."""
    columns = [c.Column(label=_("Row"))]
    columns += [c.Column(label=words.column_name(table, place)) for place in range(table.width)]
    rows = [
        c.Row(
            head=c.Cell(text=str(number), numeric=True),
            cells=[_cell(_short(text)) for text in row],
        )
        for number, row in table.body[:ROWS_SHOWN]
    ]
    return c.DataTable(
        id="geplakt", caption=_("The first rows of your table"), columns=columns, groups=[c.RowGroup(rows=rows)]
    )


def _cell(text: str) -> c.Cell:
    return c.Cell(text=text) if text else c.Cell(missing=_("empty"))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LETTERS_SHOWN else flat[: LETTERS_SHOWN - 1].rstrip() + "…"


def _names(staged: StagedTable) -> dict[str, str]:
    known = known_to(staged.programme)
    return {one.key: one.name for one in (*known.organisations, *known.contacts, *known.objectives)}


def _new_names(reading: Reading) -> list[str]:
    keys = dict.fromkeys(key for one in reading.actions for key in (one.owner, *one.partners))
    return [key.partition(":")[2] for key in keys if key.startswith("new_")]


def _actions(reading: Reading, names: dict[str, str]) -> c.DataTable:
    labels = (
        _("The action (title)"), _("Objective or priority"), _("Who does it (one)"), _("Who helps (partners)"),
        _("When (term)"), _("What it costs"),
    )  # fmt: skip
    return c.DataTable(
        id="worden", caption=_("The actions as they will be"),
        columns=[c.Column(label=label) for label in labels],
        groups=[c.RowGroup(rows=[_action(one, names) for one in reading.actions])],
    )  # fmt: skip


def _action(one: PastedAction, names: dict[str, str]) -> c.Row:
    def named(key: str) -> str:
        return names.get(key) or key.partition(":")[2]

    note = _("is in the programme already") if one.is_known_title else ""
    cost = sum((cost.euro for cost in one.costs), start=Decimal(0)) if one.costs else None
    when = action_words.when(one.starts_on, one.ends_on, one.recurrence) if one.starts_on or one.ends_on else ""
    return c.Row(
        head=c.Cell(text=one.title, note=note),
        cells=[
            _or_missing(", ".join(map(named, one.objectives)), _("none chosen")),
            _or_missing(named(one.owner) if one.owner else one.owner_role, _("nobody yet")),
            _or_missing(", ".join(map(named, one.partners)), _("none")),
            _or_missing(", ".join(filter(None, (when, one.recurrence_note))), _("not said")),
            _or_missing(
                action_words.cost(cost, has_no_cost=one.has_no_cost) if cost or one.has_no_cost else "",
                _("no amount given"),
            ),
        ],
    )


def _or_missing(text: str, missing: str) -> c.Cell:
    return c.Cell(text=text) if text else c.Cell(missing=missing)


def _unused(reading: Reading, table: Table) -> c.DataTable:
    rows = [
        c.Row(
            head=c.Cell(text=_("Row {number}").format(number=one.row)),
            cells=[
                c.Cell(text=words.column_name(table, one.column)),
                c.Cell(text=_short(one.text)),
                c.Cell(text=words.UNUSED[one.reason]),
            ],
        )
        for one in reading.unused
        if one.text not in MARKS
    ]
    labels = (_("Where"), _("Column"), _("What stands there"), _("Why it is not used"))
    return c.DataTable(
        id="niet-gebruikt", caption=_("Not used"), columns=[c.Column(label=label) for label in labels],
        groups=[c.RowGroup(rows=rows)],
    )  # fmt: skip
