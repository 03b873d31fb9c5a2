"""Deliveries on a page: the history, the preview of what a file would do, and what a stored one brought."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.connectors.problems import CODES as FILE_CODES
from koersvast.connectors.problems import Problem, Severity
from koersvast.engine.quantities import Certainty, Unit
from koersvast.indicators import wording
from koersvast.indicators.matching import Line
from koersvast.indicators.models import Delivery, Observation
from koersvast.indicators.queries import StagedPage
from koersvast.web import components as c

_STATES = {
    "staged": ("changed", "info"),
    "stored": ("ok", "positive"),
    "discarded": ("same", "neutral"),
}


def state_badge(delivery: Delivery) -> c.Badge:
    """Waiting, taken over or discarded."""
    words = {"staged": _("Waits for you"), "stored": _("Taken over"), "discarded": _("Discarded")}
    symbol, tone = _STATES[delivery.state]
    return c.Badge(text=words[delivery.state], symbol=symbol, tone=tone)  # type: ignore[arg-type] # tones above


def history(found: Sequence[Delivery], *, municipality: str) -> c.DataTable:
    """The deliveries as a table, newest first."""
    return c.DataTable(
        id="aanleveringen",
        caption=_("Deliveries"),
        subtitle=_("Every file that came in, also those that were discarded."),
        columns=[
            c.Column(label=_("File")),
            c.Column(label=_("Source")),
            c.Column(label=_("As of")),
            c.Column(label=_("Received")),
            c.Column(label=_("New"), numeric=True),
            c.Column(label=_("Changed"), numeric=True),
            c.Column(label=_("Unchanged"), numeric=True),
            c.Column(label=_("Status")),
        ],
        groups=[c.RowGroup(rows=[_history_row(one, municipality=municipality) for one in found])],
    )


def _history_row(one: Delivery, *, municipality: str) -> c.Row:
    address = reverse("delivery", kwargs={"municipality": municipality, "number": one.pk})
    counts = [c.Cell(text=wording.format_number(n, 0), numeric=True) for n in (one.new, one.revised, one.same)]
    return c.Row(
        head=c.Cell(text=one.file_name, href=address),
        cells=[
            c.Cell(text=one.source.label if one.source else _("several")),
            c.Cell(text=wording.format_day(one.as_of)),
            c.Cell(text=wording.format_moment(one.received_at)),
            *counts,
            c.Cell(badge=state_badge(one)),
        ],
    )


def summary(page: StagedPage, delivery: Delivery) -> list[c.KeyFigure]:
    """How many lines are new, changed, unchanged and refused, each a link to those lines."""
    words = {
        "new": _("New"),
        "changed": _("Changed"),
        **({"withdrawn": _("Gone")} if delivery.withdrawn else {}),
        "same": _("Unchanged"),
        "refused": _("Refused"),
    }
    notes = {
        "new": _("not known before"),
        "changed": _("replaces what is known; the old figure stays readable"),
        "withdrawn": _("the source gives it no longer; the old figure stays readable"),
        "same": _("says what is known already"),
        "refused": _("has to be corrected first"),
    }
    counts = {**page.counts, "refused": max(page.counts["refused"], delivery.refused)}
    return [
        c.KeyFigure(
            label=words[name],
            value=wording.format_number(counts[name], 0),
            note=notes[name],
            href=f"?lines={name}#regels" if counts[name] else "",
        )
        for name in words
    ]


def preview(page: StagedPage) -> c.DiffTable:
    """The staged lines with old and new value, and the sentence of each refusal and warning."""
    return c.DiffTable(
        id="regels",
        caption=_("What this file would do"),
        subtitle=_("Page {page} of {pages}").format(page=page.page, pages=page.pages) if page.pages > 1 else "",
        rows=[_diff_row(line, page) for line in page.lines],
    )


def _diff_row(line: Line, page: StagedPage) -> c.DiffRow:
    unit = page.units.get(line.key.indicator) if line.key else None
    name = page.names.get(line.key.indicator, line.label) if line.key else line.label
    note, code = _remarks(line)
    return c.DiffRow(
        label=", ".join(part for part in (name, _area(line, page), line.period) if part) or _("This line"),
        state=c.ROW_STATE[line.outcome],
        old=_new(line, unit) if line.outcome == "same" else _old(line, unit),
        new={"refused": line.amount_text, "same": ""}.get(line.outcome, _new(line, unit)),
        line=_place(line),
        note=note,
        code=code,
    )


def _area(line: Line, page: StagedPage) -> str:
    """The area of a line, where it is not the municipality itself."""
    return page.areas.get(line.key.area, "") if line.key else ""


def _remarks(line: Line) -> tuple[str, str]:
    """The sentences about a line, and the code when it is refused."""
    found = [line.refusal] if line.refusal else list(line.warnings)
    said = [wording.worded(one.code, one.values) for one in found]
    text = " ".join(f"{one.text} {one.remedy}" if line.refusal else one.text for one in said)
    return text, ", ".join(one.code for one in said)


def _place(line: Line) -> str:
    if line.line is None:
        return line.column
    if not line.column:  # figures that the software made have lines and no columns
        return _("line {line}").format(line=line.line)
    return _("line {line}, column {column}").format(line=line.line, column=line.column)


def _old(line: Line, unit: Unit | None) -> str:
    if line.old is None or unit is None:
        return ""
    if line.old.amount is None:
        return wording.missing_name(line.old.missing)
    text = wording.format_amount(line.old.amount, unit, line.old.decimals)
    return text + ("*" if line.old.certainty is Certainty.PROVISIONAL else "")


def _new(line: Line, unit: Unit | None) -> str:
    if line.amount is None or unit is None:
        return wording.missing_name(line.missing)
    text = wording.format_amount(line.amount, unit, line.decimals)
    return text + ("*" if line.certainty is Certainty.PROVISIONAL else "")


def problems_of_file(delivery: Delivery) -> list[c.Callout]:
    """What holds for the file as a whole: refusals first, then what asks a look, then what was merely noted."""
    refused: list[str] = []
    noted: list[str] = []
    for kept in delivery.staged.get("problems", []):
        said = wording.worded(kept["code"], kept["values"], line=kept["line"], column=kept["column"])
        is_refused = FILE_CODES[kept["code"]].severity is Severity.REFUSED
        (refused if is_refused else noted).append(f"{said.sentence} ({said.code})")
    remarks = [wording.worded(code, values) for code, values in delivery.staged.get("remarks", [])]
    callouts = []
    if refused:
        callouts.append(c.Callout(title=_("This file cannot be taken over"), items=refused, tone="negative"))
    if remarks:
        items = [f"{said.text} {said.remedy} ({said.code})" for said in remarks]
        callouts.append(c.Callout(title=_("Please look at this first"), items=items, tone="warning"))
    if noted:
        shown = noted[:12]
        if len(noted) > len(shown):
            more = len(noted) - len(shown)
            shown.append(ngettext("and {number} more", "and {number} more", more).format(number=more))
        callouts.append(c.Callout(title=_("How the file was read"), items=shown, tone="info"))
    return callouts


def refusal(problems: Sequence[Problem]) -> list[str]:
    """The sentences for a file that could not be read at all."""
    said = [wording.worded(one.code, one.values, line=one.line, column=one.column) for one in problems]
    return [f"{one.sentence} ({one.code})" for one in said]


def facts(delivery: Delivery) -> list[tuple[str, str]]:
    """What is known about a delivery."""
    listed: list[tuple[str, Any]] = [
        (_("As of"), wording.format_day(delivery.as_of)),
        (_("Source"), delivery.source.name if delivery.source else _("as each line says")),
        (_("Received"), wording.format_moment(delivery.received_at)),
        (_("Closed"), wording.format_moment(delivery.closed_at) if delivery.closed_at else ""),
        (_("Mark of the file (SHA-256)"), f"{delivery.snapshot[:16]}…"),
    ]
    return [(name, value) for name, value in listed if value]


def brought(found: Sequence[Observation], *, municipality: str) -> c.DataTable:
    """The numbers that a stored delivery brought, with the line each stood on."""
    return c.DataTable(
        id="gebracht",
        caption=_("The figures of this delivery"),
        columns=[
            c.Column(label=_("Indicator")),
            c.Column(label=_("Source")),
            c.Column(label=_("Period")),
            c.Column(label=_("Figure"), numeric=True),
            c.Column(label=_("Line"), numeric=True),
            c.Column(label=_("Status")),
        ],
        groups=[c.RowGroup(rows=[_brought_row(one, municipality=municipality) for one in found])],
    )


def _brought_row(one: Observation, *, municipality: str) -> c.Row:
    unit = Unit(one.indicator.unit)
    address = reverse("indicator", kwargs={"municipality": municipality, "code": one.indicator.code})
    amount = wording.format_amount(one.amount, unit, one.decimals) if one.amount is not None else ""
    state = wording.certainty_name(Certainty(one.certainty))
    if one.withdrawn_at:
        state = _("withdrawn: {reason}").format(reason=one.withdrawn_because)
    return c.Row(
        head=c.Cell(text=one.indicator.name, href=address),
        cells=[
            c.Cell(text=one.source.label),
            c.Cell(text=one.period),
            c.Cell(text=amount, missing="" if amount else _("no figure"), numeric=True),
            c.Cell(text=str(one.line) if one.line else "", missing="" if one.line else _("from a table"), numeric=True),
            c.Cell(text=state),
        ],
    )
