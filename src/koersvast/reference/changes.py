"""Load the shared words from their dated files: taxonomies with their mappings, areas, border changes and groups.

These run within a named change of a floor above (`indicators.changes.load_reference`), which knows who asks and writes
the audit record: reference and access are neighbours and do not know each other. Wijken and buurten are not files of
ours: `load_edition` takes the list of a year as CBS delivers it, `keep_borders` notes where its shapes are kept.
"""

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models, transaction

from koersvast.reference.editions import EditionRow, HeldArea, plan_edition
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
TAXONOMY_FILES = (DATA / "kernbeleid.toml", DATA / "kernbeleid-2021.toml")
AREAS_FILE, TEAMS_FILE = DATA / "areas.toml", DATA / "basisteams.toml"
MUNICIPALITIES_FILE, CHANGES_FILE = DATA / "municipalities.csv", DATA / "border_changes.csv"
# The years of which all municipalities and all changes between them are in the files.
FIRST_LISTED, LAST_LISTED = 2009, 2026
# The list of municipalities by safety region is of this year; municipalities have not changed since.
GROUPS_FROM = 2023
MUNICIPALITY_SOURCE = "CBS, regio-indeling bij StatLine; RvIG, tabel 33 gemeenten. CC BY 4.0."
CHANGE_SOURCE = "RvIG, tabel 33 gemeenten; CBS, beschrijvingen bij de regio-indeling; voor splitsingen algemene kennis."
GROUP_SOURCE = "Wet veiligheidsregio's, bijlage; Politiewet 2012, artikel 25; lijst van gemeenten van 2023 (VWS)."


def load_reference() -> list[Taxonomy]:
    """Load every taxonomy and the areas that come with the product; loading again changes nothing."""
    taxonomies = [load_taxonomy(path) for path in TAXONOMY_FILES]
    load_areas(AREAS_FILE)
    load_municipalities(MUNICIPALITIES_FILE)
    load_border_changes(CHANGES_FILE)
    load_teams(TEAMS_FILE)
    return taxonomies


def load_taxonomy(path: Path, *, municipality_code: str = "") -> Taxonomy:
    """Bring a taxonomy in line with its file: edition, fields, themes and the mapping from earlier editions.

    A theme that the file no longer has stays: plans and indicators of the past refer to it. Raises KeyError when a
    mapping names a theme or an edition that is not loaded.
    """
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    taxonomy, _ = Taxonomy.objects.update_or_create(
        code=listed["code"],
        defaults={
            "name_nl": listed["name_nl"],
            "name_en": listed["name_en"],
            "valid_from": listed["valid_from"],
            "source": listed["source"],
            "municipality_code": municipality_code,
        },
    )
    for entry in listed["field"]:
        _load_field(taxonomy, entry)
    _load_mappings(taxonomy, listed.get("mapping", []))
    return taxonomy


def load_areas(path: Path) -> None:
    """Bring areas in line with a file; an area is known by its code and the first year of its borders."""
    _bring_in_line(_areas_in(path), by=("code", "valid_from"))
    _load_groups([area for area in _areas_in(path) if area.kind == Area.Kind.SAFETY_REGION])


def load_municipalities(path: Path) -> None:
    """Bring municipalities, their years of listing and their safety region and police unit in line with a file."""
    rows = _csv_rows(path)
    _bring_in_line([_municipality(row) for row in rows], by=("code", "valid_from"))
    lists = [
        AreaList(
            kind=Area.Kind.MUNICIPALITY,
            year=year,
            areas=sum(_holds(row, year) for row in rows),
            source=MUNICIPALITY_SOURCE,
        )
        for year in range(FIRST_LISTED, LAST_LISTED + 1)
    ]
    _bring_in_line(lists, by=("kind", "year", "within"))
    units = dict(Area.objects.filter(kind=Area.Kind.SAFETY_REGION).values_list("code", "parent_code"))
    pairs = [
        (group, row["code"]) for row in rows if (region := row["safety_region"]) for group in (region, units[region])
    ]
    _load_memberships(pairs, year_from=GROUPS_FROM, source=GROUP_SOURCE)


def load_border_changes(path: Path, *, source: str = CHANGE_SOURCE) -> None:
    """Bring border changes in line with a CSV file (on, from_code, into_code, kind, share)."""
    changes = [_border_change(row, source) for row in _csv_rows(path)]
    _bring_in_line(changes, by=("on", "from_code", "into_code"))


def load_teams(path: Path) -> None:
    """Bring basisteams and their municipalities in line with a TOML file of the form of data/basisteams.toml."""
    teams = tomllib.loads(path.read_text(encoding="utf-8")).get("team", [])
    areas = [
        Area(
            code=team["code"],
            name=team["name"],
            kind=Area.Kind.BASISTEAM,
            valid_from=team["year_from"],
            valid_until=team.get("year_until"),
            parent_code=team["police_unit"],
        )
        for team in teams
    ]
    _bring_in_line(areas, by=("code", "valid_from"))
    for team in teams:
        pairs = [(team["code"], member) for member in team["members"]]
        _load_memberships(pairs, year_from=team["year_from"], year_until=team.get("year_until"), source=team["source"])


