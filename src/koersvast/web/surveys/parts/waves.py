"""Waves on a page: cards by survey, the facts of one wave, and how long its answers are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.indicators.models import Source
from koersvast.indicators.wording import format_day
from koersvast.surveys.models import MicrodataFile, Wave
from koersvast.web import components as c
from koersvast.web.surveys.parts.steps import Journey, StepCard, count, journey

SOON_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class WaveCard:
    """One wave on the overview."""

    period: str
    href: str
    is_synthetic: bool
    facts: Sequence[tuple[str, str]]
    steps: Sequence[StepCard]
    standing: str
    next_step: c.Link | None
    outcomes: c.Link | None


@dataclass(frozen=True, kw_only=True)
class SurveyOfWaves:
    """A survey with its waves, newest first."""

    name: str
    holder: str
    waves: Sequence[WaveCard]


def surveys(waves: Iterable[Wave], *, can_manage: bool) -> list[SurveyOfWaves]:
    """Return the surveys with their waves; who may not prepare them sees what is published."""
    ordered = sorted(waves, key=lambda wave: wave.period, reverse=True)
    ordered.sort(key=lambda wave: wave.source.code)
    return [
        SurveyOfWaves(
            name=source.name, holder=source.holder, waves=[_card(wave, can_manage=can_manage) for wave in found]
        )
        for source, found in groupby(ordered, key=lambda wave: wave.source)
    ]


def _card(wave: Wave, *, can_manage: bool) -> WaveCard:
    slug, made = wave.municipality.slug, journey(wave)
    following, computed = made.next, made.cards[3]
    outcomes = c.Link(label=_("Look at the outcomes"), href=computed.href) if computed.is_done else None
    return WaveCard(
        period=wave.period,
        href=reverse("wave", args=[slug, wave.pk]) if can_manage else "",
        is_synthetic=wave.is_synthetic,
        facts=_short_facts(wave),
        steps=made.cards,
        standing=_standing(made) if can_manage else "",
        next_step=c.Link(label=following.label, href=following.href) if following and can_manage else None,
        outcomes=outcomes,
    )


def _standing(made: Journey) -> str:
    if made.next is None:
        return _("All steps are done.")
    return _("Step {number} of {steps}: {label}").format(
        number=made.next.number, steps=len(made.cards), label=made.next.label
    )


def _short_facts(wave: Wave) -> list[tuple[str, str]]:
    given = [(_("Held"), held(wave)), (_("Answered"), count(wave.answered) if wave.answered is not None else "")]
    return [(name, text) for name, text in given if text]


def facts(wave: Wave) -> list[tuple[str, str]]:
    """What a reader must know of a wave; what is not told yet says so."""
    nothing = _("not told yet")
    response = [
        (_("Invited"), _number(wave.invited)),
        (_("Reached"), _number(wave.reached)),
        (_("Answered"), _answered(wave)),
    ]
    return [
        (_("Held"), held(wave) or nothing),
        (_("Population"), _population(wave) or nothing),
        (_("How respondents were found"), wave.frame or nothing),
        (_("How they answered"), wave.mode or nothing),
        *((name, text or nothing) for name, text in response),
        *([(_("Remark"), wave.note)] if wave.note else []),
    ]


def held(wave: Wave) -> str:
    """The days on which the survey was held, as far as they are known."""
    if wave.held_from and wave.held_until:
        return _("{first} to {last}").format(first=format_day(wave.held_from), last=format_day(wave.held_until))
    day = wave.held_from or wave.held_until
    return format_day(day) if day else ""


def _number(given: int | None) -> str:
    return "" if given is None else count(given)


def _answered(wave: Wave) -> str:
    if wave.answered is None:
        return ""
    if not wave.invited:
        return count(wave.answered)
    return _("{answered} ({percent}% of those invited)").format(
        answered=count(wave.answered), percent=count(round(100 * wave.answered / wave.invited))
    )


def _population(wave: Wave) -> str:
    if wave.population and wave.population_size:
        return _("{who}: {number} people").format(who=wave.population, number=count(wave.population_size))
    return wave.population or _number(wave.population_size)


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long the answers are kept."""

    badge: c.Badge
    sentence: str
    destroy_href: str


def keeping(wave: Wave, file: MicrodataFile | None, *, today: date) -> Keeping | None:
    """How long the answers of a wave are kept, with the days that are left; None while there is no file."""
    if file is None:
        return None
    if file.destroyed_at:
        text = _("Destroyed on {day}: {reason}").format(
            day=format_day(file.destroyed_at.date()), reason=file.destroyed_because
        )
        return Keeping(badge=c.Badge(text=_("Destroyed"), symbol="ok"), sentence=text, destroy_href="")
    days = (file.keep_until - today).days
    soon = days <= SOON_DAYS
    left = ngettext("{number} day left", "{number} days left", days).format(number=count(max(days, 0)))
    return Keeping(
        badge=c.Badge(text=left, symbol="warning" if soon else "info", tone="warning" if soon else "neutral"),
        sentence=_("The answers are destroyed on {day}. The outcomes stay.").format(day=format_day(file.keep_until)),
        destroy_href=reverse("wave-file-destroy", args=[wave.municipality.slug, wave.pk]),
    )


def synthetic_banner(wave: Wave) -> c.Callout | None:
    """What stands on every page of a wave that is invented."""
    if not wave.is_synthetic:
        return None
    return c.Callout(
        title=_("These answers are invented"),
        text=_("Nobody filled in this survey. It is there to practise with; say nothing about a real place with it."),
        tone="warning",
    )


def source_choices(sources: Iterable[Source]) -> list[tuple[str, str]]:
    """The surveys to choose from."""
    return [(one.code, one.name) for one in sources]
