"""How the report came about: the rules behind the verdicts, the methods with their versions, sources, and words."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.engine.quantities import Method
from koersvast.indicators.wording import format_number, unit_name
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import (
    Align,
    Block,
    Bullets,
    Column,
    Glossary,
    Heading,
    Paragraph,
    Row,
    RowGroup,
    Source,
    SourceList,
    Table,
    Term,
    paragraph,
    strong,
)
from koersvast.publications.compose.material import DefinitionFacts, Material, SourceFacts, WaveFacts
from koersvast.publications.compose.words import better, sentence_case


def method_chapter(material: Material) -> list[Block]:
    """What the verdicts mean and how they were calculated."""
    methods = _methods(material)
    blocks: list[Block] = [
        Heading(1, _("How this was calculated")),
        Heading(2, _("What the words mean")),
        Bullets.of(*_rules(material)),
    ]
    if methods:
        blocks += [Heading(2, _("Methods and versions")), _method_table(methods)]
    return blocks


def _rules(material: Material) -> list[Paragraph]:
    found = material.standing
    limits = {
        "on": amounts.percentage(found.on_course_from),
        "off": amounts.percentage(found.off_course_to),
        "day": amounts.day(material.known_on),
    }
    rules = (
        (
            _("Met or not met."),
            _("The figure against the value that was agreed for that year. This is the formal fact."),
        ),
        (
            pgettext("report", "Evidence."),
            _(
                "The probability that the level behind the figure is at the agreed value or better. From {on} it is on "
                "course, up to {off} off course, in between it cannot be told yet. The municipality sets these limits."
            ),
        ),
        (
            pgettext("report", "Demonstrable."),
            _(
                "A difference that chance alone gives in fewer than 5 of 100 cases, tested on two sides. Many rows are "
                "compared at once: of twenty rows in which nothing changed, one may seem demonstrable by chance."
            ),
        ),
        (
            _("Counts that scatter."),
            _(
                "Registered numbers rise and fall more than chance alone makes them. With four or more earlier years "
                "that scatter is estimated and the margins are widened for it; with fewer years it cannot be estimated "
                "and chance alone is counted."
            ),
        ),
        (
            pgettext("report", "Margins."),
            _(
                "All intervals are 95% intervals. Of a survey that is no pure probability sample the margin is a lower "
                "bound: the real one is at least as wide."
            ),
        ),
        (
            pgettext("report", "Breaks."),
            _(
                "Where the definition, the registration, the way of measuring or the borders changed, figures are not "
                "compared, unless a conversion is known. Figures of two sources are never compared silently."
            ),
        ),
        (
            _("As known on."),
            _(
                "This report has the figures as they were known on {day}. Deliveries of a later day do not count in "
                "it, so it can be made again exactly."
            ),
        ),
    )
    return [paragraph(strong(f"{name} "), text.format(**limits)) for name, text in rules]


def method_words() -> dict[str, str]:
    """Each method of the calculations in words, by its name."""
    return {
        "baseline-extreme": _("Whether a baseline is the extreme of its own series"),
        "change-none": _("No comparison possible"),
        "count-chance": _("How often chance alone reaches a target for a count"),
        "count-change": _(
            "Two counts compared: conditional binomial test, mid-p, two-sided, by inhabitants and length"
        ),
        "count-interval": _("Interval of a count: exact, after Garwood"),
        "dispersion": _("Scatter of counts: Pearson estimate around a log-linear trend"),
        "evidence-count": _("Evidence for a count: gamma distribution, widened for scatter"),
        "evidence-estimate": _("Evidence for a mean or score: normal distribution with its standard error"),
        "evidence-none": _("No evidence calculated"),
        "evidence-share": _("Evidence for a survey share: Wilson score with the design effect"),
        "funnel": _("Funnel limits for a comparison of places"),
        "outlook-count": _("Outlook for a count: log-linear trend with prediction interval"),
        "outlook-estimate": _("Outlook for a mean or score: weighted linear trend with prediction interval"),
        "outlook-none": _("No outlook possible"),
        "outlook-share": _("Outlook for a share: weighted logit trend with prediction interval"),
        "published-margin": _("Margin as the source published it"),
        "rate": _("Rate by number of inhabitants"),
        "standard-error-interval": _("Interval from the standard error of the source"),
        "survey-difference": _("Two survey shares compared: normal approximation with the design effects"),
        "survey-mean": _("Two survey means compared: normal approximation with their standard errors"),
        "survey-power": _("What a survey can show"),
        "survey-share": _("Interval of a survey share: Wilson, number of respondents divided by the design effect"),
        "survey-tie": _("Two shares of one survey compared, with their covariance"),
        "targets": _("What a stated change means as a value"),
    }


def _methods(material: Material) -> list[tuple[str, str]]:
    """The name and version of every method behind a number in the report."""
    found: set[tuple[str, str]] = set()
    for line in material.standing.objectives:
        found |= {(name, version) for moment in line.path for name, _slash, version in [moment.method.partition("/")]}
    for row in material.analysis.rows:
        used: Iterable[Method] = [value.margin.method for value in row.series.values if value.margin]
        found |= {(one.name, one.version) for one in used}
        if row.change:
            found.add((row.change.method.name, row.change.method.version))
    return sorted(one for one in found if not one[0].endswith("-none"))


def _method_table(methods: list[tuple[str, str]]) -> Table:
    words = method_words()
    return Table(
        caption=_("Methods behind the numbers of this report"),
        columns=(
            Column(label=pgettext("report", "Method"), share=5),
            Column(label=pgettext("report", "Version"), align=Align.RIGHT, share=0.7),
        ),
        groups=(RowGroup("", tuple(Row(words.get(name, name), (version,)) for name, version in methods)),),
        source=_("the methods are described with worked examples in the documentation of Koersvast"),
    )


# ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────────


def source_chapter(material: Material) -> list[Block]:
    """Every source with holder, population, frame and licence, its measurements and its deliveries."""
    blocks: list[Block] = [
        Heading(1, pgettext("report", "Sources")),
        SourceList(tuple(_source(one) for one in material.sources)),
    ]
    waves = [(one, wave) for one in material.sources for wave in one.waves]
    if waves:
        blocks.append(_wave_table(material.sources))
    if any(one.deliveries for one in material.sources):
        blocks.append(_delivery_table(material))
    return blocks


def _source(one: SourceFacts) -> Source:
    sample = {
        True: _("a probability sample"),
        False: _("no pure probability sample"),
        None: "",
    }[one.is_probability_sample if one.is_survey else None]
    parts = (
        _("Holder: {holder}").format(holder=one.holder),
        _("population: {population}").format(population=one.population) if one.population else "",
        _("respondents by way of: {frame}").format(frame=one.frame) if one.frame else "",
        sample,
    )
    detail = "; ".join(part for part in parts if part)
    note = f". {one.note.rstrip('.')}" if one.note else ""
    return Source(
        name=_("{name} ({label})").format(name=one.name, label=one.label),
        detail=detail + note,
        url=one.url,
        licence=one.licence or pgettext("report", "not stated"),
    )


def _wave_table(sources: Iterable[SourceFacts]) -> Table:
    return Table(
        caption=_("Measurements of the surveys"),
        columns=(
            Column(label=pgettext("report", "Year"), share=1.0),
            Column(label=pgettext("report", "State"), share=1.7),
            Column(label=pgettext("report", "Invited"), align=Align.RIGHT, share=1.9),
            Column(label=pgettext("report", "Respondents"), align=Align.RIGHT, share=2.4),
            Column(label=pgettext("report", "Design effect"), align=Align.RIGHT, share=1.9),
            Column(label=_("Way of measuring"), share=3.2),
        ),
        groups=tuple(RowGroup(one.name, tuple(_wave(wave) for wave in one.waves)) for one in sources if one.waves),
        notes=(_("A design effect of 1.0 counts on a simple random sample.").replace("1.0", format_number(1, 1)),),
    )


def _wave(wave: WaveFacts) -> Row:
    respondents = "" if wave.respondents is None else format_number(wave.respondents, 0)
    if wave.respondents_are_assumed and respondents:
        respondents = _("{number} (assumed)").format(number=respondents)
    return Row(
        wave.period,
        (
            pgettext("report", "planned") if wave.is_planned else pgettext("report", "held"),
            "" if wave.invited is None else format_number(wave.invited, 0),
            respondents,
            format_number(wave.design_effect, 1),
            wave.mode,
        ),
    )


def _delivery_table(material: Material) -> Table:
    return Table(
        caption=_("Deliveries of figures"),
        columns=(
            Column(label=pgettext("report", "File"), share=2.9),
            Column(label=pgettext("report", "Figures of"), share=1.8),
            Column(label=pgettext("report", "Number"), align=Align.RIGHT, share=1.2),
            Column(label=pgettext("report", "Remark"), share=5.6),
        ),
        groups=tuple(
            RowGroup(
                one.name,
                tuple(
                    Row(each.file_name, (amounts.day(each.as_of), format_number(each.figures, 0), each.note))
                    for each in one.deliveries
                ),
            )
            for one in material.sources
            if one.deliveries
        ),
        source=_("register of deliveries, as known on {day}").format(day=amounts.day(material.known_on)),
    )


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def word_chapter(material: Material) -> list[Block]:
    """The definition of every indicator in the report, and the words of the report itself."""
    populations = {one.population for one in material.sources}
    blocks: list[Block] = [
        Heading(1, pgettext("report", "Definitions")),
        Heading(2, _("Words in this report")),
        Glossary(_terms()),
    ]
    if material.definitions:
        terms = tuple(Term(one.name, _meaning(one, populations)) for one in material.definitions)
        blocks += [Heading(2, pgettext("report", "Indicators")), Glossary(terms)]
    return blocks


def _terms() -> tuple[Term, ...]:
    return (
        Term(pgettext("report", "Agreed value"), _("what the council decided that an indicator has to be in a year")),
        Term(pgettext("report", "Baseline"), _("the figure from which an objective starts")),
        Term(
            pgettext("report", "Indicator"),
            _("a figure that is followed, with one definition, one unit and one direction"),
        ),
        Term(pgettext("report", "Interval"), _("the values between which the real level lies with 95% certainty")),
        Term(pgettext("report", "Objective"), _("an indicator that the plan wants to change")),
        Term(
            pgettext("report", "Percentage point"),
            _("the difference between two percentages: from 61% to 55% is 6 points"),
        ),
        Term(pgettext("report", "Provisional figure"), _("a figure that its source can still change")),
        Term(pgettext("report", "Underlying level"), _("what would be measured if chance did not play a part")),
        Term(_("Break in a series"), _("a change in what or how is measured, so that figures cannot be compared")),
    )


def _meaning(one: DefinitionFacts, known_populations: Collection[str]) -> str:
    """The definition with unit and direction, and what a survey asked; a population that its source has is not
    repeated.
    """
    text = one.text.strip() or _("no definition was recorded")
    parts = [
        text if text.endswith((".", "?", "!")) else f"{text}.",
        sentence_case(_("{unit}; {direction}.").format(unit=unit_name(one.unit), direction=better(one.direction))),
    ]
    if one.question:
        parts.append(_("Question: “{question}”").format(question=one.question))
    if one.answers_counted:
        parts.append(_("Counted: {answers}.").format(answers=one.answers_counted.rstrip(".")))
    if one.population and one.population not in known_populations:
        parts.append(_("Population: {population}.").format(population=one.population.rstrip(".")))
    if one.number > 1:
        parts.append(
            _("This is definition {number}, from {day}.").format(number=one.number, day=amounts.day(one.valid_from))
        )
    if one.note:
        parts.append(one.note)
    return " ".join(parts)
