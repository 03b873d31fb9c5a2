"""What leaves the house of a survey: its table book and its method statement, from kept, protected outcomes.

Who may only see what is published gets the released computation; nobody gets a figure that protection took away,
because such a figure was never kept. All functions work inside the scope of the municipality, in the language that is
on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any

from babel import Locale
from django.utils.translation import gettext as _

from koersvast.indicators.wording import language_now
from koersvast.publications.compose.method_statement import (
    MethodFacts,
    StatedBreak,
    StatedFrame,
    StatedMargin,
    StatedMethod,
)
from koersvast.publications.compose.table_book import BookFacts, front
from koersvast.publications.table_book.book import (
    Kind,
    TableBook,
    TableBookBanner,
    TableBookQuestion,
    TableBookTable,
)
from koersvast.surveys.codebook import Entry, Role
from koersvast.surveys.models import (
    Catalogue,
    Computation,
    IndicatorLink,
    PopulationMargin,
    TabulatedQuestion,
    Wave,
    WeightingChoice,
)
from koersvast.surveys.queries.outcomes import entries_computed, is_released

_BATCH = 20
_Z_95 = 1.959963984540054


def banners_of(computation: Computation) -> tuple[TableBookBanner, ...]:
    """The backgrounds of a computation as the columns of its tables."""
    return tuple(
        TableBookBanner(
            code=one["code"], title=_text(one), categories=tuple(_text(group) for group in one["categories"])
        )
        for one in computation.layout.get("banners", ())
    )


def questions_of(computation: Computation) -> tuple[TableBookQuestion, ...]:
    """The questions of a computation in the order of the codebook."""
    entries = entries_computed(computation)
    rows = _tables(computation).values_list("entry_code", "content__kind", "content__rows", "content__unit")
    return tuple(_question(entries, code, kind, answers, unit) for code, kind, answers, unit in rows)


def table_of(computation: Computation, code: str) -> TableBookTable | None:
    """The table of one question; None when this computation has none."""
    row = _tables(computation).filter(entry_code=code).first()
    return _table(entries_computed(computation), row) if row else None


def tables_of(computation: Computation) -> Iterator[TableBookTable]:
    """Every table, a few at a time in memory."""
    entries = entries_computed(computation)
    for row in _tables(computation).iterator(chunk_size=_BATCH):
        yield _table(entries, row)


def table_book(computation: Computation, *, made_on: date) -> TableBook:
    """The table book of a computation."""
    banners, questions, method = banners_of(computation), questions_of(computation), method_facts(computation)
    facts = BookFacts(
        questions=len(questions),
        backgrounds=tuple(banner.title for banner in banners),
        licence=computation.wave.source.licence,
        estimation=_estimation(method),
        corrected_letters=True,
        made_on=made_on,
        computed_on=computation.finished_at.date() if computation.finished_at else None,
        is_released=is_released(computation),
    )
    return TableBook(
        front=front(method, facts), banners=banners, questions=questions, tables=lambda: tables_of(computation)
    )


def method_facts(computation: Computation) -> MethodFacts:
    """What is known of how a wave was held, weighted and estimated."""
    wave, entries = computation.wave, entries_computed(computation)
    choice = _choice(computation)
    weighed = computation.diagnostics.get(computation.frames[0], {}) if computation.frames else {}
    roles = {entry.role for entry in entries.values()}
    effective = weighed.get("effective_respondents")
    catalogue = Catalogue.objects.get(wave=wave)
    return MethodFacts(
        municipality=wave.municipality.name,
        survey=wave.source.name,
        period=wave.period,
        is_synthetic=wave.is_synthetic or computation.file.is_synthetic,
        population=wave.population,
        population_size=wave.population_size,
        age_from=wave.age_from,
        sampling=wave.frame,
        frame=StatedFrame(choice.frame) if choice else StatedFrame.EVERYBODY,
        pooling_statement=choice.statement if choice else "",
        answered_by_frame=_by_frame(computation),
        mode=wave.mode,
        languages=tuple(_language(code) for code in wave.languages),
        held_from=wave.held_from,
        held_until=wave.held_until,
        invited=wave.invited,
        reached=wave.reached,
        answered=wave.answered,
        weighting=StatedMethod(choice.method) if choice else StatedMethod.UNKNOWN,
        margins=_margins(wave, choice.margins if choice else (), entries),
        trim_ratio=choice.trim_ratio if choice else None,
        weight_range=(weighed["smallest"], weighed["largest"]) if "smallest" in weighed else None,
        design_effect=weighed.get("design_effect"),
        effective_respondents=effective,
        has_strata=Role.STRATUM in roles,
        has_clusters=Role.CLUSTER in roles,
        has_population_correction=Role.POPULATION in roles,
        is_calibrated=bool(weighed.get("method")),
        typical_margin_points=_Z_95 * 50 / sqrt(effective) if effective else None,
        smallest_base=catalogue.smallest_base,
        breaks=_breaks(wave),
    )


def _tables(computation: Computation) -> Any:
    """The tables of the frame that is published."""
    frame = computation.frames[0] if computation.frames else ""
    return TabulatedQuestion.objects.filter(computation=computation, frame=frame).order_by("position")


def _question(
    entries: Mapping[str, Entry], code: str, kind: str, answers: Sequence[Mapping[str, str]], unit: str
) -> TableBookQuestion:
    entry = entries.get(code)
    text = entry.text(language_now()) if entry else code
    is_mean = kind == Kind.MEAN
    return TableBookQuestion(
        code=code,
        text=text,
        kind=Kind(kind),
        answers=(text,) if is_mean else tuple(_text(answer) for answer in answers),
        base=_base(entry, entries) if entry else "",
        unit=_unit(unit) if is_mean else "",
    )


def _table(entries: Mapping[str, Entry], row: TabulatedQuestion) -> TableBookTable:
    kept = row.content
    return TableBookTable(
        question=_question(entries, row.entry_code, kept["kind"], kept["rows"], kept["unit"]),
        estimate=kept["estimate"],
        low=kept["low"],
        high=kept["high"],
        standard_error=kept["standard_error"],
        letters=[[one.upper() for one in line] for line in kept["letters"]],
        why=kept["why"],
        respondents=kept["respondents"],
        weighted_base=kept["weighted_base"],
        effective=kept["effective"],
    )


def _text(kept: Mapping[str, str]) -> str:
    """A kept text in the language of the reader; the Dutch one where there is no other."""
    return (kept.get("text_en", "") if language_now() == "en" else "") or kept["text_nl"]


def _unit(unit: str) -> str:
    return {"scale_0_10": _("scale score, 0 to 10"), "mark_1_10": _("mark, 1 to 10")}.get(unit, unit)


def _base(entry: Entry, entries: Mapping[str, Entry]) -> str:
    """Who were asked, in words; empty for everybody."""
    if entry.base is None or entry.base.others_count:
        return ""
    asked = next((one for one in entries.values() if entry.base.variable in one.variables), None)
    if asked is None:
        return _("who answered {variable} in a certain way").format(variable=entry.base.variable)
    english = language_now() == "en"
    given = [
        (answer.text_en if english else "") or answer.text_nl
        for answer in asked.answers
        if answer.code in entry.base.answers
    ]
    told = _("who answered “{answers}” to: {question}")
    return told.format(answers=_("” or “").join(given), question=asked.text(language_now()))


def _estimation(method: MethodFacts) -> str:
    names = {
        StatedMethod.UNKNOWN: _("weights not stated"),
        StatedMethod.NONE: _("weights of the sample"),
        StatedMethod.GIVEN: _("weights in the file"),
        StatedMethod.POST_STRATIFY: _("post-stratification"),
        StatedMethod.RAKE: _("raking"),
        StatedMethod.LINEAR: _("linear calibration"),
        StatedMethod.LOGIT: _("calibration within bounds"),
    }
    return _("Taylor linearisation; {weights}").format(weights=names[method.weighting])


def _choice(computation: Computation) -> WeightingChoice | None:
    """The choice of weights that counted when the computation was asked for."""
    return WeightingChoice.objects.filter(wave=computation.wave, chosen_at__lte=computation.asked_at).first()


def _by_frame(computation: Computation) -> dict[StatedFrame, int]:
    found = {StatedFrame.SAMPLE, StatedFrame.PANEL} & {StatedFrame(frame) for frame in computation.frames}
    return {
        frame: computation.diagnostics[frame.value]["respondents"]
        for frame in sorted(found, reverse=True)
        if "respondents" in computation.diagnostics.get(frame.value, {})
    }


def _margins(wave: Wave, codes: Sequence[str], entries: Mapping[str, Entry]) -> tuple[StatedMargin, ...]:
    first: dict[str, PopulationMargin] = {}
    for one in PopulationMargin.objects.filter(wave=wave, code__in=codes):
        first.setdefault(one.code, one)
    return tuple(
        StatedMargin(
            title=" × ".join(_entry_name(part, entries) for part in code.split("*")),
            source=first[code].source_text if code in first else "",
            as_of=first[code].as_of if code in first else None,
        )
        for code in codes
    )


def _entry_name(code: str, entries: Mapping[str, Entry]) -> str:
    return entries[code].text(language_now()).lower() if code in entries else code


def _breaks(wave: Wave) -> tuple[StatedBreak, ...] | None:
    """The measures that begin anew; None when nobody compared the questions with the definitions."""
    links = IndicatorLink.objects.filter(wave=wave).exclude(confirmed_at=None).select_related("indicator")
    if not links:
        return None
    english = language_now() == "en"
    return tuple(
        StatedBreak(
            measure=link.indicator.name,
            why=(link.decision_note_en if english else "") or link.decision_note_nl,
        )
        for link in links
        if link.decision == IndicatorLink.Decision.BREAK
    )


def _language(code: str) -> str:
    try:
        return str(Locale.parse(code).get_display_name(language_now()) or code)
    except (ValueError, LookupError):
        return code
