"""The commands, their options and their help. Starts without Django; `ready` brings it when a command runs."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from koersvast.cli.language import LANGUAGE, _

# Plain help and plain errors: they are read in terminals, logs and screen readers alike.
app = typer.Typer(
    name="koersvast",
    help=_("Koersvast: from a municipality's figures to honest verdicts on its safety plan."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
user_app = typer.Typer(help=_("People who can sign in."), no_args_is_help=True, rich_markup_mode=None)
audit_app = typer.Typer(help=_("The record of every change."), no_args_is_help=True, rich_markup_mode=None)
survey_app = typer.Typer(help=_("The resident survey."), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(survey_app, name="survey")
app.add_typer(user_app, name="user")
app.add_typer(audit_app, name="audit")

# The class itself has no public name.
UsageError: Any = typer.BadParameter.__base__

Municipality = Annotated[
    str,
    typer.Option(
        "--municipality", "-g", help=_("Which municipality, by slug or CBS code; needed when there are more.")
    ),
]
KnownOn = Annotated[str, typer.Option("--known-on", help=_("Only what was known on this day (2020-12-31)."))]


Plan = Annotated[str, typer.Option("--plan", help=_("Code of the plan; without it the newest."))]
Format = Annotated[str, typer.Option("--format", help=_("text, json or csv."))]


def _do(module: str, function: str, **options: Any) -> None:
    ready = import_module("koersvast.cli.ready")
    raise typer.Exit(ready.run_command(module, function, **options))


@app.callback()
def everywhere(
    lang: Annotated[str, typer.Option(help=_("Language: nl or en."))] = LANGUAGE,
) -> None:
    if lang not in ("nl", "en"):
        raise typer.BadParameter(_("Choose nl or en."), param_hint="--lang")


@app.command(help=_("Load the demo of Dalfsen 2019-2022 and open it in the browser, on this machine only."))
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help=_("Load only, do not serve."))] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port; the next free one when it is in use."))] = 8148,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=_("Do not open a browser."))] = False,
) -> None:
    _do("demo", "start", serve=not no_serve, port=port, browser=not no_browser)


@app.command(help=_("Serve the web application."))
def serve(
    host: Annotated[str, typer.Option(help=_("Address to listen at."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port to listen at."))] = 8148,
    next_free: Annotated[
        bool, typer.Option("--next-free", help=_("Take the next free port when it is in use."))
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help=_("Open a browser."))] = False,
    no_work: Annotated[
        bool, typer.Option("--no-work", help=_("Start no worker beside it; run koersvast work yourself."))
    ] = False,
) -> None:
    _do("serving", "serve", host=host, port=port, next_free=next_free, browser=browser, work=not no_work)


@app.command(help=_("Do what waits in the queue and what the schedule says, such as fetching national tables."))
def work(
    once: Annotated[bool, typer.Option("--once", help=_("Stop when the queue is empty."))] = False,
    beside: Annotated[int, typer.Option("--beside", min=0, help=_("Stop when this process is gone."))] = 0,
) -> None:
    _do("working", "work", once=once, beside=beside)


@app.command(help=_("Fetch national tables, or take them from files, and stage what they change."))
def fetch(
    table: Annotated[
        list[str] | None, typer.Option("--table", "-t", help=_("Code of a table, such as 47018NED."))
    ] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", help=_("Code of a feed, such as woninginbraken."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every table that is followed."))] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help=_("Work from the newest bytes that are kept; fetch nothing."))
    ] = False,
    file: Annotated[
        list[Path] | None, typer.Option("--file", help=_("Take the table from this file; needs one --table."))
    ] = None,
    as_of: Annotated[str, typer.Option(help=_("Files: the day on which the holder gave them; today without it."))] = "",
    format_: Annotated[str, typer.Option("--format", help=_("text or json."))] = "text",
    municipality: Municipality = "",
) -> None:
    options = {"everything": everything, "offline": offline, "files": file or [], "as_of": as_of}
    _do("fetching", "fetch", tables=table or [], feeds=feed or [], form=format_, municipality=municipality, **options)


@app.command(help=_("Take in the borders of wijken or buurten for the maps, from PDOK or from a GeoJSON file."))
def borders(
    year: Annotated[int, typer.Option(min=1995, max=2100, help=_("Borders of 1 January of this year."))],
    level: Annotated[str, typer.Option(help=_("wijk or buurt."))] = "buurt",
    file: Annotated[Path | None, typer.Option("--file", help=_("Take the borders from this GeoJSON file."))] = None,
    source: Annotated[str, typer.Option(help=_("File: where it comes from."))] = "",
    licence: Annotated[str, typer.Option(help=_("File: its licence."))] = "CC BY 4.0",
    municipality: Municipality = "",
) -> None:
    options = {"file": file, "source": source, "licence": licence}
    _do("borders", "borders", municipality=municipality, level=level, year=year, **options)


@app.command(help=_("Bring tables, roles and themes up to date."))
def migrate() -> None:
    _do("installation", "migrate")


@app.command(help=_("Say where every objective stands: agreed, observed, attained, and what the figures show."))
def verdicts(
    plan: Plan = "",
    known_on: KnownOn = "",
    format_: Format = "text",
    municipality: Municipality = "",
) -> None:
    _do("verdicts", "verdicts", plan=plan, known_on=known_on, form=format_, municipality=municipality)


@app.command(help=_("Check a plan. Exit code 1 when an error or warning has no answer yet."))
def check(
    plan: Plan = "",
    format_: Annotated[str, typer.Option("--format", help=_("text or json."))] = "text",
    municipality: Municipality = "",
) -> None:
    _do("verdicts", "check", plan=plan, form=format_, municipality=municipality)


@app.command(help=_("Show a table of the safety analysis: the indicators of one field over the years."))
def table(
    field: Annotated[str, typer.Option("--field", "-v", help=_("Number of the field, 1 to 5."))],
    format_: Format = "text",
    known_on: KnownOn = "",
    everything: Annotated[
        bool, typer.Option("--all", help=_("Also indicators outside the tables of the plan."))
    ] = False,
    municipality: Municipality = "",
) -> None:
    _do(
        "tables",
        "table",
        field=field,
        form=format_,
        known_on=known_on,
        everything=everything,
        municipality=municipality,
    )


@app.command(help=_("Give one series of an indicator in an area, as known on a day."))
def series(
    indicator: Annotated[str, typer.Option("--indicator", "-i", help=_("Code of the indicator."))],
    area: Annotated[str, typer.Option("--area", help=_("CBS code, such as GM0148; without it the municipality."))] = "",
    known_on: Annotated[
        str, typer.Option("--as-known-on", "--known-on", help=_("Only what was known on this day (2020-12-31)."))
    ] = "",
    source: Annotated[str, typer.Option("--source", help=_("Code of the source; else the indicator's own."))] = "",
    months: Annotated[bool, typer.Option("--months", help=_("By month, from the national table."))] = False,
    format_: Annotated[str, typer.Option("--format", help=_("table, csv, json, parquet or chart."))] = "table",
    output: Annotated[Path | None, typer.Option("--output", "-o", help=_("Parquet and chart: the file."))] = None,
    municipality: Municipality = "",
) -> None:
    options = {"known_on": known_on, "source": source, "months": months, "form": format_, "output": output}
    _do("series", "series", indicator=indicator, area=area, municipality=municipality, **options)


@app.command(help=_("Write the safety analysis and the state of the objectives as a document."))
def report(
    out: Annotated[Path, typer.Option("--out", "-o", help=_("File; .docx, .odt, .pdf or .html decides its kind."))],
    plan: Plan = "",
    known_on: KnownOn = "",
    municipality: Municipality = "",
) -> None:
    _do("report", "report", out=out, plan=plan, known_on=known_on, municipality=municipality)


SurveyOf = Annotated[str, typer.Option("--source", help=_("Code of the survey among the sources."))]
WavePeriod = Annotated[str, typer.Option("--period", help=_("Period of the wave, such as 2021."))]


@survey_app.command(name="practice", help=_("Write two invented waves to practise with, as .sav files."))
def survey_practice(directory: Annotated[Path, typer.Argument(help=_("Directory to write in."))]) -> None:
    _do("surveys", "practice", directory=directory)


@survey_app.command(name="read", help=_("Read the file with the answers of a wave (SPSS, CSV, XLSX, LimeSurvey)."))
def survey_read(
    file: Annotated[Path, typer.Argument(help=_("File with answers."))],
    source: SurveyOf,
    period: WavePeriod,
    keep_until: Annotated[str, typer.Option("--keep-until", help=_("The answers are destroyed on this day."))],
    codebook: Annotated[
        Path | None, typer.Option("--codebook", help=_("File with labels: CSV, XLSX or LimeSurvey's .lss."))
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", help=_("Column to leave out; may be given more than once."))
    ] = None,
    municipality: Municipality = "",
) -> None:
    options = {"keep_until": keep_until, "codebook": codebook, "drop": drop}
    _do("surveys", "read", file=file, source=source, period=period, municipality=municipality, **options)


@survey_app.command(name="compute", help=_("Compute all estimates of a wave."))
def survey_compute(source: SurveyOf, period: WavePeriod, municipality: Municipality = "") -> None:
    _do("surveys", "compute", source=source, period=period, municipality=municipality)


@survey_app.command(name="show", help=_("Show the estimates of a wave with their margins."))
def survey_show(
    source: SurveyOf,
    period: WavePeriod,
    background: Annotated[
        str, typer.Option("--by", help=_("Code of a background; without it everybody together."))
    ] = "",
    format_: Format = "text",
    municipality: Municipality = "",
) -> None:
    options = {"background": background, "form": format_, "municipality": municipality}
    _do("surveys", "show", source=source, period=period, **options)


@survey_app.command(name="book", help=_("Write the table book of a wave: .xlsx, .csv or .html."))
def survey_book(
    source: SurveyOf,
    period: WavePeriod,
    out: Annotated[Path, typer.Option("--out", "-o", help=_("File; its extension decides its kind."))],
    municipality: Municipality = "",
) -> None:
    _do("surveys", "book", source=source, period=period, out=out, municipality=municipality)


@survey_app.command(name="statement", help=_("Write the method statement of a wave, one page."))
def survey_statement(
    source: SurveyOf,
    period: WavePeriod,
    out: Annotated[Path, typer.Option("--out", "-o", help=_("File; .docx, .odt, .pdf or .html decides its kind."))],
    municipality: Municipality = "",
) -> None:
    _do("surveys", "statement", source=source, period=period, out=out, municipality=municipality)


@app.command(name="import", help=_("Take in figures (CSV, XLSX, ODS), a package (directory) or objectives (JSON)."))
def import_(
    path: Annotated[Path, typer.Argument(help=_("File or directory."))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show what would happen; change nothing."))] = False,
    source: Annotated[str, typer.Option(help=_("Figures: code of the source, when the file does not name it."))] = "",
    as_of: Annotated[str, typer.Option(help=_("The day on which these figures were known; today without it."))] = "",
    mapping: Annotated[Path | None, typer.Option(help=_("Figures: JSON file that says which column is what."))] = None,
    format_: Annotated[str, typer.Option("--format", help=_("text or json."))] = "text",
    municipality: Municipality = "",
) -> None:
    options = {"source": source, "as_of": as_of, "mapping": mapping, "municipality": municipality}
    _do("importing", "take_in", path=path, dry_run=dry_run, form=format_, **options)


@app.command(name="export", help=_("Write a municipality as readable files into a directory."))
def export_(
    directory: Annotated[Path, typer.Argument(help=_("Directory; made when it is not there."))],
    municipality: Municipality = "",
) -> None:
    _do("packages", "export", directory=directory, municipality=municipality)


@user_app.command(name="add", help=_("Add a person; asks for a password."))
def user_add(
    email: Annotated[str, typer.Argument(help=_("E-mail address."))],
    name: Annotated[str, typer.Option(help=_("Name as others see it."))],
    no_password: Annotated[bool, typer.Option("--no-password", help=_("Without a password of one's own."))] = False,
) -> None:
    password = "" if no_password else typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
    _do("installation", "add_user", email=email, name=name, password=password)


@user_app.command(name="grant", help=_("Give a person a role in a municipality, from today on."))
def user_grant(
    email: Annotated[str, typer.Argument(help=_("E-mail address."))],
    role: Annotated[str, typer.Argument(help=_("Role, such as policy_officer."))],
    municipality: Municipality = "",
) -> None:
    _do("installation", "grant_role", email=email, role=role, municipality=municipality)


@audit_app.command(help=_("Check that no record was changed, removed or added unseen."))
def verify() -> None:
    _do("installation", "verify_audit")


def run() -> None:
    """The command `koersvast`. Exit code 2 for a command that cannot be understood."""
    try:
        code = app(prog_name="koersvast", standalone_mode=False)
    except UsageError as error:
        context = error.ctx
        typer.echo(_what_is_wrong(error), err=True)
        typer.echo(
            _("Look at: {command} --help").format(command=context.command_path if context else "koersvast"), err=True
        )
        code = 2
    except (typer.Abort, KeyboardInterrupt, EOFError):
        typer.echo(_("Stopped."), err=True)
        code = 1
    raise SystemExit(code or 0)


def _what_is_wrong(error: Exception) -> str:
    """Say in the language of the reader what the library that reads the options says in English."""
    name = getattr(error, "option_name", "") or getattr(getattr(error, "param", None), "name", "") or ""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error)
    if kind == "NoSuchOption":
        return _("There is no option {name}.").format(name=name)
    if kind == "MissingParameter":
        return _("{name} is missing.").format(name=str(name).replace("format_", "format").upper())
    if kind == "BadParameter":
        return _("The value of {name} does not fit: {reason}").format(
            name=name, reason=getattr(error, "message", error)
        )
    return str(getattr(error, "message", error))


if __name__ == "__main__":
    run()
