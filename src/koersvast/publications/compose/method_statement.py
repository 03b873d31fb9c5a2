"""The method statement of a wave: one page for the annex of the council, in the order of chapters that CBS keeps.

Population, frame, way of asking, dates, response, weighting, margins, breaks. A fact that nobody gave stands there as
not stated: a chapter is never left out, because a reader would take silence for "nothing to report".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from koersvast.engine.quantities import Unit
from koersvast.indicators.wording import format_amount, format_day, format_number
from koersvast.publications.blocks import Block, Callout, Document, Heading, Language, Text, Tone, paragraph
from koersvast.publications.theme import Theme

MOST_LISTED, LONGEST_REASON = 6, 240
"""What keeps the statement to one page, whatever people wrote."""


class StatedFrame(StrEnum):
    """Whose answers the published figures are of."""

    EVERYBODY = "everybody"
    SAMPLE = "sample"
    PANEL = "panel"
    POOLED = "pooled"


class StatedMethod(StrEnum):
    """How the weights came about; UNKNOWN when nobody said."""

    UNKNOWN = ""
    NONE = "none"
    GIVEN = "given"
    POST_STRATIFY = "poststratify"
    RAKE = "rake"
    LINEAR = "linear"
    LOGIT = "logit"


@dataclass(frozen=True, kw_only=True)
class StatedMargin:
    """A background that was weighted to, and whose numbers of people those are."""

    title: str
    source: str
    as_of: date | None = None


@dataclass(frozen=True, kw_only=True)
class StatedBreak:
    """A measure whose definition, question or way of measuring changed, so that it starts anew."""

    measure: str
    why: str


@dataclass(frozen=True, kw_only=True)
class MethodFacts:
    """What is known of a wave. None or an empty text: nobody gave it. An empty tuple: there are none.

    `answered_by_frame` counts respondents of the sample and of the panel apart; `breaks` None: nobody looked.
    `weight_range` is the smallest and the largest weight as a multiple of the mean; `lonely` the rule for a stratum
    with one cluster; `typical_margin_points` the half-width of the 95% interval of a share of 50% of all respondents.
    """

    municipality: str
    survey: str
    period: str
    is_synthetic: bool
    population: str = ""
    population_size: int | None = None
    age_from: int | None = None
    sampling: str = ""
    frame: StatedFrame = StatedFrame.EVERYBODY
    pooling_statement: str = ""
    answered_by_frame: dict[StatedFrame, int] = field(default_factory=dict)
    mode: str = ""
    languages: Sequence[str] = ()
    held_from: date | None = None
    held_until: date | None = None
    invited: int | None = None
    reached: int | None = None
    answered: int | None = None
    weighting: StatedMethod = StatedMethod.UNKNOWN
    margins: Sequence[StatedMargin] = ()
    trim_ratio: float | None = None
    weight_range: tuple[float, float] | None = None
    design_effect: float | None = None
    effective_respondents: float | None = None
    has_strata: bool = False
    has_clusters: bool = False
    has_population_correction: bool = False
    is_calibrated: bool = False
    typical_margin_points: float | None = None
    smallest_base: int = 30
    breaks: Sequence[StatedBreak] | None = None
    note: str = ""


def method_statement(facts: MethodFacts, *, theme: Theme, language: Language, made_on: date) -> Document:
    """Return the statement as a document of one page, in the language that is on."""
    return Document(
        title=_("How this survey was held"),
        subtitle=f"{facts.survey} {facts.period}",
        municipality=_("Municipality of {name}").format(name=facts.municipality),
        language=language,
        dated=made_on,
        theme=theme,
        blocks=tuple(statement_blocks(facts)),
        numbered=False,
        is_leaf=True,
    )


def statement_blocks(facts: MethodFacts) -> list[Block]:
    """The chapters, with what must be known first above them."""
    chapters: tuple[tuple[str, list[str]], ...] = (
        (pgettext("method statement", "Population"), _population(facts)),
        (pgettext("method statement", "Frame"), _frame(facts)),
        (pgettext("method statement", "Way of asking"), _mode(facts)),
        (pgettext("method statement", "Dates"), _dates(facts)),
        (pgettext("method statement", "Response"), _response(facts)),
        (pgettext("method statement", "Weighting"), _weighting(facts)),
        (pgettext("method statement", "Margins"), _margins(facts)),
        (pgettext("method statement", "Breaks"), _breaks(facts)),
    )
    blocks: list[Block] = [synthetic_callout()] if facts.is_synthetic else []
    for title, sentences in chapters:
        blocks += [Heading(1, title), Text((paragraph(" ".join(one for one in sentences if one)),))]
    return blocks


def synthetic_callout() -> Callout:
    """What stands above everything that comes from invented answers."""
    return Callout(tone=Tone.UNSURE, title=_("Invented answers"), paragraphs=(paragraph(synthetic_notice()),))


def synthetic_notice() -> str:
    return _(
        "Nobody answered this survey: the answers were made to practise with. No conclusion may be drawn from them."
    )


def _missing(what: str) -> str:
    return _("{what}: not stated.").format(what=what)


def _population(facts: MethodFacts) -> list[str]:
    if not facts.population:
        found = [_missing(_("Whom the outcomes speak of"))]
    else:
        found = [_("The outcomes speak of: {population}.").format(population=facts.population.rstrip("."))]
    if facts.age_from is not None:
        found.append(_("Youngest age: {age}.").format(age=facts.age_from))
    size = facts.population_size
    if size is None:
        return [*found, _missing(_("Size of the population"))]
    return [*found, _("That are {number} people.").format(number=format_number(size, 0))]


def _frame(facts: MethodFacts) -> list[str]:
    found = [
        f"{facts.sampling[:1].upper()}{facts.sampling[1:].rstrip('.')}."
        if facts.sampling
        else _missing(_("How respondents were found"))
    ]
    words = {
        StatedFrame.EVERYBODY: "",
        StatedFrame.SAMPLE: _("The published figures are those of the random sample; the panel is shown apart."),
        StatedFrame.PANEL: _(
            "The published figures are those of the panel. Its members chose to take part, so that they may differ "
            "from others in ways that no weight repairs; the margins do not count that."
        ),
        StatedFrame.POOLED: _(
            "The published figures are of the random sample and the panel together. Members of a panel chose to take "
            "part; the margins do not count that."
        ),
    }
    found.append(words[facts.frame])
    if facts.frame is StatedFrame.POOLED:
        reason = _shortened(facts.pooling_statement).rstrip(".") or pgettext("method statement", "not stated")
        found.append(_("Why they are taken together: {reason}.").format(reason=reason))
    if facts.answered_by_frame:
        found.append(_by_frame(facts))
    return found


def _by_frame(facts: MethodFacts) -> str:
    names = {
        StatedFrame.SAMPLE: pgettext("method statement", "random sample"),
        StatedFrame.PANEL: pgettext("method statement", "panel"),
    }
    told = [
        pgettext("method statement", "{frame} {number}").format(
            frame=names.get(frame, frame.value), number=format_number(number, 0)
        )
        for frame, number in facts.answered_by_frame.items()
    ]
    return _("Respondents: {parts}.").format(parts=", ".join(told))


def _mode(facts: MethodFacts) -> list[str]:
    mode = (
        f"{facts.mode[:1].upper()}{facts.mode[1:].rstrip('.')}."
        if facts.mode
        else _missing(pgettext("method statement", "Way of asking"))
    )
    if not facts.languages:
        return [mode, _missing(_("Languages of the questionnaire"))]
    return [mode, _("Languages of the questionnaire: {languages}.").format(languages=", ".join(facts.languages))]


def _dates(facts: MethodFacts) -> list[str]:
    if facts.held_from is None and facts.held_until is None:
        return [_missing(_("When answers were given"))]
    unknown = pgettext("method statement", "not stated")
    first = format_day(facts.held_from) if facts.held_from else unknown
    last = format_day(facts.held_until) if facts.held_until else unknown
    return [_("First day: {first}. Last day on which answers came in: {last}.").format(first=first, last=last)]


def _response(facts: MethodFacts) -> list[str]:
    counts = (
        (pgettext("method statement", "Invited"), facts.invited),
        (pgettext("method statement", "Reached"), facts.reached),
        (pgettext("method statement", "Answered"), facts.answered),
    )
    unknown = pgettext("method statement", "not stated")
    told = [f"{name}: {unknown if number is None else format_number(number, 0)}." for name, number in counts]
    if facts.invited and facts.answered is not None:
        share = format_amount(100 * facts.answered / facts.invited, Unit.PERCENT, 1)
        told.append(_("That is {share} of those invited.").format(share=share))
    else:
        told.append(_missing(_("Response as a share")))
    told.append(_("Who does not answer may differ from who does; weights repair that only in part."))
    return told


def _weighting(facts: MethodFacts) -> list[str]:
    words = {
        StatedMethod.UNKNOWN: _missing(_("How the answers were weighted")),
        StatedMethod.NONE: _("The answers have the weights of the sample only; nothing was repaired for non-response."),
        StatedMethod.GIVEN: _("The answers have the weights that came with the file."),
        StatedMethod.POST_STRATIFY: _(
            "The answers were weighted so that each group counts by its size (post-stratification)."
        ),
        StatedMethod.RAKE: _("The answers were weighted to several totals of the population at once (raking)."),
        StatedMethod.LINEAR: _("The answers were weighted to totals of the population (linear calibration)."),
        StatedMethod.LOGIT: _("The answers were weighted to totals of the population (calibration within bounds)."),
    }
    found = [words[facts.weighting]]
    if facts.weighting in {StatedMethod.UNKNOWN, StatedMethod.NONE, StatedMethod.GIVEN}:
        return [*found, *_weights(facts)]
    if facts.margins:
        told = "; ".join(_margin(one) for one in facts.margins[:MOST_LISTED])
        found.append(
            _("Weighted to: {margins}.").format(margins=f"{told} …" if len(facts.margins) > MOST_LISTED else told)
        )
    else:
        found.append(_missing(_("To which totals")))
    if facts.trim_ratio is not None:
        ratio = format_number(facts.trim_ratio, 1)
        found.append(_("No weight is above {ratio} times the mean weight.").format(ratio=ratio))
    return [*found, *_weights(facts)]


def _weights(facts: MethodFacts) -> list[str]:
    found = []
    if facts.weight_range:
        low, high = (format_number(one, 2) for one in facts.weight_range)
        found.append(_("The weights run from {low} to {high} times their mean.").format(low=low, high=high))
    if facts.design_effect is None:
        return [*found, _missing(_("Design effect of the weights"))]
    effect = format_number(facts.design_effect, 2)
    if not facts.effective_respondents:
        return [*found, _("Design effect of the weights: {effect}.").format(effect=effect)]
    number = format_number(facts.effective_respondents, 0)
    told = _("Design effect of the weights: {effect}, so that the answers count as {number}.")
    return [*found, told.format(effect=effect, number=number)]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1].rstrip()}…"


def _margin(one: StatedMargin) -> str:
    source = one.source or pgettext("method statement", "not stated")
    if one.as_of is None:
        return _("{background} (source: {source})").format(background=one.title, source=source)
    return _("{background} ({source}, {day})").format(background=one.title, source=source, day=format_day(one.as_of))


def _margins(facts: MethodFacts) -> list[str]:
    found = [
        _(
            "Every figure has a 95% interval: in 95 of 100 such surveys it holds the value of the whole population. "
            "Standard errors by linearisation (Taylor); shares on the logit scale."
        )
    ]
    counted = [
        name
        for name, is_counted in (
            (pgettext("method statement", "strata"), facts.has_strata),
            (pgettext("method statement", "clusters"), facts.has_clusters),
            (_("the size of the population"), facts.has_population_correction),
            (_("the weighting to population totals"), facts.is_calibrated),
        )
        if is_counted
    ]
    found.append(_("Counted in them: the weights{others}.").format(others="".join(f", {name}" for name in counted)))
    if facts.typical_margin_points is not None:
        points = format_number(facts.typical_margin_points, 1)
        found.append(_("A share of 50% of all respondents has a margin of {points} points.").format(points=points))
    else:
        found.append(_missing(_("Margin of a share of 50%")))
    number = facts.smallest_base
    found.append(_("No figure rests on fewer than {number} respondents.").format(number=number))
    return found


def _breaks(facts: MethodFacts) -> list[str]:
    if facts.breaks is None:
        return [_("Whether questions changed since an earlier wave: not stated.")]
    if not facts.breaks:
        return [
            _("Every linked question was judged to measure the same as the registered definition of its indicator.")
        ]
    shown, more = facts.breaks[:MOST_LISTED], len(facts.breaks) - MOST_LISTED
    told = [f"{_shortened(one.measure)}: {_shortened(one.why).rstrip('.')}." for one in shown]
    if more > 0:
        rest = ngettext("and {number} more measure", "and {number} more measures", more).format(number=more)
        told.append(f"{rest[:1].upper()}{rest[1:]}.")
    return [_("Not comparable with earlier waves:"), *told]
