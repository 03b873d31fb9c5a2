"""The list of actions: sorted by its column heads, fifty on a page, with ticks to change several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.wording.numbers import format_day, format_number
from koersvast.programme.queries.actions import ActionFilter, ActionLine
from koersvast.web import components as c
from koersvast.web.programme.actions import words
from koersvast.web.programme.actions.pages import action_href, cost_cell, who

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column head; `href` sorts by it, `sorted` is what `aria-sort` says of the column that is sorted by now."""

    label: c.Text
    href: str = ""
    sorted: str = ""
    numeric: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One action as the list shows it; an empty text comes with a word on why."""

    number: int
    title: str
    href: str
    priority: str
    who: str
    partners: str
    term: str
    rhythm: str
    status: c.Badge
    signals: Sequence[c.Badge]
    reported: str
    last_line: str
    output: str
    cost: c.Cell


def context(
    lines: Sequence[ActionLine], *, chosen: ActionFilter, asked: QueryDict, total: int, municipality: str
) -> dict[str, Any]:
    """The rows of the asked page with heads, count and pages. `lines` fit and are sorted; `total` is all there are."""
    paginator = Paginator(lines, PER_PAGE)
    page = paginator.get_page(asked.get("page"))
    return {
        "heads": heads(chosen, asked),
        "rows": [row(line, municipality=municipality) for line in page.object_list],
        "page": page,
        "page_numbers": paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "count": count(page, total=total),
        "found": len(lines),
        "is_filtered": len(lines) != total,
        "carried": [(name, value) for name, value in asked.items() if name != "page"],
    }


def count(page: "Page[ActionLine]", *, total: int) -> str:
    """How many are shown of how many."""
    found = page.paginator.count
    text = ngettext("{number} action", "{number} actions", found).format(number=format_number(found, 0))
    if found != total:
        text = _("{found} of {total}").format(found=text, total=format_number(total, 0))
    if page.paginator.num_pages > 1:
        shown = _("{first} to {last} are shown").format(first=page.start_index(), last=page.end_index())
        text = f"{text}, {shown}"
    return text


def heads(chosen: ActionFilter, asked: QueryDict) -> list[Head]:
    """The columns; choosing the one that is sorted by turns it round."""
    columns: Sequence[tuple[str, str, bool]] = (
        ("number", _("Action"), False), ("owner", _("Who"), False), ("ends_on", _("When"), False),
        ("status", _("State"), False), ("last_report_on", _("Last report"), False), ("euro", _("Cost"), True),
    )  # fmt: skip
    return [_head(name, label, chosen=chosen, asked=asked, numeric=numeric) for name, label, numeric in columns]


def _head(name: str, label: str, *, chosen: ActionFilter, asked: QueryDict, numeric: bool) -> Head:
    is_it = (chosen.sort or "number") == name
    query = asked.copy()
    for gone in ("page", "descending"):
        query.pop(gone, None)
    query["sort"] = name
    if is_it and not chosen.descending:
        query["descending"] = "1"
    direction = "descending" if chosen.descending else "ascending"
    return Head(label=label, href=f"?{query.urlencode()}", sorted=direction if is_it else "", numeric=numeric)


def row(line: ActionLine, *, municipality: str) -> Row:
    """One action in words."""
    rhythm = "" if line.recurrence == "once" else str(words.RECURRENCE[line.recurrence])
    return Row(
        number=line.number, title=line.title, href=action_href(line.number, municipality=municipality),
        priority=line.priority.name if line.priority else "", who=who(line),
        partners=", ".join(part.name for part in line.partners), term=words.term(line.starts_on, line.ends_on),
        rhythm=rhythm, status=words.STATUS[line.status],
        signals=[words.SIGNAL[code] for code in words.SIGNALS_SHOWN if code in line.signals and code != "no_cost"],
        reported=format_day(line.last_report_on) if line.last_report_on else "", last_line=line.last_line,
        output=output(line), cost=cost_cell(line),
    )  # fmt: skip


def output(line: ActionLine) -> str:
    """How far the count is, as far as both are known."""
    if line.output_done is None or line.output_planned is None:
        return ""
    done, planned = (format_number(value, _places(value)) for value in (line.output_done, line.output_planned))
    return _("{done} of {planned} {unit}").format(done=done, planned=planned, unit=line.output_unit).strip()


def _places(value: Any) -> int:
    return 0 if value == value.to_integral_value() else 2
