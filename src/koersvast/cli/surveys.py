"""The resident survey from the command line: read a file, compute, look at outcomes, write what leaves the house."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_scopes import scope
from rich.progress import Progress

from koersvast.cli.installation import OPERATOR, municipality_of
from koersvast.cli.language import LANGUAGE, _
from koersvast.cli.output import check_form, day, print_csv, print_json, print_table
from koersvast.cli.practice_files import write_practice_files
from koersvast.cli.ready import USAGE, Refusal
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.whole_files import write_whole
from koersvast.indicators.models import Source
from koersvast.indicators.wording import format_number
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.queries import FontsMissing
from koersvast.publications.survey_files import TABLE_BOOK_FORMS, method_statement_file, write_table_book
from koersvast.publications.writers import Format
from koersvast.surveys.changes.computing import compute_now
from koersvast.surveys.changes.files import FileDoesNotFit, PersonalColumnsFound, receive_file
from koersvast.surveys.changes.waves import NoSurvey, open_wave
from koersvast.surveys.inputs import NotReady
from koersvast.surveys.keeping import KeepingRefused
from koersvast.surveys.models import Computation, SurveyEstimate, Wave
from koersvast.surveys.queries.outcomes import entries_computed, shown_computation
from koersvast.surveys.queries.waves import codebook_of, current_file
from koersvast.surveys.wording.files import file_sentence
from koersvast.surveys.wording.refusals import refusal


def practice(directory: Path) -> None:
    """Write the files of the two practice waves."""
    for path in write_practice_files(directory):
        print(path)


def read(
    file: Path,
    source: str,
    period: str,
    keep_until: str,
    codebook: Path | None,
    drop: list[str] | None,
    municipality: str,
) -> None:
    """Bring in a survey file as the answers of a wave, which is opened when it is new."""
    for path in (file, codebook):
        if path is not None and not path.is_file():
            raise Refusal(_("There is no file {path}.").format(path=path), exit_code=USAGE)
    until = day(keep_until)
    if until is None:
        raise Refusal(_("Say with --keep-until until which day ahead the answers are kept."), exit_code=USAGE)
    place = municipality_of(municipality)
    # A file that is refused leaves no wave behind either.
    with scope(municipality=place), transaction.atomic():
        wave = _opened(source, period)
        received = _received(wave, file, until, codebook, drop or [])
        waiting = codebook_of(wave, waiting=True).count()
    print(
        _("{rows} respondents and {columns} columns were read, and kept encrypted until {day}.").format(
            rows=received[0], columns=received[1], day=until.isoformat()
        )
    )
    print(_("{count} lines of the codebook wait for somebody to confirm them, on the pages.").format(count=waiting))


def _opened(source: str, period: str) -> Wave:
    found = Source.objects.filter(code=source).first()
    if found is None:
        codes = ", ".join(Source.objects.filter(kind=Source.Kind.SURVEY).values_list("code", flat=True)) or "-"
        raise Refusal(_("There is no survey {source}. Known: {known}.").format(source=source, known=codes))
    try:
        return open_wave(found, period=period, by=OPERATOR)
    except NoSurvey:
        raise Refusal(_("{source} is a registration, not a survey.").format(source=source)) from None
    except ValidationError as error:
        raise Refusal(*error.messages) from None
    except ValueError:
        raise Refusal(_("{period} is not a period. Write it like 2021.").format(period=period)) from None


def _received(wave: Wave, file: Path, until: date, codebook: Path | None, drop: Sequence[str]) -> tuple[int, int]:
    try:
        kept = receive_file(
            wave,
            data=file.read_bytes(),
            file_name=file.name,
            keep_until=until,
            codebook=codebook.read_bytes() if codebook else None,
            codebook_name=codebook.name if codebook else "",
            drop_columns=drop,
            by=OPERATOR,
        )
    except FileRefused as refused:
        raise Refusal(file_sentence(refused.problem)) from None
    except PersonalColumnsFound as found:
        names = [column.name for column in found.columns]
        raise Refusal(
            _("These columns say who somebody is: {columns}. Nothing was kept.").format(columns=", ".join(names)),
            _("Leave them out of the file, or with: {options}").format(
                options=" ".join(f"--drop {name}" for name in names)
            ),
        ) from None
    except KeepingRefused as error:
        raise Refusal(refusal(error.code, error.values), exit_code=USAGE) from None
    except FileDoesNotFit as error:
        raise Refusal(refusal(error.code, {})) from None
    return kept.rows, kept.columns


def compute(source: str, period: str, municipality: str) -> None:
    """Compute all estimates of a wave as it stands."""
    place = municipality_of(municipality)
    with scope(municipality=place):
        try:
            done = compute_now(_wave(source, period), by=OPERATOR)
        except NotReady as error:
            raise Refusal(refusal(error.code, {})) from None
    if done.state != Computation.State.DONE:
        raise Refusal(*(refusal(one["code"], one["values"]) for one in done.problems))
    print(
        _("{questions} questions, {estimates} estimates; {hidden} are hidden to protect respondents.").format(
            questions=done.questions, estimates=done.estimates, hidden=done.hidden
        )
    )


def show(source: str, period: str, background: str, form: str, municipality: str) -> None:
    """Print the estimates of everybody, or of the groups of one background."""
    check_form(form, "text", "json", "csv")
    place = municipality_of(municipality)
    with scope(municipality=place):
        computation = _computed(source, period)
        lines = _lines(computation, background)
    if not lines:
        raise Refusal(_("There are no estimates by {background}.").format(background=background))
    if form == "json":
        print_json(lines)
        return
    headings = ["measure", "group", "amount", "low", "high", "respondents", "unit", "hidden"]
    if form == "csv":
        print_csv(headings, [["" if line[name] is None else str(line[name]) for name in headings] for line in lines])
        return
    words = [_("Measure"), _("Group"), _("Figure"), _("From"), _("To"), _("Respondents")]
    print_table(words, [_in_words(line) for line in lines], numeric=dict.fromkeys(range(2, 6), True))


def _lines(computation: Computation, background: str) -> list[dict[str, str | float | int | None]]:
    rows = SurveyEstimate.objects.filter(
        computation=computation, frame=computation.frames[0], background=background
    ).order_by("pk")
    entries = entries_computed(computation)
    return [
        {
            "measure": f"{row.entry_code}/{row.cut_code}",
            "question": entries[row.entry_code].text(LANGUAGE) if row.entry_code in entries else row.entry_code,
            "group": row.category or None,
            "amount": row.amount,
            "standard_error": row.standard_error,
            "low": row.low,
            "high": row.high,
            "respondents": row.respondents,
            "design_effect": row.design_effect,
            "unit": row.unit,
            "method": row.method,
            "hidden": _("protected") if row.is_hidden else None,
        }
        for row in rows
    ]


def _in_words(line: dict[str, str | float | int | None]) -> list[str]:
    if line["hidden"]:
        return [str(line["measure"]), str(line["group"] or ""), str(line["hidden"]), "", "", ""]
    sign = " %" if line["unit"] == "percent" else ""
    figures = [line[name] for name in ("amount", "low", "high")]
    return [
        str(line["measure"]),
        str(line["group"] or ""),
        *("" if one is None else f"{format_number(float(one), 1)}{sign}" for one in figures),
        format_number(int(line["respondents"] or 0), 0),
    ]


def book(source: str, period: str, out: Path, municipality: str) -> None:
    """Write the table book."""
    form = out.suffix.lower().removeprefix(".")
    _known_extension(out, form, TABLE_BOOK_FORMS)
    place = municipality_of(municipality)
    with scope(municipality=place):
        computation = _computed(source, period)
        part = out.with_name(f".part-{out.name}")
        try:
            with part.open("wb") as file, Progress(transient=True, disable=not sys.stdout.isatty()) as drawn:
                bar = drawn.add_task(_("Tables"), total=computation.questions)
                write_table_book(
                    computation,
                    form,
                    file,
                    made_on=timezone.localdate(),
                    progress=lambda _done, _total: drawn.advance(bar),
                )
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    print(_("The table book is written to {file} ({size} kB).").format(file=out, size=out.stat().st_size // 1000))


def statement(source: str, period: str, out: Path, municipality: str) -> None:
    """Write the method statement: one page for the annex of a council proposal."""
    form = out.suffix.lower().removeprefix(".")
    _known_extension(out, form, [one.value for one in Format])
    place = municipality_of(municipality)
    with scope(municipality=place):
        computation = _computed(source, period)
        try:
            made = method_statement_file(computation, Format(form), made_on=timezone.localdate())
        except (ConversionFailed, FontsMissing) as error:
            raise Refusal(_("The document cannot be made: {reason}").format(reason=error)) from None
    write_whole(out, made)
    print(_("The method statement is written to {file}.").format(file=out))


def _known_extension(out: Path, form: str, known: Sequence[str]) -> None:
    if form not in known:
        choices = ", ".join(f".{one}" for one in known)
        raise Refusal(
            _("{file} has no extension that is known. Choose {known}.").format(file=out.name, known=choices),
            exit_code=USAGE,
        )


def _wave(source: str, period: str) -> Wave:
    found = Wave.objects.filter(source__code=source, period=period).first()
    if found is None:
        known = ", ".join(f"{one.source.code} {one.period}" for one in Wave.objects.select_related("source")) or "-"
        raise Refusal(
            _("There is no wave {period} of {source}. Known: {known}.").format(
                period=period, source=source, known=known
            )
        )
    if current_file(found) is None:
        raise Refusal(_("The wave has no answers yet. Read them with: koersvast survey read FILE"))
    return found


def _computed(source: str, period: str) -> Computation:
    computation = shown_computation(_wave(source, period), can_manage=True)
    if computation is None:
        raise Refusal(_("The wave is not computed yet. Do so with: koersvast survey compute"))
    return computation
