"""Why an objective is off course or was not measured: a short list of reasons, as data. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "reasons.toml"
OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ReasonEntry:
    """One reason in both languages, with when to choose it."""

    code: str
    name_nl: str
    name_en: str
    help_nl: str
    help_en: str

    def name(self, language: str) -> str:
        """Return the reason in a language: English for `en`, else Dutch."""
        return self.name_en if language == "en" else self.name_nl

    def help_text(self, language: str) -> str:
        """Return when to choose it."""
        return self.help_en if language == "en" else self.help_nl


@cache
def reason_entries() -> Mapping[str, ReasonEntry]:
    """Return the reasons by code, in the order in which they are offered."""
    found = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return {code: ReasonEntry(code=code, **entry) for code, entry in found.items()}


def reason_name(code: str, language: str) -> str:
    """Return a reason in words; a code of an earlier list stays readable as it is."""
    known = reason_entries().get(code)
    return known.name(language) if known else code
