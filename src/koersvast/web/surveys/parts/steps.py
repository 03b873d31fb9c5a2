"""How far a wave is: six steps, what each waits for, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.wording import format_number
from koersvast.surveys.models import Catalogue, Computation, IndicatorLink, Wave
from koersvast.web import components as c

type State = Literal["done", "current", "coming"]


@dataclass(frozen=True, kw_only=True)
class StepCard:
    """One step on the page of a wave: what it is for, how it stands, and where to go."""

    number: int
    label: str
    state: State
    sentence: str
    href: str

    @property
    def is_done(self) -> bool:
        return self.state == "done"


@dataclass(frozen=True, kw_only=True)
class Journey:
    """The steps of a wave, and the one that is next."""

    cards: Sequence[StepCard]

    @property
    def next(self) -> StepCard | None:
        """The first step that is not done."""
        return next((card for card in self.cards if not card.is_done), None)

    @property
    def done(self) -> int:
        return sum(card.is_done for card in self.cards)

    def stepper(self, here: int = 0) -> list[c.Step]:
        """The steps for `stepper.html`; `here` is the number of the page that is shown."""
        now = here or (self.next.number if self.next else 0)
        return [
            c.Step(
                label=card.label,
                state="current" if card.number == now else "done" if card.is_done else "coming",
                href="" if card.number == here else card.href,
            )
            for card in self.cards
        ]


def journey(wave: Wave) -> Journey:
    """Return the steps of a wave with how each stands."""
    slug = wave.municipality.slug
    found = [_file(wave), _codebook(wave), _weighting(wave), _outcomes(wave), _release(wave), _links(wave)]
    names = ["wave-file", "codebook", "weighting", "survey-outcomes", "survey-release", "survey-links"]
    first_open = next((place for place, (done, _sentence) in enumerate(found) if not done), len(found))
    cards = [
        StepCard(
            number=place + 1,
            label=label,
            state="done" if done else "current" if place == first_open else "coming",
            sentence=sentence,
            href=_address(name, slug, wave),
        )
        for place, (label, name, (done, sentence)) in enumerate(zip(step_names(), names, found, strict=True))
    ]
    return Journey(cards=cards)


def _address(name: str, slug: str, wave: Wave) -> str:
    """The page of a step; empty where this installation does not have it."""
    try:
        return reverse(name, args=[slug, wave.pk])
    except NoReverseMatch:
        return ""


def step_names() -> list[str]:
    """The six steps in words."""
    return [_("File"), _("Codebook"), _("Weighting"), _("Outcomes"), _("Publish"), _("To indicators")]


def _file(wave: Wave) -> tuple[bool, str]:
    file = wave.files.filter(superseded_at=None).first()
    if file is None:
        return False, _("Bring in the file with the answers.")
    if not file.can_be_read:
        return True, _("The answers are destroyed. What was computed from them stays.")
    return True, ngettext("{number} respondent", "{number} respondents", file.rows).format(number=count(file.rows))


def _codebook(wave: Wave) -> tuple[bool, str]:
    entries = wave.entries.exclude(role__in=["ignored", "open"])
    left, total = entries.filter(confirmed_at=None).count(), entries.count()
    if not total:
        return False, _("Say what each question is, with a proposal to start from.")
    if left:
        text = ngettext("{number} question waits for you.", "{number} questions wait for you.", left)
        return False, text.format(number=count(left))
    return True, ngettext("{number} question confirmed", "{number} questions confirmed", total).format(
        number=count(total)
    )


def _weighting(wave: Wave) -> tuple[bool, str]:
    if wave.weighting_choices.filter(superseded_at=None).exists():
        return True, _("The weights are chosen.")
    return False, _("Choose how the respondents come to stand for all inhabitants.")


def _outcomes(wave: Wave) -> tuple[bool, str]:
    newest = wave.computations.first()
    if newest is None:
        return False, _("Have the outcomes computed.")
    if newest.state in {Computation.State.QUEUED, Computation.State.RUNNING}:
        return False, _("The outcomes are being computed.")
    if newest.state == Computation.State.FAILED:
        return False, _("Computing did not succeed. Look at the reason.")
    return True, ngettext("{number} estimate", "{number} estimates", newest.estimates).format(
        number=count(newest.estimates)
    )


def _release(wave: Wave) -> tuple[bool, str]:
    found = Catalogue.objects.filter(wave=wave).first()
    if found and found.released_at:
        return True, _("The outcomes are published.")
    return False, _("Choose what becomes public, and look what stays hidden.")


def _links(wave: Wave) -> tuple[bool, str]:
    links = IndicatorLink.objects.filter(wave=wave)
    taken = links.filter(delivery__state="stored").count()
    if taken:
        text = ngettext("{number} indicator has a new figure.", "{number} indicators have a new figure.", taken)
        return True, text.format(number=count(taken))
    return False, _("Have the outcomes become figures of your indicators.")


def count(number: int) -> str:
    """A count as Dutch writes it: 1.244."""
    return format_number(number, 0)
