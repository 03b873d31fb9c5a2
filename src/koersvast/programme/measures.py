"""Known measures: what is done elsewhere, why it should work, what it asks, and what is known of its effect.

Pure. The texts and grades stand in `data/measures.toml`, in our own words; a grade other than unknown names its source.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

MEASURES_FILE = Path(__file__).parent / "data" / "measures.toml"
CHAIN_LINKS = frozenset({"proaction", "prevention", "preparation", "repression", "aftercare"})
TITLE_AT_MOST, OUTPUT_AT_MOST = 160, 200


class Evidence(StrEnum):
    """What is known of the effect. `NONE` is knowledge too: no effect, or harm."""

    STRONG = "strong"
    PROMISING = "promising"
    MIXED = "mixed"
    NONE = "none"
    UNKNOWN = "unknown"


class BadMeasures(ValueError):
    """The file of measures cannot be right; the text says where."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A known measure in two languages. `themes` are codes of the list of themes that the file names."""

    code: str
    themes: tuple[str, ...]
    chain_link: str
    title_nl: str
    title_en: str
    mechanism_nl: str
    mechanism_en: str
    needs_nl: str
    needs_en: str
    output_nl: str
    output_en: str
    evidence: Evidence
    basis_nl: str
    basis_en: str
    url: str

    def said(self, part: str, *, language: str) -> str:
        """The title, mechanism, needs, output or basis in Dutch, or in English."""
        return str(getattr(self, f"{part}_{'nl' if language == 'nl' else 'en'}"))


@dataclass(frozen=True, kw_only=True)
class Library:
    """All measures in the order of the file, and the list of themes that they name."""

    taxonomy: str
    measures: tuple[Measure, ...]

    def find(self, code: str) -> Measure | None:
        return next((one for one in self.measures if one.code == code), None)

    def about(self, themes: Sequence[str]) -> tuple[Measure, ...]:
        """Measures for one of these themes; a field such as "4" stands for all themes in it."""
        return tuple(
            one
            for one in self.measures
            if any(own == theme or own.startswith(f"{theme}.") for own in one.themes for theme in themes)
        )


@cache
def library() -> Library:
    """The measures that come with the program."""
    return read_library(MEASURES_FILE.read_text(encoding="utf-8"))


def read_library(text: str) -> Library:
    """Read a file of measures; raises BadMeasures for what is missing, double or without its source."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMeasures(f"no TOML: {error}") from error
    found = tuple(_measure(entry) for entry in told.get("measure", ()))
    codes = [one.code for one in found]
    if double := {code for code in codes if codes.count(code) > 1}:
        raise BadMeasures(f"twice: {sorted(double)}")
    return Library(taxonomy=str(told.get("taxonomy", "")), measures=found)


def _measure(entry: Mapping[str, Any]) -> Measure:
    names = {one.name for one in fields(Measure)}
    if set(entry) != names:
        raise BadMeasures(f"{entry.get('code', '?')}: other fields: {sorted(set(entry) ^ names)}")
    try:
        made = Measure(**{**entry, "themes": tuple(entry["themes"]), "evidence": Evidence(entry["evidence"])})
    except ValueError as error:
        raise BadMeasures(f"{entry['code']}: {error}") from error
    _check(made)
    return made


def _check(one: Measure) -> None:
    empty = [name for name, value in vars(one).items() if not value and name != "url"]
    if empty:
        raise BadMeasures(f"{one.code}: empty: {empty}")
    if one.chain_link not in CHAIN_LINKS:
        raise BadMeasures(f"{one.code}: no link of the chain: {one.chain_link}")
    if one.evidence is not Evidence.UNKNOWN and not one.url.startswith("https://"):
        raise BadMeasures(f"{one.code}: {one.evidence} without the address of its source")
    if max(len(one.title_nl), len(one.title_en)) > TITLE_AT_MOST or len(one.output_nl) > OUTPUT_AT_MOST:
        raise BadMeasures(f"{one.code}: too long")
