"""What leaves the house: a report as a document or a file, and its data as tables. Asks the queries of the pages.

All functions work inside the scope of the plan's municipality and keep nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from django.contrib.staticfiles import finders
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from koersvast.access.models import Municipality
from koersvast.connectors.tables_out import OutTable, write_csv, write_ods, write_xlsx
from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.models import Delivery, Indicator, Source
from koersvast.indicators.queries import Analysis, Series, analysis, series_of
from koersvast.policy.models import Plan
from koersvast.policy.queries.ledger import ledger
from koersvast.policy.queries.standing import PlanStanding, standing, verdict_rows
from koersvast.programme.queries.checking import check
from koersvast.publications import compose
from koersvast.publications.blocks import Document, Language
from koersvast.publications.compose import tables
from koersvast.publications.compose.material import has_figures
from koersvast.publications.palette import chart_theme
from koersvast.publications.theme import Theme
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format

FONTS = "built/fonts-ttf"


class DataSubject(StrEnum):
    """What a file with data is about."""

    ANALYSIS = "analysis"
    VERDICTS = "verdicts"


class DataFormat(StrEnum):
    """The value is also the extension of the file."""

    XLSX = "xlsx"
    ODS = "ods"
    CSV = "csv"


_DATA_WRITERS: Mapping[DataFormat, tuple[Callable[..., bytes], str]] = {
    DataFormat.XLSX: (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    DataFormat.ODS: (write_ods, "application/vnd.oasis.opendocument.spreadsheet"),
    DataFormat.CSV: (write_csv, "text/csv; charset=utf-8"),
}


class FontsMissing(RuntimeError):
    """The folder with fonts is not there: the front end was not built."""


class MadeFile(NamedTuple):
    """A file to hand out."""

    content: bytes
    name: str
    media_type: str


def report_file(
    plan: Plan,
    form: Format,
    *,
    known_on: date,
    today: date,
    language: Language = Language.DUTCH,
    made_on: date | None = None,
) -> MadeFile:
    """Return the report of `plan` as a file; `today` is the day from which is judged, `made_on` the day on its cover.

    Raises ConversionFailed, which names the block that cannot be written.
    """
    document = safety_report(plan, known_on=known_on, today=today, language=language, made_on=made_on)
    with translation.override(language.value):
        # Translators: start of a file name, so without spaces.
        stem = _("safety-report")
    return MadeFile(WRITERS[form](document), _file_name(stem, plan, known_on, form.value), MEDIA_TYPES[form])


def data_file(
    plan: Plan,
    subject: DataSubject,
    form: DataFormat,
    *,
    known_on: date,
    today: date,
    language: Language = Language.DUTCH,
) -> MadeFile:
    """Return the safety analysis or the state of the objectives as data, with where they come from."""
    write, media_type = _DATA_WRITERS[form]
    with translation.override(language.value):
        table = data_table(plan, subject, known_on=known_on, today=today, language=language)
        stems = {
            DataSubject.ANALYSIS: _("safety-analysis"),
            DataSubject.VERDICTS: _("state-of-the-objectives"),
        }
        content = write(table, labels=tables.labels())
    return MadeFile(content, _file_name(stems[subject], plan, known_on, form.value), media_type)


def data_table(plan: Plan, subject: DataSubject, *, known_on: date, today: date, language: Language) -> OutTable:
    """Return a table of numbers with their metadata, in the language that is on."""
    found = material(plan, known_on=known_on, today=today, language=language)
    if subject is DataSubject.ANALYSIS:
        return tables.analysis_table(found)
    return tables.verdict_table(verdict_rows(plan, known_on=known_on, today=today), found)


def _file_name(stem: str, plan: Plan, known_on: date, extension: str) -> str:
    return f"{stem}-{slugify(plan.municipality.name)}-{known_on.isoformat()}.{extension}"


def safety_report(
    plan: Plan,
    *,
    known_on: date,
    today: date,
    language: Language = Language.DUTCH,
    made_on: date | None = None,
) -> Document:
    """Return the safety analysis and the state of the objectives of `plan`, with figures as known on `known_on`."""
    with translation.override(language.value):
        found = material(plan, known_on=known_on, today=today, language=language)
        return compose.safety_report(found, made_on=made_on or today)


def material(plan: Plan, *, known_on: date, today: date, language: Language) -> compose.Material:
    """Ask everything that a report shows, in the language that is on."""
    stand = standing(plan, known_on=known_on, today=today)
    picture = analysis_of(plan, known_on=known_on)
    judging = _judging(plan, stand, known_on=known_on)
    followed = {line.indicator_code for line in stand.objectives}
    shown = {row.code for row in picture.rows if has_figures(row)}
    indicators = list(
        Indicator.objects.filter(code__in=followed | shown)
        .select_related("source")
        .prefetch_related("definitions")
        .order_by("position", "code")
    )
    return compose.Material(
        municipality=plan.municipality.name,
        theme=theme_of(plan),
        language=language,
        standing=stand,
        analysis=picture,
        ledger=ledger(plan),
        check=check(plan, today=today),
        series=judging,
        sources=_sources({one.source for one in picture.rows if one.code in shown}, judging.values(), stand, known_on),
        definitions=tuple(_definition(one) for one in indicators),
        known_on=known_on,
        today=today,
    )


def analysis_of(plan: Plan, *, known_on: date) -> Analysis:
    """The safety analysis over the years that the plan names."""
    return analysis(
        plan.municipality,
        taxonomy=plan.taxonomy,
        area=plan.area,
        first_year=plan.analysis_first_year,
        last_year=plan.analysis_last_year,
        known_on=known_on,
    )


def theme_of(plan: Plan) -> Theme:
    """The look of a plan's municipality."""
    return theme_for(plan.municipality)


