"""How an objective stands, in plain sentences: the formal fact first, then what it says about the level behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.engine.quantities import Direction, EvidenceVerdict, Missing, Unit
from koersvast.indicators.wording import language_now
from koersvast.policy.steering import Judgement, Outlook
from koersvast.policy.wording import amounts
from koersvast.policy.wording.reasons import reason_sentence


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a sentence is about: the title of the objective, its unit, and the precision of the figure."""

    title: str
    unit: Unit
    decimals: int | None = None


# Between these chances a lean would say more than the figure does.
EVEN = (0.40, 0.60)
# A title is a heading without an article; a Dutch sentence wants it before these words.
WITH_HET = ("aandeel ", "aantal ", "gemiddelde ", "percentage ", "rapportcijfer ")


def verdict_name(verdict: EvidenceVerdict) -> str:
    """The verdict in two or three words."""
    return {
        EvidenceVerdict.ON_COURSE: _("on course"),
        EvidenceVerdict.OFF_COURSE: _("off course"),
        EvidenceVerdict.CANNOT_TELL: _("cannot be told yet"),
        EvidenceVerdict.NOT_MEASURED: _("not measured"),
        EvidenceVerdict.NOT_COMPARABLE: _("not comparable"),
    }[verdict]


def verdict_sentence(judgement: Judgement, subject: Subject, *, is_due: bool) -> str:
    """What may be said about one year of an objective."""
    if judgement.evidence is EvidenceVerdict.NOT_MEASURED:
        return _not_measured(judgement, subject, is_due=is_due)
    fact = _("{title} came to {observed} in {period}; agreed was {agreed}.").format(
        title=_opening(subject.title),
        period=judgement.period.code,
        observed=amounts.amount(judgement.observed.value, subject.unit, decimals=subject.decimals)
        if judgement.observed
        else "",
        agreed=amounts.bound(judgement.agreed_originally, subject.unit, judgement.direction),
    )
    return f"{fact} {_consequence(judgement, subject)}"


def _opening(title: str) -> str:
    """Let the title of an objective open a sentence: "Aantal woninginbraken" becomes "Het aantal woninginbraken"."""
    if language_now() == "nl" and title.lower().startswith(WITH_HET):
        return f"Het {title[0].lower()}{title[1:]}"
    return title


def _consequence(judgement: Judgement, subject: Subject) -> str:
    if judgement.evidence is EvidenceVerdict.NOT_COMPARABLE:
        why = reason_sentence(judgement.reasons[0], unit=subject.unit) if judgement.reasons else ""
        return " ".join([_("These two cannot be compared."), why]).strip()
    if judgement.probability is None:
        why = reason_sentence(judgement.reasons[0], unit=subject.unit) if judgement.reasons else ""
        return " ".join([_fact_alone(judgement.attained), why]).strip()
    limits = (judgement.thresholds.on_course, judgement.thresholds.off_course)
    return _template(judgement).format(
        level=_level(judgement, subject), probability=amounts.probability(judgement.probability, limits=limits)
    )


def _fact_alone(attained: bool | None) -> str:
    if attained:
        return _("The target of that year was met. Whether the level behind it is on course cannot be told yet.")
    return _("The target of that year was not met. Whether the level behind it is off course cannot be told yet.")


def _template(judgement: Judgement) -> str:
    """The sentence for a pair of fact and evidence, with places for the level and the chance."""
    met = bool(judgement.attained)
    templates: Mapping[tuple[bool, str], str] = {
        (True, "on_course"): _(
            "The target of that year was met, and the chance that the underlying level is {level} is {probability}: "
            "on course."
        ),
        (False, "on_course"): _(
            "The target of that year was not met, but the chance that the underlying level is {level} is "
            "{probability}: on course."
        ),
        (True, "off_course"): _(
            "The target of that year was met, but the chance that the underlying level is {level} is {probability}: "
            "off course."
        ),
        (False, "off_course"): _(
            "The target of that year was not met, and the chance that the underlying level is {level} is "
            "{probability}: off course."
        ),
        (True, "on"): _(
            "The target of that year was met. The chance that the underlying level is {level} is {probability}: that "
            "leans towards on course, but it can still be chance."
        ),
        (False, "on"): _(
            "The target of that year was not met. The chance that the underlying level is {level} is {probability}: "
            "that leans towards on course, but it can still be chance."
        ),
        (True, "even"): _(
            "The target of that year was met. The chance that the underlying level is {level} is {probability}: that "
            "says as much for as against, so it cannot be told yet."
        ),
        (False, "even"): _(
            "The target of that year was not met. The chance that the underlying level is {level} is {probability}: "
            "that says as much for as against, so it cannot be told yet."
        ),
        (True, "off"): _(
            "The target of that year was met. The chance that the underlying level is {level} is {probability}: that "
            "leans towards off course, but it can still be chance."
        ),
        (False, "off"): _(
            "The target of that year was not met. The chance that the underlying level is {level} is {probability}: "
            "that leans towards off course, but it can still be chance."
        ),
    }
    return templates[met, _side(judgement)]


