"""The shared words as values: editions of fields and themes, their mapping, the safety chain, lenses, method, areas."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import get_language

from koersvast.reference.borders import BorderBook, BorderJudgement, Change, Denominator, Edition, Relation
from koersvast.reference.models import (
    Area,
    AreaList,
    BorderChange,
    Borders,
    Field,
    Membership,
    Taxonomy,
    Theme,
    ThemeMapping,
)

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class ChainLink:
    """A link of the safety chain, in its order."""

    code: str
    name_nl: str
    name_en: str
    meaning_nl: str
    meaning_en: str

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def meaning(self) -> str:
        return self.meaning_en if get_language() == "en" else self.meaning_nl


class Lens(ChainLink):
    """One of the four lenses through which a problem is seen wider."""


@dataclass(frozen=True, kw_only=True)
class MethodStep:
    """A step of the method, with when it is done."""

    number: int
    name_nl: str
    name_en: str
    done_when_nl: str
    done_when_en: str

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def done_when(self) -> str:
        return self.done_when_en if get_language() == "en" else self.done_when_nl


@dataclass(frozen=True, kw_only=True)
class MethodSteps:
    """The steps of the method with their source; `is_reconstruction` says that the official wording was not seen."""

    steps: tuple[MethodStep, ...]
    valid_from: date
    is_reconstruction: bool
    source: str


def taxonomies(*, municipality_code: str = "") -> QuerySet[Taxonomy]:
    """Return the national editions and those of the municipality, newest first."""
    return Taxonomy.objects.filter(Q(municipality_code="") | Q(municipality_code=municipality_code)).order_by(
        "-valid_from"
    )


def taxonomy_on(day: date, *, municipality_code: str = "") -> Taxonomy | None:
    """Return the edition that holds on a day: the municipality's own before a national one."""
    held = taxonomies(municipality_code=municipality_code).filter(valid_from__lte=day)
    return held.order_by("-municipality_code", "-valid_from").first()


def taxonomy(code: str) -> Taxonomy | None:
    """Return an edition with its fields and themes in two more queries."""
    themes = Prefetch("themes", Theme.objects.order_by("code"))
    fields = Prefetch("fields", Field.objects.order_by("code").prefetch_related(themes))
    return Taxonomy.objects.filter(code=code).prefetch_related(fields).first()


def mapping(*, earlier: Taxonomy, later: Taxonomy) -> QuerySet[ThemeMapping]:
    """Return how the themes of two editions relate, in the order of the earlier one; many to many."""
    found = ThemeMapping.objects.filter(earlier__field__taxonomy=earlier, later__field__taxonomy=later)
    return found.select_related("earlier__field", "later__field").order_by("earlier__code", "later__code")


def area_of(code: str, *, year: int | None = None) -> Area | None:
    """Return the area with this CBS code: its newest borders, or those of a year."""
    found = Area.objects.filter(code=code)
    if year is not None:
        found = found.filter(_holding_in(year))
    return found.order_by("-valid_from").first()


def municipalities(year: int) -> QuerySet[Area]:
    """Return the municipalities on the borders of 1 January of a year, by name."""
    return areas(Area.Kind.MUNICIPALITY, year=year)


def areas(kind: str, *, year: int) -> QuerySet[Area]:
    """Return all held areas of a kind on the borders of a year, by name; see `is_listed` for whether that is all."""
    return Area.objects.filter(_holding_in(year), kind=kind).order_by("name", "code")


def is_listed(kind: str, *, year: int, within: str = "") -> bool:
    """Whether the areas of this kind and year are held completely: for the country, or within one area."""
    return AreaList.objects.filter(kind=kind, year=year, within__in={"", within}).exists()


def areas_within(code: str, *, kind: str, year: int) -> QuerySet[Area]:
    """Return the areas of a kind within another on the borders of a year: by parent, over several rungs, or by group.

    The buurten of a municipality are those of its wijken; the municipalities of a police unit are its members.
    """
    found, parents = areas(kind, year=year), {code}
    if Area.objects.filter(code=code, kind=Area.Kind.COUNTRY).exists():
        return found
    for _ in range(len(_LADDER)):
        below = Area.objects.filter(_holding_in(year), parent_code__in=parents).exclude(kind__in=_GROUPS)
        inside = set(below.values_list("code", flat=True)) | set(_member_codes(parents, year))
        if inside <= parents:
            break
        parents |= inside
    return found.filter(code__in=parents - {code})


def groups_of(code: str, *, year: int) -> tuple[Area, ...]:
    """Return the groups that an area is in: country, landsdeel, province (by parent), and those it is a member of."""
    above: list[str] = []
    area = area_of(code, year=year)
    while area and area.parent_code and area.parent_code not in above:
        above.append(area.parent_code)
        area = area_of(area.parent_code, year=year)
    member_of = Membership.objects.filter(_belonging_in(year), member_code__in=[code, *above])
    wanted = {*above, *member_of.values_list("group_code", flat=True)}
    held = {area.code: area for area in Area.objects.filter(_holding_in(year), code__in=wanted)}
    return tuple(sorted(held.values(), key=lambda group: (_LADDER.index(group.kind), group.code)))


