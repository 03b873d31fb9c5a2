"""Which measure of a survey goes to which indicator: the one of the wave before, else the one in like words. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from koersvast.surveys.codebook import MEAN, Entry
from koersvast.surveys.codebook.words import bare

_WORD = re.compile(r"[a-z]{4,}")
_MEAN_NL = "gemiddelde"
# Below a third of the words in common a proposal is a guess, and a guess is worse than an empty field.
LEAST_LIKENESS = 0.34


class Ground(StrEnum):
    """Why a measure is proposed."""

    WAVE_BEFORE = "wave_before"
    WORDS = "words"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A measure ("entry/cut") that is proposed for an indicator, and why."""

    measure: str
    ground: Ground


def measure_key(entry_code: str, cut_code: str) -> str:
    """The measure as one text, "entry/cut"."""
    return f"{entry_code}/{cut_code}"


def propose(said: str, measures: Mapping[str, str], *, before: str = "") -> Proposal | None:
    """Return the measure to propose for an indicator, or nothing where none is alike.

    `said` are the words of the indicator and its definition, `measures` the words of each measure in its unit, by key.
    `before` is the measure that went to it in the wave before. Likeness is the share of words of four letters and more
    that both have (Jaccard 1901); of equals the first in the order of the codebook.
    """
    if before and before in measures:
        return Proposal(measure=before, ground=Ground.WAVE_BEFORE)
    scored = [(likeness(said, text), key) for key, text in measures.items()]
    best = max(scored, key=lambda one: one[0], default=(0.0, ""))
    return Proposal(measure=best[1], ground=Ground.WORDS) if best[0] >= LEAST_LIKENESS else None


def likeness(one: str, other: str) -> float:
    """The share of the words of both texts that stand in each, from 0 to 1."""
    first, second = (set(_WORD.findall(bare(text))) for text in (one, other))
    return len(first & second) / len(first | second) if first | second else 0.0


def words_of(entry: Entry, cut_code: str) -> str:
    """The Dutch words of a measure: its question and what is counted."""
    cut = entry.cut(cut_code)
    counted = cut.text_nl if cut else _MEAN_NL if cut_code == MEAN else ""
    return f"{entry.text_nl} {counted}".strip()
