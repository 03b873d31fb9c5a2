"""Fetch national tables with a progress bar, or take them from files, and say what became of each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django_scopes import scope, scopes_disabled
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

from koersvast.access.models import Municipality
from koersvast.cli.installation import OPERATOR, municipality_of
from koersvast.cli.language import _
from koersvast.cli.output import check_form, day, print_json
from koersvast.cli.ready import DONE, REFUSED, USAGE, Refusal, nothing_fetched_here
from koersvast.connectors.captures import Progress
from koersvast.indicators.changes import retrievals as changes
from koersvast.indicators.feeds import FEEDS
from koersvast.indicators.models import Delivery, Following, Retrieval
from koersvast.indicators.queries.retrievals import tables_needed
from koersvast.indicators.wording import format_day, format_number
from koersvast.indicators.wording.registers import retrieval_sentence, step_name
from koersvast.registers.tables import TABLES

MIB = 1024 * 1024


def fetch(
    tables: list[str],
    feeds: list[str],
    form: str,
    municipality: str,
    everything: bool,
    offline: bool,
    files: list[Path],
    as_of: str,
) -> int:
    """Bring in each table, one after the other; 1 when one of them failed or was put apart."""
    check_form(form, "text", "json")
    if settings.DEMO and not offline:  # a file of real figures would stand beside invented ones too
        raise nothing_fetched_here()
    place = municipality_of(municipality) if municipality else None
    wanted = _wanted(tables, feeds, everything=everything, place=place)
    if files:
        done = [_from_files(wanted, files, as_of)]
    elif as_of:
        raise Refusal(_("--as-of goes with --file: what is fetched is of today."), exit_code=USAGE)
    else:
        done = [_fetched(table, offline=offline, form=form) for table in wanted]
    if form == "json":
        print_json([_as_json(one) for one in done])
    else:
        for one in done:
            _say(one)
    return DONE if all(one.state == Retrieval.State.DONE for one in done) else REFUSED


def _wanted(tables: list[str], feeds: list[str], *, everything: bool, place: Municipality | None) -> list[str]:
    """The tables that were asked for, inhabitants first."""
    unknown = [code for code in tables if code not in TABLES] + [code for code in feeds if code not in FEEDS]
    if unknown:
        raise Refusal(_("Not known: {codes}.").format(codes=", ".join(unknown)), exit_code=USAGE)
    if everything:
        with scopes_disabled():
            followed = Following.objects.filter(until=None)
            followed = followed.filter(municipality=place) if place else followed
            feeds = [*feeds, *followed.values_list("feed", flat=True)]
        if not feeds:
            raise Refusal(_("Nothing is followed yet. Choose feeds on the page Open figures, or name a --table."))
    found = [*tables, *tables_needed(feeds)]
    if not found:
        raise Refusal(_("Name a --table or a --feed, or use --all."), exit_code=USAGE)
    if everything:
        found = [code for code in found if TABLES[code].address is not None]
    return list(dict.fromkeys(found))


def _fetched(table: str, *, offline: bool, form: str) -> Retrieval:
    try:
        retrieval = changes.ask_retrieval(table, by=OPERATOR, is_offline=offline, queued=False)
    except changes.PracticeFigures:
        raise nothing_fetched_here() from None
    except changes.ComesAsFile:
        raise Refusal(
            _("Table {table} has no address to fetch from.").format(table=table),
            _("Deliver it as a file: koersvast fetch --table {table} --file FILE").format(table=table),
        ) from None
    with _progress(table, shown=form == "text") as report:
        try:
            return changes.retrieve(retrieval, progress=report)
        except changes.AlreadyRunning:
            raise Refusal(_("Table {table} is being fetched already.").format(table=table)) from None


def _from_files(wanted: list[str], files: list[Path], as_of: str) -> Retrieval:
    if len(wanted) != 1:
        raise Refusal(_("Name one --table for these files."), exit_code=USAGE)
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise Refusal(_("There is no file or directory {path}.").format(path=missing[0]), exit_code=USAGE)
    given = [(path.name, path.read_bytes()) for path in files]
    return changes.import_register_files(wanted[0], given, by=OPERATOR, as_of=day(as_of))


@contextmanager
def _progress(table: str, *, shown: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A bar on a terminal; nothing for programs and logs."""
    console = Console(file=sys.stderr)
    if not (shown and console.is_terminal):
        yield None
        return
    latest = [Progress(done=0, total=None, bytes=0, text_code="metadata")]
    columns = (TextColumn("{task.fields[table]}"), _Share(latest), _Words(latest), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        bar.add_task("", total=None, table=table)
        yield latest.append


class _Share(ProgressColumn):
    """How much of the table is in; it moves to and fro while nobody knows how much there is."""

    def __init__(self, latest: list[Progress]) -> None:
        super().__init__()
        self.latest = latest

    def render(self, task: Task) -> ProgressBar:
        found = self.latest[-1]
        return ProgressBar(
            total=found.total or 1,
            completed=found.done,
            width=30,
            pulse=not found.total,
            animation_time=task.get_time(),
        )


class _Words(ProgressColumn):
    """What is going on, and how much came in."""

    def __init__(self, latest: list[Progress]) -> None:
        super().__init__()
        self.latest = latest

    def render(self, task: Task) -> Text:  # noqa: ARG002 the library gives it
        found = self.latest[-1]
        pages = f" {found.done}/{found.total}" if found.total else ""
        return Text(f"{step_name(found.text_code)}{pages}, {format_number(found.bytes / MIB, 1)} MB")


def _say(one: Retrieval) -> None:
    title = TABLES[one.table].title_nl
    if one.state == Retrieval.State.DONE:
        print(_("{table} is in ({title}), version {number}.").format(table=one.table, title=title, number=one.vintage))
    elif one.state == Retrieval.State.QUARANTINED:
        print(_("{table} is put apart; the last good figures stay.").format(table=one.table))
    else:
        print(_("{table} did not come in; the last good figures stay.").format(table=one.table))
    for found in one.problems:
        print(f"  {retrieval_sentence(found['code'], found['values'])}")
    for name, delivery in _deliveries(one):
        counts = ", ".join(
            f"{format_number(number, 0)} {word}"
            for number, word in (
                (delivery.new, _("new")),
                (delivery.revised, _("changed")),
                (delivery.withdrawn, _("gone")),
                (delivery.same, _("unchanged")),
            )
            if number
        )
        state = _("waits for a person") if delivery.state == Delivery.State.STAGED else _("taken over")
        print(f"  {name}, {format_day(delivery.as_of)}: {counts} ({state})")


def _deliveries(one: Retrieval) -> list[tuple[str, Delivery]]:
    """What the vintage of this retrieval brought to each municipality."""
    found = []
    for municipality in Municipality.objects.order_by("code"):
        with scope(municipality=municipality):
            rows = Delivery.objects.filter(municipality=municipality, table=one.table, vintage=one.vintage)
            found += [(municipality.name, row) for row in rows.defer("staged") if one.vintage]
    return found


def _as_json(one: Retrieval) -> dict[str, Any]:
    return {
        "table": one.table,
        "state": one.state,
        "vintage": one.vintage,
        "capture": one.capture,
        "problems": [
            {**found, "message": retrieval_sentence(found["code"], found["values"])} for found in one.problems
        ],
        "deliveries": [
            {
                "municipality": delivery.municipality.code,
                "number": delivery.pk,
                "state": delivery.state,
                "as_of": delivery.as_of.isoformat(),
                "new": delivery.new,
                "changed": delivery.revised,
                "withdrawn": delivery.withdrawn,
                "same": delivery.same,
                "refused": delivery.refused,
            }
            for _name, delivery in _deliveries(one)
        ],
    }
