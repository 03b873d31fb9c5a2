"""One municipality beside others, from one vintage of one national table: groups, funnel, rank, course of the region.

Everything a reader sees comes from the same vintage, also the own figure: what the plan holds from another source is
never set against published figures of others. Inhabitants come from the population table of the feed. Where borders
of counts and inhabitants differ, the inhabitants of the parts are added up and that is said, or the municipality is
left out and that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from koersvast.engine import benchmark, breaks, forecast, peers, regional
from koersvast.engine.counts import rate
from koersvast.engine.periods import Period
from koersvast.engine.places import Place, PlaceSpread
from koersvast.engine.quantities import Break, Direction, Reading, Reason, Unit
from koersvast.indicators.feeds import FEEDS, Feed
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.national import Column, TableNote, column
from koersvast.indicators.queries.people import People, borders_of, people
from koersvast.reference.models import Area
from koersvast.reference.queries import groups_of, members
from koersvast.reference.sizes import SizeClass, size_class

PEERS_WANTED = 10
MOST_PEERS = 30


class GroupKind(StrEnum):
    """With whom a municipality is compared."""

    PEERS = "peers"
    SIZE_CLASS = "size_class"
    BASISTEAM = "basisteam"
    POLICE_UNIT = "police_unit"
    PROVINCE = "province"
    COUNTRY = "country"


# The criteria by which peers are chosen: how each is measured. What a register does not hold is left out, and said.
CRITERIA: Mapping[str, peers.Criterion] = {
    "inhabitants": peers.Criterion(name="inhabitants", scale=peers.Scale.LOG),
    "density": peers.Criterion(name="density", scale=peers.Scale.LOG),
    "young": peers.Criterion(name="young"),
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """Municipalities to compare with, without one's own. `code` and `name` are those of the area that groups them."""

    kind: GroupKind
    code: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Against:
    """The own place beside one group."""

    group: Group
    result: benchmark.PlaceComparison


