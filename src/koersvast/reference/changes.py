"""Load the shared words from their dated files: taxonomies with their mappings, and areas.

These run within a named change of a floor above (`indicators.changes.load_reference`), which knows who asks and writes
the audit record: reference and access are neighbours and do not know each other.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koersvast.reference.models import Area, Field, Taxonomy, Theme, ThemeMapping

DATA = Path(__file__).parent / "data"
TAXONOMY_FILES = (DATA / "kernbeleid.toml", DATA / "kernbeleid-2021.toml")
AREAS_FILE = DATA / "areas.toml"


def load_reference() -> list[Taxonomy]:
    """Load every taxonomy and the areas that come with the product; loading again changes nothing."""
    taxonomies = [load_taxonomy(path) for path in TAXONOMY_FILES]
    load_areas(AREAS_FILE)
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


def load_areas(path: Path) -> list[Area]:
    """Bring areas in line with a file; an area is known by its code and the first year of its borders."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_load_area(entry) for entry in listed["area"]]


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


def _load_area(entry: Mapping[str, Any]) -> Area:
    area = Area.objects.filter(code=entry["code"], valid_from=entry["valid_from"]).first()
    area = area or Area(code=entry["code"], valid_from=entry["valid_from"])
    area.name, area.kind = entry["name"], Area.Kind(entry["kind"]).value
    area.valid_until, area.parent_code = entry.get("valid_until"), entry.get("parent_code", "")
    area.full_clean()
    area.save()
    return area