OWN_AREAS, OWN_GROUPS, OWN_CHANGES = "gebieden.csv", "groepen.csv", "grenswijzigingen.csv"


@transaction.atomic
def load_own_areas(directory: Path, *, source: str) -> dict[str, int]:
    """Bring areas, groups and border changes in line with an installation's own files; return rows by file name.

    For what no public list gives with codes, such as basisteams or a region that works together, and for an invented
    country to practise with. `gebieden.csv` (code, naam, soort, vanaf, tot_en_met, ligt_in), `groepen.csv` (groep,
    gemeente, vanaf, tot_en_met) and `grenswijzigingen.csv` (on, from_code, into_code, kind, share), each if it is
    there, separated by semicolons. Raises KeyError for a column that is not there and ValueError for a bad value.
    """
    rows = {name: _own_rows(directory / name) for name in (OWN_AREAS, OWN_GROUPS, OWN_CHANGES)}
    _bring_in_line([_own_area(row) for row in rows[OWN_AREAS]], by=("code", "valid_from"))
    memberships = [
        Membership(
            group_code=row["groep"],
            member_code=row["gemeente"],
            year_from=int(row["vanaf"]),
            year_until=_year(row["tot_en_met"]),
            source=source,
        )
        for row in rows[OWN_GROUPS]
    ]
    _bring_in_line(memberships, by=("group_code", "member_code", "year_from"))
    _bring_in_line([_border_change(row, source) for row in rows[OWN_CHANGES]], by=("on", "from_code", "into_code"))
    return {name: len(found) for name, found in rows.items()}


@transaction.atomic
def load_edition(rows: Iterable[EditionRow], *, year: int, source: str, within: str = "") -> AreaList:
    """Bring wijken or buurten of one kind in line with the complete list of a year; loading again changes nothing.

    `within` is the municipality when the list is of one. Borders that are the same go on in the edition that is held;
    a code with other borders, or of which nobody says whether they are the same, begins an edition; a code that is
    not in the list ends the year before. Years must be loaded in order: raises `editions.OutOfOrder` otherwise.
    """
    listed = tuple(rows)
    kinds = {row.kind for row in listed}
    if len(kinds) != 1:
        raise ValueError(f"A list of one kind of area was expected, not of {sorted(kinds)}.")
    kind = kinds.pop()
    known = _held(kind, within)
    years = AreaList.objects.filter(kind=kind, within__in={within, ""}).values_list("year", flat=True)
    plan = plan_edition(listed, year=year, held=known, listed_years=frozenset(years))
    ids = {(area.code, area.valid_from): area.pk for area in known}
    Area.objects.bulk_create([_area_of(row, year=year, begun_by=begun) for row, begun in plan.begin], batch_size=500)
    Area.objects.filter(pk__in=[ids[one] for one in plan.end]).update(valid_until=year - 1)
    named = {row.code: row for row in plan.rename}
    changed = list(Area.objects.filter(code__in=named, valid_until=None))
    for area in changed:
        area.name, area.parent_code = named[area.code].name, named[area.code].parent_code
    Area.objects.bulk_update(changed, ["name", "parent_code"], batch_size=500)
    listing, _ = AreaList.objects.update_or_create(
        kind=kind, year=year, within=within, defaults={"areas": len(listed), "source": source}
    )
    return listing


def keep_borders(
    *, kind: str, year: int, capture: str, areas: int, source: str, licence: str, taken_on: date, within: str = ""
) -> Borders:
    """Note that the borders of a kind and year are kept under this SHA-256; the shapes stay in the snapshot."""
    borders = Borders(
        kind=kind,
        year=year,
        within=within,
        capture=capture,
        areas=areas,
        source=source,
        licence=licence,
        taken_on=taken_on,
    )
    borders.full_clean(validate_unique=False, validate_constraints=False)
    held = Borders.objects.filter(kind=kind, year=year, within=within, capture=capture).first()
    if held is None:
        borders.save()
    return held or borders


def _held(kind: str, within: str) -> list[HeldArea]:
    areas = Area.objects.filter(kind=kind)
    if within:
        areas = areas.filter(code__startswith=_prefix(kind, within))
    return [
        HeldArea(
            pk=area.pk,
            code=area.code,
            name=area.name,
            parent_code=area.parent_code,
            valid_from=area.valid_from,
            valid_until=area.valid_until,
            outline=area.outline,
        )
        for area in areas
    ]


def _prefix(kind: str, within: str) -> str:
    """WK0148 and BU0148 are within GM0148: the digits of the municipality return in the code (CBS)."""
    return {Area.Kind.WIJK: "WK", Area.Kind.BUURT: "BU"}[Area.Kind(kind)] + within[2:]


