"""What people arranged and said around the figures of a package: feeds, explanations of differences, control phases."""

from collections.abc import Mapping

from koersvast.indicators.feeds import FEEDS
from koersvast.indicators.models import ControlPhase, Following, Indicator, Source, SourceDifference
from koersvast.policy.changes.package_rows import Rows, own
from koersvast.policy.package import FollowingEntry, IndicatorEntry, Package


def put_followings(rows: Rows, package: Package) -> None:
    """Add the feeds that are followed; a feed that this installation or the package cannot fill refuses the package.

    One that is followed no longer is history: it may be of a feed that the catalogue has dropped.
    """
    # What ended comes first: it makes room for what stands, as a feed is followed once at a time.
    for entry in sorted(package.followings, key=lambda each: each.until is None):
        place = f"followings {entry.feed}"
        rows.at = ("package.toml", place)
        if entry.until is not None or _can_be_filled(rows, entry):
            fresh = Following(municipality=rows.municipality, feed=entry.feed)
            rows.put(_following(entry, package), fresh, own(entry, "feed"), file="package.toml", place=place)


def _following(entry: FollowingEntry, package: Package) -> Following | None:
    """The row that an entry is about: the one that stands, or one that ended in the same way.

    A feed may be followed and left more than once on a day, so that its first day does not tell rows apart. One that
    stands here and ended in the package ends, unless the package has one from the same day that stands.
    """
    of_feed = Following.objects.filter(feed=entry.feed)
    if entry.until is None:
        return of_feed.filter(until=None).first()
    stands = any((each.feed, each.since, each.until) == (entry.feed, entry.since, None) for each in package.followings)
    ended = of_feed.filter(**own(entry, "feed")).first()
    return ended or (None if stands else of_feed.filter(since=entry.since, until=None).first())


def _can_be_filled(rows: Rows, entry: FollowingEntry) -> bool:
    """Whether the feed is known, and its indicator is there and counts in the unit that the feed gives."""
    feed = FEEDS.get(entry.feed)
    if feed is None:
        rows.refuse("K33", kind="feed", code=entry.feed)
        return False
    indicator = Indicator.objects.filter(code=feed.indicator).first()
    if indicator is None:
        rows.refuse("K11", kind="indicator", code=feed.indicator)
    elif indicator.unit != feed.unit.value:
        rows.refuse("K03", found=indicator.unit, rule="const", wanted=feed.unit.value)
    return indicator is not None and indicator.unit == feed.unit.value


def put_remarks(rows: Rows, indicator: Indicator, entry: IndicatorEntry, sources: Mapping[str, Source]) -> None:
    """Add why two sources differ (the pair in the order of their codes), and where the months begin anew."""
    file, place = "indicators.toml", f"indicators {entry.code}"
    for each in entry.differences:
        first, second = sorted((each.source, each.other))
        key = {"source": sources[first], "other": sources[second], "period": each.period}
        row = SourceDifference.objects.filter(indicator=indicator, **key).first()
        fresh = SourceDifference(indicator=indicator, **key)
        rows.put(row, fresh, own(each, *key), file=file, place=f"{place} differences {each.period}".strip())
    for phase in entry.phases:
        begun = {"area_code": phase.area, "starts": phase.starts, "set_at": phase.set_at}
        known = ControlPhase.objects.filter(indicator=indicator, **begun).first()
        new = ControlPhase(indicator=indicator, **begun)
        rows.put(known, new, own(phase, "area", *begun), file=file, place=f"{place} phases {phase.starts}")