@dataclass(frozen=True, kw_only=True)
class PlacedRate:
    """A municipality of the chosen group, or one's own: events, inhabitants, rate per 1,000 with its 95 % interval."""

    code: str
    name: str
    events: float
    inhabitants: float
    rate: float
    low: float
    high: float
    own: bool


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A municipality of the chosen group of which no rate can be made, and why."""

    code: str
    name: str
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Course:
    """Rates of one area or group over the years, as readings in counts with their inhabitants.

    `left_out` counts municipalities that are not known of every year: they are in no year of the line.
    """

    kind: str
    name: str
    readings: tuple[Reading, ...]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked: the period, the group, the criteria for peers and how many of them, as known on a day."""

    period: str = ""
    group: str = GroupKind.PEERS.value
    criteria: tuple[str, ...] = ("inhabitants", "density", "young")
    count: int = PEERS_WANTED
    known_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A municipality beside others, with everything that a reader needs to judge it.

    `against` holds every group that there is, the chosen one too. `ranked`, `rank` and `left_out` are of the chosen
    one; the funnel is of all municipalities: it shows what size does. `reasons` says what was converted or left out.
    """

    name: str
    feed: Feed
    area: Area
    period: Period
    periods: tuple[str, ...]
    figures: TableNote
    population: TableNote
    own: Place
    is_provisional: bool
    against: tuple[Against, ...]
    chosen: Against
    peers: peers.PeerGroup
    ranked: tuple[PlacedRate, ...]
    left_out: tuple[LeftOut, ...]
    funnel: benchmark.Funnel
    rank: benchmark.RankInterval
    course: tuple[Course, ...]
    region: regional.RegionTrend | None
    break_test: breaks.BreakTest | None
    outlook: forecast.Forecast
    breaks: tuple[Break, ...]
    reasons: tuple[Reason, ...]

    @property
    def direction(self) -> Direction:
        return self.feed.direction


@dataclass(frozen=True, kw_only=True)
class NoComparison:
    """Why there is none.

    Codes: `no_feed`, `not_counted`, `no_vintage` (table), `no_population` (table), `area_not_in_table` (area).
    """

    reason: Reason
    feed: Feed | None = None


def feed_of(indicator: Indicator) -> Feed | None:
    """The feed of the catalogue that gives the figures of this indicator."""
    return next((feed for feed in FEEDS.values() if feed.indicator == indicator.code), None)


def compare(indicator: Indicator, *, area: Area, question: Question) -> Comparison | NoComparison:
    """Set a municipality beside others for an indicator that has a feed."""
    feed = feed_of(indicator)
    if feed is None:
        return NoComparison(reason=Reason(code="no_feed"))
    if not feed.population_table or feed.unit not in (Unit.COUNT, Unit.PER_1000, Unit.PER_10000):
        return NoComparison(reason=Reason(code="not_counted"), feed=feed)
    counted = column(feed.table, measure=feed.measure, kinds=feed.kinds, known_on=question.known_on)
    if counted is None:
        return NoComparison(reason=Reason(code="no_vintage", values={"table": feed.table}), feed=feed)
    lived = people(feed.population_table, known_on=question.known_on)
    if lived is None:
        return NoComparison(reason=Reason(code="no_population", values={"table": feed.population_table}), feed=feed)
    periods = counted.years([area.code])
    if not periods:
        return NoComparison(reason=Reason(code="area_not_in_table", values={"area": area.name}), feed=feed)
    period = Period.parse(question.period if question.period in periods else periods[-1])
    desk = _Desk(feed=feed, area=area, counted=counted, lived=lived, period=period, question=question)
    return desk.answer(indicator.name, periods)


class _Desk:
    """Everything that one comparison needs at hand, looked up once."""

    def __init__(
        self, *, feed: Feed, area: Area, counted: Column, lived: People, period: Period, question: Question
    ) -> None:
        self.feed, self.area, self.counted, self.period, self.question = feed, area, counted, period, question
        borders = borders_of(counted)
        self.edition, self.lived = borders.edition, lived.on(borders)
        # By the newest name of each code, also of those that are gone: they may be parts of one that is here.
        every = Area.objects.filter(kind=Area.Kind.MUNICIPALITY).order_by("valid_from")
        self.every_name = dict(every.values_list("code", "name"))
        self.names = {code: self.every_name.get(code, code) for code in sorted(counted.areas)}
        self.names[area.code] = area.name
        self.breaks = tuple(Break(on=one.on, kind=one.kind, note=one.note.nl) for one in feed.breaks)

    def answer(self, name: str, periods: tuple[str, ...]) -> Comparison:
        """Put the answer together."""
        own, group = self.place(self.area.code), self.peer_group()
        funnel = benchmark.funnel([self.place(code) for code in self.names])
        against = tuple(self.against(one, own, elsewhere=funnel.spread) for one in self.groups(group))
        chosen = next((one for one in against if one.group.kind == self.question.group), against[0])
        places = [self.place(code) for code in chosen.group.members]
        course = self.course(chosen.group)
        return Comparison(
            name=name,
            feed=self.feed,
            area=self.area,
            period=self.period,
            periods=periods,
            figures=self.counted.note,
            population=self.lived.note,
            own=own,
            is_provisional=(self.area.code, self.period.code) in self.counted.provisional,
            against=against,
            chosen=chosen,
            peers=group,
            ranked=_ranked([own, *places], own=own),
            left_out=tuple(self.left_out(place) for place in places if not place.usable),
            funnel=funnel,
            rank=benchmark.rank_interval(own, places, highest_first=self.feed.direction is Direction.HIGHER_IS_BETTER),
            course=course,
            region=self.region(course),
            break_test=self.break_test(course[0].readings),
            outlook=self.outlook(course[0].readings),
            breaks=self.breaks,
            reasons=self.lived.reasons(self.area.code, self.period.year, names=self.every_name),
        )

    def place(self, code: str, period: str = "") -> Place:
        """A municipality in the period: events over inhabitants on the same borders; None where one is not known."""
        asked = period or self.period.code
        return Place(
            code=code,
            name=self.names.get(code, code),
            events=self.counted.amount(code, asked),
            inhabitants=self.lived.inhabitants(code, asked),
        )

    def left_out(self, place: Place) -> LeftOut:
        """Why no rate can be made of a place."""
        reason = Reason(code="inhabitants_unknown")
        if place.events is None:
            missing = self.counted.missing(place.code, self.period.code)
            reason = Reason(code="events_unknown", values={"missing": missing.value if missing else ""})
        elif moved := self.lived.refusal(place.code, self.period.year):
            reason = moved
        elif place.inhabitants == 0:
            reason = Reason(code="no_inhabitants")
        return LeftOut(code=place.code, name=place.name, reason=reason)

    # ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────

    def peer_group(self) -> peers.PeerGroup:
        """The municipalities that look most like one's own."""
        criteria = [CRITERIA[name] for name in self.question.criteria if name in CRITERIA] or [CRITERIA["inhabitants"]]
        profiles = {code: self.profile(code) for code in self.names}
        own = profiles.pop(self.area.code)
        count = min(max(self.question.count, 3), MOST_PEERS)
        return peers.choose_peers(own, list(profiles.values()), criteria, count=count)

    def profile(self, code: str) -> peers.Profile:
        values = self.lived.characteristics(code, self.period.code)
        return peers.Profile(code=code, name=self.names[code], values=values)

    def groups(self, peer_group: peers.PeerGroup) -> list[Group]:
        """Every group with at least one other municipality, the most alike first."""
        found = [Group(kind=GroupKind.PEERS, code="", name="", members=tuple(one.code for one in peer_group.peers))]
        found += [group for group in (self.size_group(), *self.area_groups()) if group]
        everybody = tuple(code for code in self.names if code != self.area.code)
        found.append(Group(kind=GroupKind.COUNTRY, code="NL", name="", members=everybody))
        return [group for group in found if group.members]

    def size_group(self) -> Group | None:
        """The municipalities in the same class of inhabitants."""
        own = self.lived.inhabitants(self.area.code, self.period.code)
        if own is None:
            return None
        wanted, alike = size_class(int(own)), []
        for code in self.names:
            other = self.lived.inhabitants(code, self.period.code)
            if code != self.area.code and other is not None and wanted.holds(int(other)):
                alike.append(code)
        return Group(kind=GroupKind.SIZE_CLASS, code=wanted.code, name=_edges(wanted), members=tuple(alike))

    def area_groups(self) -> list[Group]:
        """Police team, police unit and province, without one's own municipality."""
        above = {one.kind: one for one in groups_of(self.area.code, year=self.edition)}
        found = []
        for kind in (GroupKind.BASISTEAM, GroupKind.POLICE_UNIT, GroupKind.PROVINCE):
            if one := above.get(kind.value):
                codes = {other.code for other in members(one.code, year=self.edition)} - {self.area.code}
                mine = tuple(code for code in self.names if code in codes)
                found.append(Group(kind=kind, code=one.code, name=one.name, members=mine))
        return found

    def against(self, group: Group, own: Place, *, elsewhere: PlaceSpread) -> Against:
        """The own place beside a group; a small group borrows from all municipalities how much they usually differ."""
        others = [self.place(code) for code in group.members]
        return Against(group=group, result=benchmark.compare_with(own, others, spread_elsewhere=elsewhere))

    # ── The years ────────────────────────────────────────────────────────────────────────────────────────────────

    def course(self, group: Group) -> tuple[Course, ...]:
        """The own rates, those of the chosen group together and those of all municipalities together."""
        own = self.line("own", self.area.name, (self.area.code,))
        others = self.line(group.kind.value, group.name, group.members)
        everybody = self.line("country", "", tuple(self.names))
        return (own, others) if group.kind is GroupKind.COUNTRY else (own, others, everybody)

    def line(self, kind: str, name: str, codes: Sequence[str]) -> Course:
        """Counts of municipalities together by year, with their inhabitants: of the same municipalities every year."""
        years = self.counted.years([self.area.code])
        rows = {code: [self.place(code, year) for year in years] for code in codes}
        steady = {code: places for code, places in rows.items() if all(place.usable for place in places)}
        if kind == "own":  # one's own line shows the years that there are
            years = tuple(year for year, place in zip(years, rows[codes[0]], strict=True) if place.usable)
            steady = {codes[0]: [place for place in rows[codes[0]] if place.usable]}
        readings = [
            Reading(
                period=Period.parse(year),
                value=sum(places[at].events or 0.0 for places in steady.values()),
                unit=Unit.COUNT,
                exposure=sum(places[at].inhabitants or 0.0 for places in steady.values()),
                provisional=any((code, year) in self.counted.provisional for code in steady),
                series=self.feed.table,
            )
            for at, year in enumerate(years)
            if steady
        ]
        return Course(kind=kind, name=name, readings=tuple(readings), left_out=len(codes) - len(steady))

    def region(self, course: tuple[Course, ...]) -> regional.RegionTrend | None:
        """The own change over five years, or as many as there are, beside that of the chosen group."""
        until = [one for one in course[0].readings if one.period.code <= self.period.code]
        if len(until) < 2 or not course[1].readings:
            return None
        earlier = until[-6] if len(until) > 5 else until[0]
        return regional.against_region(
            course[0].readings,
            course[1].readings,
            earlier=earlier.period,
            later=until[-1].period,
            breaks=self.breaks,
            own_in_region=False,
        )

    def break_test(self, own: Sequence[Reading]) -> breaks.BreakTest | None:
        return breaks.find_break(own) if own else None

    def outlook(self, own: Sequence[Reading]) -> forecast.Forecast:
        """What the trend of the years until now says about the year after the last one."""
        after = Period.of_year((own[-1].period.year if own else self.period.year) + 1)
        return forecast.forecast(own, period=after, direction=self.feed.direction)


def _ranked(places: Sequence[Place], *, own: Place) -> tuple[PlacedRate, ...]:
    """The places of which a rate can be made, lowest first; equal rates by name."""
    made = []
    for place in places:
        if place.usable and place.events is not None and place.inhabitants:
            found = rate(place.events, inhabitants=place.inhabitants)
            made.append(
                PlacedRate(
                    code=place.code,
                    name=place.name,
                    events=place.events,
                    inhabitants=place.inhabitants,
                    rate=found.rate,
                    low=found.low,
                    high=found.high,
                    own=place.code == own.code,
                )
            )
    return tuple(sorted(made, key=lambda one: (one.rate, one.name)))


def _edges(size: SizeClass) -> str:
    """The edges of a class as values for wording: "20000-50000", "250000-"."""
    return f"{size.least}-{size.below or ''}"
