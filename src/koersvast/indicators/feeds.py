"""The catalogue of feeds: which figure of which national table becomes which indicator. Data in `data/feeds/*.toml`.

Pure: no database, no clock. A feed is one file; `docs/guides/add-a-feed.md` tells how to add one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from koersvast.engine.quantities import Direction, Unit
from koersvast.registers.tables import TABLES

DATA = Path(__file__).parent / "data"
TAXONOMY = "kernbeleid"
LEVELS = ("municipality", "wijk", "buurt")
_PER = {Unit.PER_1000: 1_000, Unit.PER_10000: 10_000}


class BadFeed(ValueError):
    """A file of the catalogue that does not hold together; the message names the file and what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Bilingual:
    """One text in the two languages of the screens."""

    nl: str
    en: str

    def __bool__(self) -> bool:
        return bool(self.nl)


NOTHING = Bilingual(nl="", en="")


@dataclass(frozen=True, kw_only=True)
class FeedSource:
    """What `register_source` needs to know about the holder of a table, to a code that stays."""

    code: str
    name: Bilingual
    label: Bilingual
    kind: str
    holder: str
    population: str
    licence: str
    url: str
    note: Bilingual
    is_probability_sample: bool | None = None
    interval_years: int = 1


@dataclass(frozen=True, kw_only=True)
class FeedBreak:
    """From this day on the figures of the feed do not mean the same. `kind` is one of indicators.Break.Kind."""

    on: date
    kind: str
    note: Bilingual


@dataclass(frozen=True, kw_only=True)
class FeedSet:
    """A ready choice of feeds, with what a reader must know about the choice as a whole."""

    code: str
    name: Bilingual
    text: Bilingual
    caution: Bilingual


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One indicator fed by one national table.

    `kinds` are bare keys of the table's kind dimension; more than one is a declared sum. `measure` is a measure code
    of `registers.tables`. `population_table` gives the inhabitants on the same borders; for a rate its unit says per
    how many. `monthly_table` holds the same figure by month; it is kept in the register, not staged.
    """

    code: str
    sets: tuple[str, ...]
    is_usual: bool
    indicator: str
    name: Bilingual
    theme: str
    group: Bilingual
    perspective: str
    unit: Unit
    direction: Direction
    text: Bilingual
    population: str
    composition: str
    source: str
    table: str
    monthly_table: str
    measure: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    population_table: str
    own_breaks: tuple[FeedBreak, ...]
    takes_breaks_of_table: bool
    caution: Bilingual

    @property
    def is_sum(self) -> bool:
        """Whether the figure adds up several kinds."""
        return len(self.kinds) > 1

    @property
    def per_inhabitants(self) -> int | None:
        """Per how many inhabitants the figure is worked out from counts; None: as the table gives it."""
        return _PER.get(self.unit)

    @property
    def external_code(self) -> str:
        """Table and keys at the source, such as "47018NED 1.4.2 + 1.4.3"."""
        return f"{self.table} {' + '.join(self.kinds)}".strip()[:80]

    @property
    def field(self) -> str:
        """The code of the safety field that the theme belongs to."""
        return self.theme.partition(".")[0]

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that has to be there for this feed."""
        named = (self.table, self.monthly_table, self.population_table)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def breaks(self) -> tuple[FeedBreak, ...]:
        """The breaks of the table that hit these kinds, and those of the feed itself, in order of day."""
        return tuple(sorted((*self._breaks_of_table(), *self.own_breaks), key=lambda one: (one.on, one.kind)))

    def _breaks_of_table(self) -> Iterable[FeedBreak]:
        if not self.takes_breaks_of_table or self.table not in TABLES:
            return
        own = {(one.on, one.kind) for one in self.own_breaks}
        for one in TABLES[self.table].breaks:
            hits = not one.kinds or bool(set(one.kinds) & set(self.kinds))
            if hits and (one.on, one.kind) not in own:
                yield FeedBreak(on=one.on, kind=one.kind, note=Bilingual(nl=one.note_nl, en=one.note_en))


def load_feed(path: Path) -> Feed:
    """Read one file of the catalogue. Raises BadFeed for a key that is missing, unknown or of another type."""
    try:
        return _feed(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise BadFeed(f"{path.name}: {error}") from error


def feeds_of_table(table: str, codes: Iterable[str]) -> tuple[Feed, ...]:
    """The feeds among `codes` for which this table has to be there."""
    return tuple(FEEDS[code] for code in sorted(codes) if code in FEEDS and table in FEEDS[code].tables)


def _feed(code: str, said: dict[str, Any]) -> Feed:
    indicator, definition, taken = said.pop("indicator"), said.pop("definition"), said.pop("table")
    unit = Unit(indicator.pop("unit"))
    feed = Feed(
        code=code,
        sets=tuple(said.pop("sets")),
        is_usual=said.pop("usual", False),
        indicator=indicator.pop("code"),
        name=_both(indicator, "name"),
        theme=indicator.pop("theme"),
        group=_both(indicator, "group", needed=False),
        perspective=indicator.pop("perspective"),
        unit=unit,
        direction=Direction(indicator.pop("direction")),
        text=_both(definition, "text"),
        population=definition.pop("population"),
        composition=definition.pop("composition", ""),
        source=taken.pop("source"),
        table=taken.pop("code"),
        monthly_table=taken.pop("monthly", ""),
        measure=taken.pop("measure"),
        kinds=tuple(taken.pop("kinds", ())),
        levels=tuple(taken.pop("levels")),
        population_table=taken.pop("population", ""),
        takes_breaks_of_table=taken.pop("takes_breaks", True),
        own_breaks=tuple(_break(one) for one in said.pop("breaks", ())),
        caution=_both(said, "caution"),
    )
    left = {**said, **indicator, **definition, **taken}
    if left:
        raise BadFeed(f"unknown keys {sorted(left)}")
    return feed


def _break(said: dict[str, Any]) -> FeedBreak:
    made = FeedBreak(on=said.pop("on"), kind=said.pop("kind"), note=_both(said, "note"))
    if said:
        raise BadFeed(f"unknown keys {sorted(said)} in a break")
    return made


def _both(said: dict[str, Any], name: str, *, needed: bool = True) -> Bilingual:
    """Both languages of a text; one without the other is refused."""
    both = Bilingual(nl=said.pop(f"{name}_nl", ""), en=said.pop(f"{name}_en", ""))
    if bool(both.nl) != bool(both.en) or (needed and not both.nl):
        raise BadFeed(f"{name} is wanted in both languages")
    return both


def _load_sets() -> dict[str, FeedSet]:
    listed = tomllib.loads((DATA / "feed-sets.toml").read_text(encoding="utf-8"))["set"]
    return {
        one["code"]: FeedSet(
            code=one["code"], name=_both(one, "name"), text=_both(one, "text"), caution=_both(one, "caution")
        )
        for one in listed
    }


def _load_sources() -> dict[str, FeedSource]:
    listed = tomllib.loads((DATA / "feed-sources.toml").read_text(encoding="utf-8"))["source"]
    return {one["code"]: _source(one) for one in listed}


def _source(said: dict[str, Any]) -> FeedSource:
    name, label, note = _both(said, "name"), _both(said, "label"), _both(said, "note")
    return FeedSource(name=name, label=label, note=note, **said)


SETS: Mapping[str, FeedSet] = MappingProxyType(_load_sets())
SOURCES: Mapping[str, FeedSource] = MappingProxyType(_load_sources())
FEEDS: Mapping[str, Feed] = MappingProxyType(
    {path.stem: load_feed(path) for path in sorted((DATA / "feeds").glob("*.toml"))}
)
