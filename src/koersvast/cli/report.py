"""The report as a document: the same numbers as the pages and `verdicts` give."""

from pathlib import Path

from django.utils import timezone
from django_scopes import scope

from koersvast.cli.installation import municipality_of
from koersvast.cli.language import LANGUAGE, _
from koersvast.cli.output import day
from koersvast.cli.ready import USAGE, Refusal
from koersvast.cli.verdicts import plan_of
from koersvast.connectors.whole_files import write_whole
from koersvast.publications.blocks import Language
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.queries import FontsMissing, report_file
from koersvast.publications.writers import Format


def report(out: Path, plan: str, known_on: str, municipality: str) -> None:
    """Write the report to `out`, in the format that its extension names."""
    try:
        form = Format(out.suffix.lower().removeprefix("."))
    except ValueError:
        known = ", ".join(f".{one.value}" for one in Format)
        raise Refusal(
            _("{file} has no extension that is known. Choose {known}.").format(file=out.name, known=known),
            exit_code=USAGE,
        ) from None
    today = timezone.localdate()
    place = municipality_of(municipality)
    with scope(municipality=place):
        chosen = plan_of(place, plan)
        try:
            made = report_file(chosen, form, known_on=day(known_on) or today, today=today, language=Language(LANGUAGE))
        except (ConversionFailed, FontsMissing) as error:
            raise Refusal(_("The document cannot be made: {reason}").format(reason=error)) from None
    write_whole(out, made.content)
    print(_("The report is written to {file} ({size} kB).").format(file=out, size=len(made.content) // 1000))
