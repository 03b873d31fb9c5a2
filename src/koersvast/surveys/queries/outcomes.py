"""What came out of a wave: measures by background with their margins, tables for the table book.

Everything here was protected when it was computed: what is hidden has no number in the database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from koersvast.engine.tabulation import Block, ItemKind
from koersvast.surveys.codebook import MEAN, Cut, Entry, entry_from_dict
from koersvast.surveys.columns import Category
from koersvast.surveys.inputs import NotReady, inputs_of
from koersvast.surveys.models import Catalogue, CodebookEntry, Computation, SurveyEstimate, TabulatedQuestion, Wave
from koersvast.surveys.preparing import unit_of


@dataclass(frozen=True, kw_only=True)
class Banner:
    """A background of the table book with its groups."""

    code: str
    text_nl: str
    text_en: str
    categories: tuple[Category, ...]
    area_kind: str = ""

    def text(self, language: str) -> str:
        return (self.text_en if language == "en" else "") or self.text_nl


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of a wave: an entry with a cut, or its mean (`cut` None)."""

    entry: Entry
    cut_code: str
    cut: Cut | None
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class TabulatedEntry:
    """A question of the table book. `why` (rows, columns): 0 shown, else why it is hidden; hidden numbers are nan.

    `respondents` and degrees of freedom of a hidden column are -1. Rows follow `rows`, columns everybody and then the
    banners.
    """

    entry: Entry
    block: Block
    why: "np.typing.NDArray[np.int64]"
    rows: tuple[Category, ...]
    unit: str


def newest_computation(wave: Wave) -> Computation | None:
    """The newest computation that is done, whether or not something changed since."""
    done = Computation.objects.filter(wave=wave, state=Computation.State.DONE)
    return done.order_by("-finished_at", "-pk").first()


def released_computation(wave: Wave) -> Computation | None:
    """The computation whose outcomes are published; None while none are."""
    catalogue = Catalogue.objects.filter(wave=wave).select_related("released_computation").first()
    return catalogue.released_computation if catalogue else None


def shown_computation(wave: Wave, *, can_manage: bool) -> Computation | None:
    """What somebody may see: who manages surveys the newest outcomes, others those that were released."""
    return newest_computation(wave) if can_manage else released_computation(wave)


def is_released(computation: Computation) -> bool:
    """Whether these are the published outcomes of their wave."""
    return released_computation(computation.wave) == computation


def is_out_of_date(computation: Computation) -> bool:
    """Whether something that the outcomes depend on changed since they were computed."""
    try:
        return inputs_of(computation.wave).core != computation.core
    except NotReady:
        return True


def entries_of(wave: Wave) -> dict[str, Entry]:
    """The confirmed entries of a wave by code, in their order."""
    rows = CodebookEntry.objects.filter(wave=wave).exclude(confirmed_at=None)
    return {row.code: row.entry for row in rows}


def entries_computed(computation: Computation) -> dict[str, Entry]:
    """The entries that a computation was made of, whatever happened to the codebook since."""
    kept = computation.layout.get("entries")
    if kept is None:
        return entries_of(computation.wave)
    return {one["code"]: entry_from_dict({**one, "is_confirmed": True}) for one in kept}


def measures_of(wave: Wave) -> list[Measure]:
    """Every measure of a wave that is estimated."""
    found = []
    for entry in entries_of(wave).values():
        if not entry.is_estimated:
            continue
        if entry.has_mean:
            found.append(Measure(entry=entry, cut_code=MEAN, cut=None, unit=unit_of(entry)))
        found += [Measure(entry=entry, cut_code=cut.code, cut=cut, unit="percent") for cut in entry.cuts]
    return found


def banners_of(computation: Computation) -> tuple[Banner, ...]:
    """The backgrounds of a computation, in the order of its columns."""
    return tuple(
        Banner(
            code=one["code"],
            text_nl=one["text_nl"],
            text_en=one["text_en"],
            area_kind=one["area_kind"],
            categories=tuple(Category(**group) for group in one["categories"]),
        )
        for one in computation.layout.get("banners", [])
    )


def totals_of(computation: Computation, *, frame: str = "") -> dict[tuple[str, str], SurveyEstimate]:
    """Every measure of everybody, by entry and cut."""
    rows = SurveyEstimate.objects.filter(computation=computation, frame=frame or computation.frames[0], background="")
    return {(row.entry_code, row.cut_code): row for row in rows}


def tabulated(computation: Computation) -> Iterator[TabulatedEntry]:
    """The questions of the table book one by one, in their order; only one is in memory at a time."""
    entries = entries_computed(computation)
    rows = TabulatedQuestion.objects.filter(computation=computation, frame=computation.frames[0]).order_by("position")
    for row in rows.iterator(chunk_size=20):
        if row.entry_code in entries:
            yield _tabulated(entries[row.entry_code], row.content)


def _tabulated(entry: Entry, content: Mapping[str, Any]) -> TabulatedEntry:
    shape = np.array(content["why"]).shape
    sizes = np.array([-1 if size is None else size for size in content["respondents"]], dtype=np.int64)
    block = Block(
        item=entry.code,
        kind=ItemKind(content["kind"]),
        **{name: _numbers(content[name]) for name in ("estimate", "standard_error", "low", "high")},
        counts=np.full(shape, -1, dtype=np.int64),
        weighted=np.full(shape, nan),
        respondents=sizes,
        weighted_base=_numbers([content["weighted_base"]])[0],
        effective=_numbers([content["effective"]])[0],
        degrees_of_freedom=np.array(
            [-1 if one is None else one for one in content["degrees_of_freedom"]], dtype=np.int64
        ),
        letters=np.array(content["letters"], dtype=object),
        against_rest=np.zeros(shape, dtype=np.int8),
    )
    return TabulatedEntry(
        entry=entry,
        block=block,
        why=np.array(content["why"], dtype=np.int64),
        rows=tuple(Category(**one) for one in content["rows"]),
        unit=content["unit"],
    )


def _numbers(lines: Sequence[Sequence[float | None]]) -> "np.typing.NDArray[np.float64]":
    return np.array([[nan if value is None else value for value in line] for line in lines], dtype=np.float64)
