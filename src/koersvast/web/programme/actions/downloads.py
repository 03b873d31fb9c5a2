"""The table of the budget as a file: what do we want, what will we do, what may it cost."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import About, Labels, OutTable, Value, write_csv, write_ods, write_xlsx
from koersvast.programme.models import Programme
from koersvast.programme.queries.actions import ActionFilter, ActionLine, ThreeWRow, actions, judged_on, three_w
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import words
from koersvast.web.programme.actions.pages import who

WRITERS: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": (write_ods, "application/vnd.oasis.opendocument.spreadsheet"),
}


@permitted(GET=Permission.PROGRAMME_VIEW)
def three_w_file(_request: TenantRequest, programme: str, form: str) -> HttpResponse:
    """One line for every amount, so that a controller can add up by year and by cover."""
    if form not in WRITERS:
        raise Http404
    chosen = get_object_or_404(Programme.objects.select_related("plan", "municipality"), code=programme)
    write, media_type = WRITERS[form]
    response = HttpResponse(write(table(chosen), labels=labels()), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="3w-{chosen.code}.{form}"'
    return response


def labels() -> Labels:
    """The words around a table in the language of the reader."""
    return Labels(
        title=_("Title"), source=_("Source"), licence=_("Licence"), vintage=_("As known on"),
        definitions=_("Definitions"), data_sheet=_("Data"), about_sheet=_("About"), yes=_("yes"), no=_("no"),
    )  # fmt: skip


def table(programme: Programme) -> OutTable:
    """A line for each amount; an action without an amount has one line that says why."""
    today = timezone.localdate()
    found = three_w(programme, actions(programme, chosen=ActionFilter(), today=today))
    headings = [
        _("priority"), _("objectives"), _("number"), _("action"), _("who"), _("starts on"), _("ready by"), _("state"),
        _("hours"), _("year"), _("euro"), _("cover"), _("name of the cover"), _("remark"),
    ]  # fmt: skip
    about = About(
        title=_("3W table of {programme}").format(programme=programme.title),
        source=_("Implementation programme of {name}").format(name=programme.municipality.name),
        licence=_("not applicable"),
        vintage=judged_on(programme, today=today).isoformat(),
        definitions={
            _("hours"): _("Of the whole action, on its first line only, so that hours can be added up."),
            _("euro"): _("Empty where nobody filled in an amount: that is not the same as nought."),
        },
    )
    rows = [cells for row in found.rows for line in row.lines for cells in _lines(row, line)]
    return OutTable(about=about, headings=headings, rows=rows)


def _lines(row: ThreeWRow, line: ActionLine) -> list[list[Value]]:
    first: list[Value] = [
        row.part.name if row.part else _("Without a priority"), "; ".join(part.name for part in line.objectives),
        line.number, line.title, who(line), line.starts_on, line.ends_on, str(words.STATUS[line.status].text),
    ]  # fmt: skip
    if not line.amounts:
        remark = _("costs nothing") if line.has_no_cost else _("no amount filled in")
        nothing: Value = Decimal(0) if line.has_no_cost else None
        return [[*first, line.hours, None, nothing, None, None, remark]]
    return [
        [
            *first, line.hours if place == 0 else None, amount.year, amount.euro, str(words.COVER[amount.cover]),
            amount.cover_name or None, None,
        ]
        for place, amount in enumerate(line.amounts)
    ]  # fmt: skip
