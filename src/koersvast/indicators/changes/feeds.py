"""Following a feed: the register of a municipality gets what the feed needs, and keeps what it has."""

from datetime import date

from django.db.models import Max
from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.indicators.changes.registry import mark_break, redefine, register_indicator, register_source
from koersvast.indicators.changes.staging import allow
from koersvast.indicators.feeds import FEEDS, SOURCES, TAXONOMY, Feed
from koersvast.indicators.models import Break, Following, Indicator, Source, SourceDifference
from koersvast.reference.models import Theme

# The police tables begin in 2012 and the survey in 2021; a definition that is older than its figures does no harm.
DEFINED_FROM = date(2000, 1, 1)


class UnknownFeed(KeyError):
    """The catalogue has no feed with this code."""


class OtherUnit(ValueError):
    """The municipality has an indicator with this code that counts in another unit."""


def follow(
    municipality: Municipality,
    *,
    feed: str,
    by: Actor,
    takes_over: Following.TakesOver = Following.TakesOver.BY_ITSELF,
) -> Following:
    """Take the figures of a feed from today on; following it again only changes who takes over.

    Source, indicator, definition and breaks are added when the register has none under their codes; what is there
    stays as the municipality has it. Raises UnknownFeed, or OtherUnit for an indicator that counts something else.
    """
    allow(by, municipality)
    if feed not in FEEDS:
        raise UnknownFeed(feed)
    found = FEEDS[feed]
    with audit.recorded(Event.FEED_FOLLOWED, by=by, municipality=municipality) as record:
        indicator = _indicator(municipality, found, by=by)
        _definition(indicator, found, by=by)
        _breaks(indicator, found, by=by)
        following = Following.objects.filter(municipality=municipality, feed=feed, until=None).first()
        following = following or Following(municipality=municipality, feed=feed, since=timezone.localdate())
        following.takes_over = takes_over
        following.followed_by = following.followed_by or audit.describe(by)
        following.full_clean()
        following.save()
        record.subject, record.detail = following, {"feed": feed}
    return following


def unfollow(municipality: Municipality, *, feed: str, by: Actor) -> None:
    """Take no figures of a feed any more; those that were taken stay. Not following it is no error."""
    allow(by, municipality)
    with audit.recorded(Event.FEED_UNFOLLOWED, by=by, municipality=municipality) as record:
        for following in Following.objects.filter(municipality=municipality, feed=feed, until=None):
            following.until = timezone.localdate()
            following.save(update_fields=["until"])
            record.subject = following
        record.detail = {"feed": feed}


def explain_difference(
    indicator: Indicator, *, source: Source, other: Source, text: str, by: Actor, period: str = ""
) -> SourceDifference:
    """Say why two sources give different figures, for one period or (empty) for all; again replaces the text."""
    allow(by, indicator.municipality)
    if not text.strip():
        raise ValueError("An explanation says something.")
    first, second = sorted((source, other), key=lambda one: one.code)
    with audit.recorded(Event.DIFFERENCE_EXPLAINED, by=by, municipality=indicator.municipality) as record:
        known = SourceDifference.objects.filter(indicator=indicator, source=first, other=second, period=period).first()
        difference = known or SourceDifference(indicator=indicator, source=first, other=second, period=period)
        difference.text, difference.written_by = text.strip()[:2000], audit.describe(by)
        difference.written_at = timezone.now()
        difference.full_clean()
        difference.save()
        record.subject, record.detail = difference, {"indicator": indicator.code, "period": period}
    return difference


def _indicator(municipality: Municipality, feed: Feed, *, by: Actor) -> Indicator:
    source = _source(municipality, feed, by=by)
    known = Indicator.objects.filter(municipality=municipality, code=feed.indicator).first()
    if known:
        if known.unit != feed.unit.value:
            raise OtherUnit(f"{known.code}: {known.unit}, {feed.unit.value}")
        return known
    last = Indicator.objects.filter(municipality=municipality).aggregate(last=Max("position"))["last"] or 0
    return register_indicator(
        municipality,
        code=feed.indicator,
        name_nl=feed.name.nl,
        name_en=feed.name.en,
        theme=Theme.objects.get(field__taxonomy__code=TAXONOMY, code=feed.theme),
        group_nl=feed.group.nl,
        group_en=feed.group.en,
        perspective=feed.perspective,
        unit=feed.unit,
        direction=feed.direction,
        source=source,
        position=last + 1,
        by=by,
    )


def _source(municipality: Municipality, feed: Feed, *, by: Actor) -> Source:
    known = Source.objects.filter(municipality=municipality, code=feed.source).first()
    if known:
        return known
    said = SOURCES[feed.source]
    return register_source(
        municipality,
        code=said.code,
        name_nl=said.name.nl,
        name_en=said.name.en,
        label_nl=said.label.nl,
        label_en=said.label.en,
        kind=said.kind,
        holder=said.holder,
        population=said.population,
        is_probability_sample=said.is_probability_sample,
        interval_years=said.interval_years,
        licence=said.licence,
        url=said.url,
        note_nl=said.note.nl,
        note_en=said.note.en,
        by=by,
    )


def _definition(indicator: Indicator, feed: Feed, *, by: Actor) -> None:
    if indicator.definitions.exists():
        return
    redefine(
        indicator,
        text_nl=feed.text.nl,
        text_en=feed.text.en,
        valid_from=DEFINED_FROM,
        population=feed.population,
        composition=feed.composition,
        external_code=feed.external_code,
        note_nl=feed.caution.nl,
        note_en=feed.caution.en,
        by=by,
    )


def _breaks(indicator: Indicator, feed: Feed, *, by: Actor) -> None:
    for one in feed.breaks:
        if not Break.objects.filter(indicator=indicator, on=one.on, kind=one.kind).exists():
            mark_break(indicator, on=one.on, kind=one.kind, note_nl=one.note.nl, note_en=one.note.en, by=by)
