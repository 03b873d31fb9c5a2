"""The questions of the self-test as data, and how answers are counted. Pure; nothing is graded."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "norms.toml"
# What the software can count beside a question, by `programme.queries.auditing`.
SEEN = frozenset({
    "indicators", "measurable", "motivated", "mechanisms", "reviews", "heard", "owners", "agreements", "costs",
    "evaluated", "adopted", "council", "priorities", "check",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question in both languages; `sees` names what the software counts beside it, or is empty."""

    code: str
    text_nl: str
    text_en: str
    sees: str = ""

    def text(self, language: str) -> str:
        return self.text_en if language == "en" else self.text_nl


@dataclass(frozen=True, kw_only=True)
class Norm:
    """A norm with its questions."""

    code: str
    name_nl: str
    name_en: str
    questions: tuple[Question, ...]

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_nl


@dataclass(frozen=True, kw_only=True)
class NormSet:
    """Norms of one source."""

    code: str
    name_nl: str
    name_en: str
    source: str
    source_url: str
    norms: tuple[Norm, ...]

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_nl


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many questions were answered how. What was not answered is not a no."""

    yes: int = 0
    partly: int = 0
    no: int = 0
    unanswered: int = 0

    @property
    def total(self) -> int:
        return self.yes + self.partly + self.no + self.unanswered

    @property
    def answered(self) -> int:
        return self.total - self.unanswered


@cache
def norm_sets() -> tuple[NormSet, ...]:
    """Return the norms by source, in the order in which they are shown."""
    return tuple(_set(entry) for entry in tomllib.loads(DATA.read_text(encoding="utf-8"))["set"])


def _set(entry: Mapping[str, Any]) -> NormSet:
    norms = tuple(
        Norm(
            questions=tuple(Question(**one) for one in norm["question"]),
            **{name: norm[name] for name in ("code", "name_nl", "name_en")},
        )
        for norm in entry["norm"]
    )
    return NormSet(norms=norms, **{name: value for name, value in entry.items() if name != "norm"})


def norms() -> Mapping[str, Norm]:
    """Return every norm by code."""
    return {norm.code: norm for found in norm_sets() for norm in found.norms}


def questions() -> Mapping[str, Question]:
    """Return every question by code."""
    return {one.code: one for norm in norms().values() for one in norm.questions}


def tally(asked: Iterable[Question], scores: Mapping[str, str]) -> Tally:
    """Count the answers to these questions; `scores` gives yes, partly or no by the code of a question.

    >>> tally(norms()["zicht"].questions, {"zicht-cijfers": "partly"})
    Tally(yes=0, partly=1, no=0, unanswered=1)
    """
    found = [scores.get(one.code, "unanswered") for one in asked]
    return Tally(**{name: found.count(name) for name in ("yes", "partly", "no", "unanswered")})
