"""Measures and indicators on a page: what goes where, what differs from the definition, and what that will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.indicators.models import Definition, Indicator
from koersvast.indicators.wording import language_now
from koersvast.surveys import wording
from koersvast.surveys.codebook import Entry, Role, Why, why_from_dict
from koersvast.surveys.linking import Ground, Proposal, measure_key
from koersvast.surveys.models import IndicatorLink, Wave
from koersvast.surveys.queries.links import links_before
from koersvast.surveys.queries.outcomes import Measure, measures_of
from koersvast.surveys.queries.proposals import proposals
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import count

REFUSALS: Mapping[str, str | Promise] = {
    "entry_not_confirmed": gettext_lazy("The question is not confirmed any more. Confirm it in the codebook first."),
    "no_such_measure": gettext_lazy("This cut is not in the codebook any more. Choose another."),
    "other_unit": gettext_lazy("The measure counts in another unit than the indicator. Choose another measure."),
    "other_source": gettext_lazy("This indicator belongs to another source."),
    "no_definition": gettext_lazy("This indicator has no definition yet. Add one first."),
    "no_areas": gettext_lazy("This background is not about areas. Choose another."),
    "invented_answers": gettext_lazy(
        "Invented answers become no figures of a real municipality. This can be walked in a practice municipality."
    ),
    "not_computed": gettext_lazy("There are no outcomes yet. Have them computed first."),
    "not_released": gettext_lazy("The outcomes are not published yet. Publish them first."),
    "changed_since_released": gettext_lazy(
        "Something changed since the outcomes were published. Compute and publish again."
    ),
    "undecided": gettext_lazy(
        "Of one or more indicators it is not said yet what the differences mean. Decide on those first."
    ),
    "no_links": gettext_lazy("No measure is linked to an indicator yet. Link at least one."),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One measure in a list to choose from."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class LinkCard:
    """One indicator: the measure that goes to it, or the one that is proposed, and what differs."""

    code: str
    title: str
    definition: str
    badge: c.Badge
    measure: str
    choices: Sequence[Choice]
    areas: Sequence[Choice]
    hint: str
    differences: Sequence[str]
    note: str
    is_linked: bool
    is_undecided: bool

    @property
    def is_decided(self) -> bool:
        return self.is_linked and not self.is_undecided


def refusal(code: str) -> str:
    """Why a link or taking over does not go on."""
    return str(REFUSALS.get(code, code))


def cards(wave: Wave) -> list[LinkCard]:
    """The indicators of the source of a wave, those that are linked first."""
    measures = measures_of(wave)
    links = {link.indicator_id: link for link in IndicatorLink.objects.filter(wave=wave)}
    indicators = list(Indicator.objects.filter(source=wave.source).prefetch_related("definitions"))
    proposed = proposals(wave, indicators, measures)
    areas = _area_backgrounds(wave)
    made = [_card(one, links.get(one.pk), measures, proposed.get(one.pk), areas) for one in indicators]
    return sorted(made, key=lambda card: (not card.is_undecided, not card.is_linked, not card.hint))


@dataclass(frozen=True, kw_only=True)
class Again:
    """The links of the wave before that this wave does not have."""

    period: str
    number: str


def to_link_again(wave: Wave) -> Again | None:
    """What can be linked as in the wave before; nothing when that is done, or when there is no such wave."""
    linked = set(IndicatorLink.objects.filter(wave=wave).values_list("indicator_id", flat=True))
    left = [link for link in links_before(wave) if link.indicator_id not in linked]
    return Again(period=left[0].wave.period, number=count(len(left))) if left else None


def _area_backgrounds(wave: Wave) -> list[Entry]:
    """The backgrounds of which a group has the code of a wijk or buurt, so that its figure has a place."""
    entries = [row.entry for row in wave.entries.exclude(confirmed_at=None).filter(role=Role.BACKGROUND.value)]
    return [one for one in entries if one.area_kind and any(answer.area_code for answer in one.answers)]


def _card(
    indicator: Indicator,
    link: IndicatorLink | None,
    measures: Sequence[Measure],
    proposal: Proposal | None,
    areas: Sequence[Entry],
) -> LinkCard:
    definition = list(indicator.definitions.all())[-1:]
    fitting = [one for one in measures if one.unit == indicator.unit]
    values = {measure_key(one.entry.code, one.cut_code): one for one in fitting}
    chosen, hint = proposal.measure if proposal else "", _hint(proposal)
    if link is not None:
        chosen, hint = measure_key(link.entry_code, link.cut_code), ""
    return LinkCard(
        code=indicator.code,
        title=indicator.name,
        definition=_defined(definition),
        badge=_badge(link, bool(hint)),
        measure=name_of(values[chosen]) if link is not None and chosen in values else "",
        choices=[Choice(value=value, label=name_of(one), is_chosen=value == chosen) for value, one in values.items()],
        areas=[
            Choice(
                value=one.code, label=one.text(language_now()), is_chosen=link is not None and link.areas == one.code
            )
            for one in areas
        ],
        hint=hint,
        differences=[wording.reason(why) for why in link_differences(link)],
        note=link.decision_note_nl if link else "",
        is_linked=link is not None,
        is_undecided=link is not None and link.confirmed_at is None,
    )


def link_differences(link: IndicatorLink | None) -> list[Why]:
    """What differs between the measure and the definition, as it was found when they were linked."""
    return [why_from_dict(kept) for kept in link.differences] if link else []


def name_of(measure: Measure) -> str:
    """A measure in words: its question and its cut."""
    entry: Entry = measure.entry
    text = entry.text(language_now()).rstrip("?")
    if measure.cut is None:
        return _("{question}: mean").format(question=text)
    name = (measure.cut.text_en if language_now() == "en" else "") or measure.cut.text_nl
    return f"{text}: {name}"


def _hint(proposal: Proposal | None) -> str:
    """Why a measure is proposed, in words."""
    if proposal is None:
        return ""
    if proposal.ground is Ground.WAVE_BEFORE:
        return _("As in the wave before.")
    return _("Proposed by the words of the question. Check it.")


def _defined(definition: Sequence[Definition]) -> str:
    parts = [f"{one.question} {one.answers_counted}".strip() for one in definition]
    return next((part for part in parts if part), "") or _("No wording of the question is registered.")


def _badge(link: IndicatorLink | None, has_proposal: bool) -> c.Badge:
    if link is None:
        if has_proposal:
            return c.Badge(text=_("Proposal"), symbol="cannot-tell", tone="info")
        return c.Badge(text=_("Not linked"), symbol="not-measured")
    if link.confirmed_at is None:
        return c.Badge(text=_("Decide"), symbol="warning", tone="warning")
    if link.decision == IndicatorLink.Decision.BREAK:
        return c.Badge(text=_("Linked, with a break"), symbol="not-comparable", tone="warning")
    return c.Badge(text=_("Linked"), symbol="ok", tone="positive")
