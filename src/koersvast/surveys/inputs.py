"""Everything that the outcomes of a wave depend on, with a digest by which the same inputs are known again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koersvast.engine.designs import CalibrationVariance, LonelyCluster
from koersvast.engine.disclosure import Rules, Said
from koersvast.surveys.codebook import Entry
from koersvast.surveys.models import (
    Catalogue,
    CodebookEntry,
    Computation,
    MicrodataFile,
    PopulationMargin,
    Wave,
    WeightingChoice,
)
from koersvast.surveys.preparing import Choice
from koersvast.surveys.released_before import Release
from koersvast.surveys.tabulating import METHOD


class NotReady(Exception):
    """Something has to be said before a wave can be computed; `code` says what."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a computation takes. `core` names all of it; `digest` that and what was released before."""

    file: MicrodataFile
    entries: tuple[Entry, ...]
    choice: Choice
    margins: Mapping[str, Mapping[str, float]]
    backgrounds: tuple[str, ...]
    questions: tuple[str, ...]
    rules: Rules
    released_before: tuple[Release, ...]
    core: str
    digest: str


def inputs_of(wave: Wave) -> Inputs:
    """Gather the inputs of a wave as they are now. Raises NotReady (no_file, nothing_confirmed, no_weighting)."""
    file = MicrodataFile.objects.filter(wave=wave, superseded_at=None).select_related("wave__municipality").first()
    if file is None:
        raise NotReady("no_file")
    rows = CodebookEntry.objects.filter(wave=wave).exclude(confirmed_at=None)
    entries = tuple(row.entry for row in rows)
    if not any(entry.is_estimated for entry in entries):
        raise NotReady("nothing_confirmed")
    chosen = WeightingChoice.objects.filter(wave=wave, superseded_at=None).first()
    if chosen is None:
        raise NotReady("no_weighting")
    catalogue, margins = Catalogue.objects.get(wave=wave), _margins(wave)
    backgrounds = tuple(catalogue.backgrounds)
    said = {
        "method": METHOD,
        "file": file.fingerprint,
        "entries": [entry.as_dict() for entry in entries],
        "choice": _as_values(chosen),
        "margins": {code: margins.get(code, {}) for code in chosen.margins},
        "catalogue": [backgrounds, catalogue.entries, catalogue.smallest_base, catalogue.smallest_group],
    }
    core = _digest(said)
    before = Computation.objects.filter(wave=wave).exclude(released_at=None).exclude(core=core).order_by("released_at")
    return Inputs(
        file=file,
        entries=entries,
        choice=choice_of(chosen),
        margins=margins,
        backgrounds=backgrounds,
        questions=tuple(catalogue.entries),
        rules=Rules(smallest_base=catalogue.smallest_base, smallest_group=catalogue.smallest_group),
        released_before=tuple(
            Release(frame=one.frames[0], told=tuple(Said.from_json(told) for told in one.said)) for one in before
        ),
        core=core,
        digest=_digest([core, *(one.core for one in before)]),
    )


def choice_of(chosen: WeightingChoice) -> Choice:
    """A choice of weights as a value."""
    return Choice(
        frame=chosen.frame,
        method=chosen.method,
        variance=CalibrationVariance(chosen.variance),
        margins=tuple(chosen.margins),
        trim_ratio=chosen.trim_ratio,
        lowest_ratio=chosen.lowest_ratio,
        highest_ratio=chosen.highest_ratio,
        lonely=LonelyCluster(chosen.lonely),
        statement=chosen.statement,
    )


def _as_values(chosen: WeightingChoice) -> list[Any]:
    return [
        chosen.frame, chosen.method, chosen.variance, chosen.margins, chosen.trim_ratio, chosen.lowest_ratio,
        chosen.highest_ratio, chosen.lonely,
    ]  # fmt: skip


def _margins(wave: Wave) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for code, category, people in PopulationMargin.objects.filter(wave=wave).values_list("code", "category", "people"):
        found.setdefault(code, {})[category] = people
    return found


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