def _side(judgement: Judgement) -> str:
    """Which of the four continuations fits: a verdict, a lean, or as likely as not."""
    if judgement.evidence is not EvidenceVerdict.CANNOT_TELL:
        return judgement.evidence.value
    if judgement.probability is not None and EVEN[0] <= judgement.probability <= EVEN[1]:
        return "even"
    return judgement.lean or "off"


def _level(judgement: Judgement, subject: Subject) -> str:
    agreed = amounts.amount(judgement.agreed, subject.unit)
    if judgement.direction is Direction.LOWER_IS_BETTER:
        return _("at or below {amount}").format(amount=agreed)
    return _("at or above {amount}").format(amount=agreed)


def _not_measured(judgement: Judgement, subject: Subject, *, is_due: bool) -> str:
    values = {
        "title": _opening(subject.title),
        "period": judgement.period.code,
        "agreed": amounts.bound(judgement.agreed_originally, subject.unit, judgement.direction),
    }
    if not is_due:
        return _("{title} should come to {agreed} in {period}. There is no figure yet.").format(**values)
    templates = {
        Missing.NOT_MEASURED: _(
            "{title} was not measured in {period}; agreed was {agreed}. So nobody can say whether it was met."
        ),
        Missing.NOT_KNOWN: _(
            "{title} in {period} is not known; agreed was {agreed}. So nobody can say whether it was met."
        ),
        Missing.WITHHELD: _(
            "{title} in {period} is not shown because too few people answered; agreed was {agreed}. So it is not "
            "judged."
        ),
    }
    return templates[judgement.missing or Missing.NOT_MEASURED].format(**values)


def no_agreement_sentence(title: str, *, has_indicator: bool) -> str:
    """For an objective without a single agreed value."""
    if not has_indicator:
        return _("{title} has no indicator, so nothing can be measured.").format(title=title)
    return _("No value was agreed for {title} yet.").format(title=title)


def outlook_sentence(outlook: Outlook, subject: Subject, *, year: int, agreed: str) -> str:
    """The prospect of the final year, or why none can be given."""
    found = outlook.forecast
    if found.probability is None or found.expected is None:
        why = next((reason_sentence(reason, unit=subject.unit) for reason in found.reasons), "")
        return " ".join([_("No outlook for {year} can be given.").format(year=year), why]).strip()
    return _(
        "If the trend goes on, {year} comes to about {expected} ({interval}); the chance of {agreed} is {probability}."
    ).format(
        year=year,
        expected=amounts.estimate(found.expected, subject.unit),
        interval=amounts.interval(found.low, found.high, subject.unit),
        agreed=agreed,
        probability=amounts.probability(found.probability),
    )


def plan_sentence(counts: Mapping[EvidenceVerdict, int], *, without_agreement: int) -> str:
    """The whole plan in one sentence."""
    total = sum(counts.values()) + without_agreement
    if not total:
        return _("This plan has no objectives yet.")
    parts = [_counted(verdict, number) for verdict, number in counts.items() if number]
    if without_agreement:
        parts.append(
            ngettext("{number} has no agreed value", "{number} have no agreed value", without_agreement).format(
                number=without_agreement
            )
        )
    whole = ngettext("Of {total} objective, {parts}.", "Of the {total} objectives, {parts}.", total)
    return whole.format(total=total, parts=amounts.listing(parts))


def _counted(verdict: EvidenceVerdict, number: int) -> str:
    return {
        EvidenceVerdict.ON_COURSE: ngettext("{number} is on course", "{number} are on course", number),
        EvidenceVerdict.OFF_COURSE: ngettext("{number} is off course", "{number} are off course", number),
        EvidenceVerdict.CANNOT_TELL: ngettext("{number} cannot be told yet", "{number} cannot be told yet", number),
        EvidenceVerdict.NOT_MEASURED: ngettext("{number} is not measured", "{number} are not measured", number),
        EvidenceVerdict.NOT_COMPARABLE: ngettext("{number} is not comparable", "{number} are not comparable", number),
    }[verdict].format(number=number)


def thresholds_sentence(on_course_from: float, off_course_to: float) -> str:
    """Explain the pair of statements and the municipality's two limits."""
    return _(
        "Met or not met is the figure against the agreed value. On course is another question: how likely is it that "
        "the level behind the figure is at the agreed value or better? From {on} we say on course, up to {off} off "
        "course, and in between that it cannot be told yet."
    ).format(on=amounts.percentage(on_course_from), off=amounts.percentage(off_course_to))


def attention_sentence(code: str, **values: str | int) -> str:
    """Why an objective asks attention."""
    templates = {
        "off_course": _("{title} is off course in {period}: look at the approach or the agreement."),
        "not_measured": _("{title} should have been measured in {period}. Plan a measurement, or decide to drop it."),
        "not_met": _("{title} was not met in {period}, but it can still be chance. Follow it closely."),
        "not_comparable": _("The figure of {period} cannot be held against the agreement on {title}. Decide anew."),
        "provisional": _("The figure of {period} for {title} is provisional and can still change."),
        "draft": _("{title} has a draft agreement that was not decided on yet."),
        "no_agreement": _("Nothing was agreed for {title}, so it cannot be followed."),
        "outlook": _("The trend makes it unlikely that {title} is met in {period}."),
    }
    return templates[code].format(**values)
