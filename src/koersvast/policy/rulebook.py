"""The dated data behind the plan check: how serious a rule is, what it rests on, which articles of law hold.

Pure: two files beside the code, read once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from koersvast.policy.checks.facts import LawFact

DATA = Path(__file__).parent / "data"
SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class RuleEntry:
    """What is known about a rule besides what it does."""

    code: str
    severity: str
    title_nl: str
    title_en: str
    basis_nl: str
    basis_en: str
    valid_from: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"{self.code}: severity {self.severity}; one of {', '.join(SEVERITIES)}.")

    def holds_on(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@cache
def rule_entries() -> Mapping[str, RuleEntry]:
    """The rules by code."""
    return rules_in(DATA / "checks.toml")


def rules_in(file: Path) -> Mapping[str, RuleEntry]:
    """The rules of a file, by code; an upper floor keeps its own beside its own rules."""
    return {code: RuleEntry(code=code, **entry) for code, entry in _read(file).items()}


@cache
def law_entries() -> tuple[LawFact, ...]:
    """The duties that a plan may cite."""
    return tuple(
        LawFact(
            code=code,
            law=entry["law"],
            names=tuple(entry["names"]),
            article=entry["article"],
            paragraph=entry["paragraph"],
            mistaken=tuple(entry["mistaken"]),
            valid_from=entry["valid_from"],
            valid_until=entry.get("valid_until"),
        )
        for code, entry in _read(DATA / "law.toml").items()
    )


def _read(file: Path) -> dict[str, dict[str, Any]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
