"""How a wave is weighted, to which population, and which cuts of it are published."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.surveys.changes.waves import allow
from koersvast.surveys.codebook import Entry, Role
from koersvast.surveys.columns import categories_of
from koersvast.surveys.models import Catalogue, CodebookEntry, PopulationMargin, Wave, WeightingChoice


class MarginRefused(ValueError):
    """Population numbers that do not fit; a code and values that say where."""

    def __init__(self, code: str, **values: str | int | float) -> None:
        super().__init__(f"{code} {values}")
        self.code, self.values = code, values


def choose_weighting(
    wave: Wave,
    *,
    by: Actor,
    frame: str = WeightingChoice.Frame.EVERYBODY,
    method: str = WeightingChoice.Method.NONE,
    variance: str = WeightingChoice.Variance.CALIBRATE,
    margins: Sequence[str] = (),
    trim_ratio: float | None = None,
    lowest_ratio: float | None = None,
    highest_ratio: float | None = None,
    lonely: str = WeightingChoice.Lonely.REFUSE,
    statement: str = "",
) -> WeightingChoice:
    """Choose how the wave is weighted; the choice before stays readable. Raises Denied or ValidationError."""
    allow(by, wave.municipality)
    with audit.recorded(Event.WEIGHTING_CHOSEN, by=by, municipality=wave.municipality) as record:
        Wave.objects.select_for_update().get(pk=wave.pk)
        WeightingChoice.objects.filter(wave=wave, superseded_at=None).update(superseded_at=timezone.now())
        choice = WeightingChoice(
            wave=wave, frame=frame, method=method, variance=variance, margins=list(margins), trim_ratio=trim_ratio,
            lowest_ratio=lowest_ratio, highest_ratio=highest_ratio, lonely=lonely, statement=statement.strip(),
            chosen_at=timezone.now(), chosen_by=audit.describe(by),
        )  # fmt: skip
        choice.full_clean()
        choice.save()
        record.subject, record.detail = choice, {"frame": frame, "method": method, "variance": variance}
    return choice


def give_margins(
    wave: Wave,
    *,
    code: str,
    people: Mapping[str, float],
    source_text: str,
    as_of: date,
    by: Actor,
    table: str = "",
    vintage: int | None = None,
) -> list[PopulationMargin]:
    """Say how many people of the population each category of a background (or a crossing "a*b") has.

    `people` goes by the codes of `columns.categories_of`, crossings as "1*2". What was given for this code before is
    replaced. Raises Denied, or MarginRefused (codes: background_not_confirmed, category_missing, category_unknown,
    not_a_number, nobody, source_missing).
    """
    allow(by, wave.municipality)
    names = margin_categories(wave, code)
    _check_margin(code, names, people, source_text)
    with audit.recorded(Event.MARGINS_GIVEN, by=by, municipality=wave.municipality) as record:
        PopulationMargin.objects.filter(wave=wave, code=code).delete()
        rows = PopulationMargin.objects.bulk_create(
            PopulationMargin(
                wave=wave, code=code, category=name, people=float(people[name]), source_text=source_text.strip()[:200],
                table=table, vintage=vintage, as_of=as_of, given_at=timezone.now(), given_by=audit.describe(by),
            )
            for name in names
        )  # fmt: skip
        record.subject, record.detail = wave, {"margin": code, "categories": len(rows), "people": sum(people.values())}
    return rows


def margin_categories(wave: Wave, code: str) -> list[str]:
    """The categories that a margin of this code must have, in order. Raises MarginRefused."""
    names = [""]
    for part in code.split("*"):
        entry = _background(wave, part)
        names = [f"{name}*{one.code}" if name else one.code for name in names for one in categories_of(entry)]
    return names


def _background(wave: Wave, code: str) -> Entry:
    row = CodebookEntry.objects.filter(wave=wave, code=code, role=Role.BACKGROUND.value).first()
    if row is None or row.confirmed_at is None:
        raise MarginRefused("background_not_confirmed", background=code)
    return row.entry


def _check_margin(code: str, names: Sequence[str], people: Mapping[str, float], source_text: str) -> None:
    if not source_text.strip():
        raise MarginRefused("source_missing", margin=code)
    for name in names:
        if name not in people:
            raise MarginRefused("category_missing", margin=code, category=name)
        if not isfinite(people[name]) or people[name] < 0:
            raise MarginRefused("not_a_number", margin=code, category=name)
    if strange := sorted(set(people) - set(names)):
        raise MarginRefused("category_unknown", margin=code, category=strange[0])
    if not sum(people.values()) > 0:
        raise MarginRefused("nobody", margin=code)


def choose_catalogue(
    wave: Wave,
    *,
    by: Actor,
    backgrounds: Sequence[str] | None = None,
    entries: Sequence[str] | None = None,
    smallest_base: int | None = None,
    smallest_group: int | None = None,
) -> Catalogue:
    """Choose the closed list of what is published; what is not named stays. Thresholds only go up.

    Raises Denied, MarginRefused for a background that is not confirmed, or ValueError for a lower threshold.
    """
    allow(by, wave.municipality)
    with audit.recorded(Event.CATALOGUE_CHOSEN, by=by, municipality=wave.municipality) as record:
        catalogue = Catalogue.objects.select_for_update().get(wave=wave)
        for name, wanted in (("smallest_base", smallest_base), ("smallest_group", smallest_group)):
            if wanted is not None and wanted < getattr(catalogue, name):
                raise ValueError(f"{name} only goes up from {getattr(catalogue, name)}.")
            if wanted is not None:
                setattr(catalogue, name, wanted)
        if backgrounds is not None:
            catalogue.backgrounds = [_background(wave, code).code for code in backgrounds]
        if entries is not None:
            catalogue.entries = list(entries)
        catalogue.full_clean()
        catalogue.save()
        record.subject, record.detail = catalogue, _said(catalogue)
    return catalogue


def _said(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "backgrounds": catalogue.backgrounds,
        "entries": len(catalogue.entries),
        "smallest_base": catalogue.smallest_base,
        "smallest_group": catalogue.smallest_group,
    }