def _area_of(row: EditionRow, *, year: int, begun_by: str) -> Area:
    return Area(
        code=row.code,
        name=row.name,
        kind=row.kind,
        valid_from=year,
        parent_code=row.parent_code,
        begun_by=begun_by,
        outline=row.outline,
    )


def _bring_in_line[M: models.Model](rows: Sequence[M], *, by: tuple[str, ...]) -> None:
    """Add what is not held and correct what differs; what is held and equal is not touched. Two queries when all is."""
    if not rows:
        return
    manager = type(rows[0])._default_manager
    fields = [field.attname for field in type(rows[0])._meta.concrete_fields if not field.primary_key]
    first = by[0]
    found = manager.filter(**{f"{first}__in": {getattr(row, first) for row in rows}})
    held = {tuple(getattr(row, name) for name in by): row for row in found}
    new, changed = [], []
    for row in rows:
        same = held.get(tuple(getattr(row, name) for name in by))
        if same is None:
            new.append(row)
        elif any(getattr(same, name) != getattr(row, name) for name in fields):
            row.pk = same.pk
            changed.append(row)
    manager.bulk_create(new, batch_size=500)
    manager.bulk_update(changed, [name for name in fields if name not in by], batch_size=200)


def _load_groups(regions: Sequence[Area]) -> None:
    """The safety regions of a police unit."""
    pairs = [(region.parent_code, region.code) for region in regions]
    _load_memberships(pairs, year_from=2013, source=GROUP_SOURCE)


def _load_memberships(
    pairs: Iterable[tuple[str, str]], *, year_from: int, source: str, year_until: int | None = None
) -> None:
    rows = [
        Membership(group_code=group, member_code=member, year_from=year_from, year_until=year_until, source=source)
        for group, member in pairs
    ]
    _bring_in_line(rows, by=("group_code", "member_code", "year_from"))


def _areas_in(path: Path) -> list[Area]:
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Area(
            code=entry["code"],
            name=entry["name"],
            kind=Area.Kind(entry["kind"]),
            valid_from=entry["valid_from"],
            valid_until=entry.get("valid_until"),
            parent_code=entry.get("parent_code", ""),
            begun_by=entry.get("begun_by", ""),
        )
        for entry in listed["area"]
    ]


def _municipality(row: Mapping[str, str]) -> Area:
    return Area(
        code=row["code"],
        name=row["name"],
        kind=Area.Kind.MUNICIPALITY,
        valid_from=int(row["valid_from"]),
        valid_until=int(row["valid_until"]) if row["valid_until"] else None,
        parent_code=row["province"],
        begun_by=row["begun_by"],
    )


def _border_change(row: Mapping[str, str], source: str) -> BorderChange:
    return BorderChange(
        on=date.fromisoformat(row["on"]),
        from_code=row["from_code"],
        into_code=row["into_code"],
        kind=BorderChange.Kind(row["kind"]),
        share=float(row["share"]) if row["share"] else None,
        source=source,
    )


def _own_area(row: Mapping[str, str]) -> Area:
    return Area(
        code=row["code"],
        name=row["naam"],
        kind=Area.Kind(row["soort"]),
        valid_from=int(row["vanaf"]),
        valid_until=_year(row["tot_en_met"]),
        parent_code=row["ligt_in"],
    )


def _own_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


def _year(text: str) -> int | None:
    return int(text) if text else None


def _holds(row: Mapping[str, str], year: int) -> bool:
    return int(row["valid_from"]) <= year and (not row["valid_until"] or year <= int(row["valid_until"]))


@cache
def _csv_rows(path: Path) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a CSV file of ours; lines that begin with # tell of its sources."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(csv.DictReader(lines))


def _load_field(taxonomy: Taxonomy, entry: Mapping[str, Any]) -> None:
    names = {"name_nl": entry["name_nl"], "name_en": entry["name_en"]}
    field, _ = Field.objects.update_or_create(taxonomy=taxonomy, code=entry["code"], defaults=names)
    for theme in entry.get("theme", []):
        Theme.objects.update_or_create(
            field=field,
            code=theme["code"],
            defaults={
                "name_nl": theme["name_nl"],
                "name_en": theme["name_en"],
                "examples_nl": theme.get("examples_nl", ""),
                "examples_en": theme.get("examples_en", ""),
            },
        )


def _load_mappings(taxonomy: Taxonomy, entries: list[dict[str, Any]]) -> None:
    editions = {taxonomy.code, *(entry["earlier_edition"] for entry in entries)}
    found = Theme.objects.filter(field__taxonomy__code__in=editions).select_related("field__taxonomy")
    themes = {(theme.field.taxonomy.code, theme.code): theme for theme in found}
    for entry in entries:
        ThemeMapping.objects.update_or_create(
            earlier=themes[entry["earlier_edition"], entry["earlier"]],
            later=themes[taxonomy.code, entry["later"]],
            defaults={"relation": ThemeMapping.Relation(entry["relation"]), "note": entry.get("note", "")},
        )