def theme_for(municipality: Municipality) -> Theme:
    """The municipality's look of charts and documents."""
    fonts = finders.find(FONTS)
    if not fonts:
        raise FontsMissing(f"The fonts of documents are not there ({FONTS}). Run `make setup`, which builds them.")
    return chart_theme(municipality.house_colour, fonts=Path(str(fonts)), name=municipality.slug)


def _judging(plan: Plan, stand: PlanStanding, *, known_on: date) -> dict[str, Series]:
    """The series that judges each objective, by the objective's code; the standing holds its numbers already."""
    codes = {line.indicator_code for line in stand.objectives}
    indicators = {one.pk: one for one in Indicator.objects.filter(code__in=codes)}
    found = series_of(list(indicators.values()), area=plan.area, known_on=known_on)
    by_source = {(indicators[pk].code, one.source): one for pk, several in found.items() for one in several}
    keys = {line.code: (line.indicator_code, line.source_code) for line in stand.objectives}
    return {code: by_source[key] for code, key in keys.items() if key in by_source}


def _sources(
    of_analysis: Iterable[str], judging: Iterable[Series], stand: PlanStanding, known_on: date
) -> tuple[compose.SourceFacts, ...]:
    codes = {*of_analysis, *(one.source for one in judging), *(line.source_code for line in stand.objectives)}
    sources = Source.objects.filter(code__in=codes).prefetch_related("measurements").order_by("code")
    stored = Delivery.objects.filter(state=Delivery.State.STORED, as_of__lte=known_on).order_by("as_of", "pk")
    deliveries = list(stored.select_related("source"))
    return tuple(_source(one, [each for each in deliveries if each.source_id == one.pk]) for one in sources)


def _source(one: Source, deliveries: Sequence[Delivery]) -> compose.SourceFacts:
    return compose.SourceFacts(
        code=one.code,
        label=one.label,
        name=one.name,
        is_survey=one.kind == Source.Kind.SURVEY,
        holder=one.holder,
        population=one.population,
        frame=one.frame,
        is_probability_sample=one.is_probability_sample,
        licence=one.licence,
        url=one.url,
        note=one.note,
        waves=tuple(
            compose.WaveFacts(
                period=each.period,
                is_planned=each.is_planned,
                invited=each.invited,
                respondents=each.respondents,
                respondents_are_assumed=each.respondents_are_assumed,
                design_effect=each.design_effect,
                mode=each.mode,
            )
            for each in one.measurements.all()
        ),
        deliveries=tuple(
            compose.DeliveryFacts(
                number=each.pk,
                file_name=each.file_name,
                as_of=each.as_of,
                note=_note(each),
                figures=each.new + each.revised,
            )
            for each in deliveries
        ),
    )


def _note(delivery: Delivery) -> str:
    return (delivery.note_en if translation.get_language() == "en" else "") or delivery.note_nl


def _definition(indicator: Indicator) -> compose.DefinitionFacts:
    newest = max(indicator.definitions.all(), key=lambda one: one.number, default=None)
    return compose.DefinitionFacts(
        code=indicator.code,
        name=indicator.name,
        unit=Unit(indicator.unit),
        direction=Direction(indicator.direction),
        text=newest.text if newest else "",
        question=newest.question if newest else "",
        answers_counted=newest.answers_counted if newest else "",
        population=newest.population if newest else "",
        note=newest.note if newest else "",
        number=newest.number if newest else 1,
        valid_from=newest.valid_from if newest else date.min,
    )