def members(group: str, *, year: int) -> tuple[Area, ...]:
    """Return the municipalities of a group in a year: of a province by parent, of a police unit or team by membership.

    Membership of police units and safety regions is held from 2023 on; before that the answer is empty, not wrong.
    """
    return tuple(areas_within(group, kind=Area.Kind.MUNICIPALITY, year=year))


def borders(kind: str, year: int, *, within: str = "") -> Borders | None:
    """Return where the borders of a kind and year are kept: the last taken, an area's own before national ones."""
    found = Borders.objects.filter(kind=kind, year=year, within__in={"", within})
    return found.order_by("-within", "-taken_on", "-pk").first()


def border_book(*kinds: str) -> BorderBook:
    """Return all that is held of the borders of these kinds (none given: municipalities), to compare many at once."""
    wanted = kinds or (Area.Kind.MUNICIPALITY.value,)
    held = Area.objects.filter(kind__in=wanted).values_list("code", "kind", "valid_from", "valid_until", "begun_by")
    editions = tuple(
        Edition(code=code, kind=kind, valid_from=first, valid_until=last, begun_by=begun)
        for code, kind, first, last, begun in held
    )
    listed = AreaList.objects.filter(kind__in=wanted, within="").values_list("kind", "year")
    years = {kind: frozenset(year for of, year in listed if of == kind) for kind in wanted}
    return BorderBook(editions=editions, changes=_changes(), listed=years)


def compare_borders(code: str, year_a: int, year_b: int) -> BorderJudgement:
    """Judge whether a code has the same borders in two years of classification (see `reference.borders`)."""
    return _book_of(code).compare(code, year_a, year_b)


def denominator_for(
    code: str, *, counted_on: int, inhabitants_on: int, inhabitants: Mapping[str, float]
) -> Denominator:
    """Return the inhabitants to divide a count by, on the borders on which was counted, or a refusal with reasons.

    Every rate goes through here or through a `BorderBook`: a municipality that kept its code may have other borders.
    """
    return _book_of(code).denominator_for(
        code, counted_on=counted_on, inhabitants_on=inhabitants_on, inhabitants=inhabitants
    )


# From wide to narrow; groups lie beside the ladder, between province and municipality.
_LADDER = tuple(Area.Kind.values)
_GROUPS = (
    Area.Kind.POLICE_UNIT,
    Area.Kind.POLICE_DISTRICT,
    Area.Kind.BASISTEAM,
    Area.Kind.SAFETY_REGION,
    Area.Kind.REGION,
)


def _holding_in(year: int) -> Q:
    return Q(valid_until=None, valid_from__lte=year) | Q(valid_until__gte=year, valid_from__lte=year)


def _belonging_in(year: int) -> Q:
    return Q(year_until=None, year_from__lte=year) | Q(year_until__gte=year, year_from__lte=year)


def _member_codes(groups: set[str], year: int) -> QuerySet[Membership, str]:
    return Membership.objects.filter(_belonging_in(year), group_code__in=groups).values_list("member_code", flat=True)


def _changes() -> tuple[Change, ...]:
    rows = BorderChange.objects.values_list("on", "from_code", "into_code", "kind", "share")
    return tuple(
        Change(on=on, from_code=giver, into_code=taker, relation=Relation(kind), share=share)
        for on, giver, taker, kind, share in rows
    )


def _book_of(code: str) -> BorderBook:
    """The book of one area; a list within its municipality counts for it too."""
    kinds = set(Area.objects.filter(code=code).values_list("kind", flat=True))
    book = border_book(*kinds)
    within = AreaList.objects.filter(kind__in=kinds, within=f"GM{code[2:6]}").values_list("kind", "year")
    years = {kind: book.listed.get(kind, frozenset()) | {y for of, y in within if of == kind} for kind in kinds}
    return BorderBook(editions=book.editions, changes=book.changes, listed=years)


def safety_chain() -> tuple[ChainLink, ...]:
    """Return the five links in order."""
    return tuple(ChainLink(**entry) for entry in _read("safety_chain.toml")["link"])


def lenses() -> tuple[Lens, ...]:
    """Return the four lenses."""
    return tuple(Lens(**entry) for entry in _read("lenses.toml")["lens"])


def method_steps() -> MethodSteps:
    """Return the twelve steps of the method."""
    listed = _read("method_steps.toml")
    return MethodSteps(
        steps=tuple(MethodStep(**entry) for entry in listed["step"]),
        valid_from=listed["valid_from"],
        is_reconstruction=listed["is_reconstruction"],
        source=listed["source"],
    )


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))
