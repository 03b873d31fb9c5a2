"""How the command line prints: aligned text, a drawn table on a terminal, JSON and CSV for programs."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from koersvast.cli.language import _
from koersvast.cli.ready import USAGE, Refusal
from koersvast.connectors.tables_out import neutralised


def check_form(form: str, *known: str) -> str:
    """Return the form of output that was asked for, or refuse it."""
    if form not in known:
        raise Refusal(
            _("Unknown format {form}. Choose {known}.").format(form=form, known=", ".join(known)), exit_code=USAGE
        )
    return form


def day(text: str) -> date | None:
    """Read 2020-12-31; None for an empty text."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(_("{text} is not a day. Write it like 2020-12-31.").format(text=text), exit_code=USAGE) from None


def print_json(value: Any) -> None:
    """Print plain values; letters beyond ASCII as they are."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows with commas; no cell starts a formula."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_cell(text) for text in row] for row in rows)


def _cell(text: str) -> str:
    """Numbers stay numbers, also negative ones."""
    return text if text.lstrip("-").replace(".", "", 1).isdigit() else neutralised(text)


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Mapping[int, bool] | None = None
) -> None:
    """Print a table: drawn on a terminal, aligned columns elsewhere. `numeric` columns go to the right."""
    right = numeric or {}
    if sys.stdout.isatty():
        drawn = Table(show_edge=False, pad_edge=False)
        for place, heading in enumerate(headings):
            drawn.add_column(heading, justify="right" if right.get(place) else "left")
        for row in rows:
            drawn.add_row(*row)
        Console().print(drawn, markup=False)
        return
    lines = [list(headings), *map(list, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    for line in lines:
        cells = (
            text.rjust(width) if right.get(place) else text.ljust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(cells).rstrip())
