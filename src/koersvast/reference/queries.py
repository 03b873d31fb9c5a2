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

from koersvast.reference.models import Area, Field, Taxonomy, Theme, ThemeMapping

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
        found = found.filter(Q(valid_until=None) | Q(valid_until__gte=year), valid_from__lte=year)
    return found.order_by("-valid_from").first()


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
