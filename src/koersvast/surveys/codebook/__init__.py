"""Codebooks: what each question of a wave is, suggested from its labels and held against what is registered. Pure."""

from koersvast.surveys.codebook.carrying import changes_between
from koersvast.surveys.codebook.entries import (
    MEAN,
    PANEL,
    SAMPLE,
    Answer,
    AreaKind,
    BadEntry,
    Base,
    Composition,
    Cut,
    Entry,
    Kind,
    Polarity,
    Role,
    Suggestion,
    Why,
    entry_from_dict,
    why_from_dict,
)
from koersvast.surveys.codebook.suggesting import suggest

__all__ = [
    "MEAN",
    "PANEL",
    "SAMPLE",
    "Answer",
    "AreaKind",
    "BadEntry",
    "Base",
    "Composition",
    "Cut",
    "Entry",
    "Kind",
    "Polarity",
    "Role",
    "Suggestion",
    "Why",
    "changes_between",
    "entry_from_dict",
    "suggest",
    "why_from_dict",
]
