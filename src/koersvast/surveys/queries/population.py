"""What the national registers say of the population that a wave is weighted to: counts to take over as a margin."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, product

from koersvast.engine.quantities import Reason
from koersvast.indicators.queries.national import register_store
from koersvast.registers.codes import Level
from koersvast.registers.population import AgeGroup, Category, Division, PopulationMargin, population_margin
from koersvast.surveys.codebook import AreaKind, Entry
from koersvast.surveys.columns import categories_of
from koersvast.surveys.models import Wave
from koersvast.surveys.queries.next_wave import year_of
from koersvast.surveys.queries.outcomes import entries_of

_SEX = {"man": "man", "mannen": "man", "jongen": "man", "vrouw": "woman", "vrouwen": "woman", "meisje": "woman"}
_UP_TO_AND_WITH = re.compile(r"(\d{1,3})(?: jaar)? ?(?:tot en met|t/m|-|–) ?(\d{1,3})(?: jaar)?", re.ASCII)
_UP_TO = re.compile(r"(\d{1,3})(?: jaar)? tot (\d{1,3})(?: jaar)?", re.ASCII)
_AND_OLDER = re.compile(r"(\d{1,3}) ?(?:\+|(?:jaar )?(?:en|of) ouder)", re.ASCII)
_LEVELS = {AreaKind.WIJK: Level.WIJK, AreaKind.BUURT: Level.BUURT}


@dataclass(frozen=True, kw_only=True)
class ProposedMargin:
    """People by category, as `changes.give_margins` takes them; empty with reasons where the registers cannot say.

    `as_of` is 1 January of the year. `can_be_fetched`: a person can ask for the population of this municipality; the
    wijken and buurten come with the key figures that a municipality follows. Reasons: background_not_in_registers (sex,
    ages, wijk and buurt are known), area_not_in_table (area), areas_not_loaded, and those of `registers.population`.
    """

    code: str
    people: Mapping[str, float]
    table: str
    vintage: int | None
    as_of: date
    reasons: tuple[Reason, ...]
    can_be_fetched: bool = False

    @property
    def is_known(self) -> bool:
        return bool(self.people)


def proposed_margin(wave: Wave, code: str) -> ProposedMargin:
    """The people of each category of a background, or of sex by age ("geslacht*leeftijd"), in the year of the wave.

    Ages count from the groups of the background; sexes from the youngest age of the wave on. A wijk or buurt counts
    everybody who lives there, of every age.
    """
    known, year = entries_of(wave), year_of(wave)
    listed = [_part(known[name]) for name in code.split("*") if name in known]
    parts = [part for part in listed if part is not None]
    by = _division(parts) if len(parts) == code.count("*") + 1 else None
    if by is None:
        return _none(code, year, Reason(code="background_not_in_registers", values={"background": code}))
    groups = next((part.ages for part in parts if part.ages), (AgeGroup(first=wave.age_from or 0),))
    found = population_margin(
        register_store(), wave.municipality.code, year, by=by, groups=groups, parts=parts[0].level or Level.WIJK
    )
    offered = _proposed(code, year, parts, found)
    if by == "area":
        return replace(offered, reasons=tuple(map(_of_areas, offered.reasons)))
    return replace(offered, can_be_fetched=True)


def _of_areas(reason: Reason) -> Reason:
    return replace(reason, code="areas_not_loaded") if reason.code == "population_not_loaded" else reason


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A background as the registers know it: its categories with the names that the registers give them."""

    division: Division
    names: Mapping[str, str]
    ages: tuple[AgeGroup, ...] = ()
    level: Level | None = None


def _part(entry: Entry) -> _Part | None:
    groups = categories_of(entry)
    texts = {one.code: one.text_nl.strip().casefold() for one in groups}
    if texts and set(texts.values()) <= set(_SEX) and len({_SEX[text] for text in texts.values()}) == len(texts) == 2:
        return _Part(division="sex", names={code: _SEX[text] for code, text in texts.items()})
    if entry.area_kind in _LEVELS and groups and all(one.area_code for one in groups):
        names = {one.code: one.area_code for one in groups}
        return _Part(division="area", names=names, level=_LEVELS[entry.area_kind])
    ranges = {cut.code: _range(cut.lowest, cut.highest) for cut in entry.cuts if cut.is_range}
    ages = {code: ranges.get(code) or age_group(text) for code, text in texts.items()}
    listed = [group for group in ages.values() if group is not None]
    if not listed or len(listed) < len(ages) or _overlap(listed):
        return None
    return _Part(division="age", names={code: group.code for code, group in ages.items() if group}, ages=tuple(listed))


def age_group(text: str) -> AgeGroup | None:
    """The ages in words: "18 tot en met 34 jaar", "18-34", "15 tot 25 jaar" (to 24), "65 jaar en ouder", "65+"."""
    said = text.strip().casefold()
    if found := _AND_OLDER.fullmatch(said):
        return AgeGroup(first=int(found[1]))
    for pattern, less in ((_UP_TO_AND_WITH, 0), (_UP_TO, 1)):
        found = pattern.fullmatch(said)
        if found and int(found[2]) - less >= int(found[1]):
            return AgeGroup(first=int(found[1]), last=int(found[2]) - less)
    return None


def _range(lowest: float | None, highest: float | None) -> AgeGroup | None:
    first = 0 if lowest is None else int(lowest)
    if highest is not None and int(highest) < first:
        return None
    return AgeGroup(first=first, last=None if highest is None else int(highest))


def _overlap(groups: Sequence[AgeGroup]) -> bool:
    ordered = sorted(groups, key=lambda group: group.first)
    return any(one.last is None or one.last >= other.first for one, other in pairwise(ordered))


def _division(parts: Sequence[_Part | None]) -> Division | None:
    divisions = sorted(part.division for part in parts if part)
    if len(divisions) < len(parts):
        return None
    if len(divisions) == 1:
        return divisions[0]
    return "sex_age" if divisions == ["age", "sex"] else None


def _proposed(code: str, year: int, parts: Sequence[_Part], found: PopulationMargin) -> ProposedMargin:
    people: dict[str, float] = {}
    for group in product(*(part.names.items() for part in parts)):
        category, names = "*".join(own for own, _ in group), [name for _, name in group]
        key: Category = tuple(reversed(names)) if len(parts) == 2 and parts[0].division == "age" else tuple(names)
        count = found.counts.get(key)
        if count is None:
            reasons = found.reasons or (Reason(code="area_not_in_table", values={"area": "*".join(key)}),)
            return _none(code, year, *reasons)
        people[category] = count
    return ProposedMargin(
        code=code,
        people=people,
        table=found.table,
        vintage=found.vintage,
        as_of=date(year, 1, 1),
        reasons=found.reasons,
    )


def _none(code: str, year: int, *reasons: Reason) -> ProposedMargin:
    return ProposedMargin(code=code, people={}, table="", vintage=None, as_of=date(year, 1, 1), reasons=reasons)
