"""From a prepared frame to what may be kept: tables and measures, with everything hidden that could tell of a few.

Pure. Counts of respondents are used here to decide what is hidden; of a hidden cell nothing leaves this module.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from koersvast.connectors.microdata import Floats
from koersvast.engine import estimates
from koersvast.engine.designs import BadDesign
from koersvast.engine.disclosure import (
    LinkedTable,
    Partition,
    Protected,
    ReleaseRefused,
    Rules,
    Said,
    Why,
    nested_columns,
    protect,
    weaknesses,
)
from koersvast.engine.disclosure_history import said
from koersvast.engine.tabulation import Block, ItemKind, Layout, LettersRule, StandardErrors, letter_at, tabulate
from koersvast.surveys.codebook import MEAN, Cut, Entry, Kind
from koersvast.surveys.columns import Category, by_variable
from koersvast.surveys.preparing import NotPrepared, Prepared, PreparedItem, row_of_cut, unit_of
from koersvast.surveys.released_before import EVERYBODY_COLUMN, as_column

METHOD = f"{estimates.METHOD.name} {estimates.METHOD.version}"
# Stands beside the codes of engine.disclosure.Why: there is no answer to estimate from.
NOT_ESTIMABLE = 4
WHY_NAMES = {
    Why.SMALL_BASE.value: "small_base",
    Why.SMALL_GROUP.value: "small_group",
    Why.PROTECTS_ANOTHER.value: "protects_another",
    NOT_ESTIMABLE: "not_estimable",
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measure in one column. Amounts are None where it is hidden; `background` is empty for everybody."""

    entry_code: str
    cut_code: str
    background: str
    category: str
    unit: str
    amount: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    respondents: int | None = None
    effective_respondents: float | None = None
    design_effect: float | None = None
    degrees_of_freedom: float | None = None
    why_hidden: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A question in the table book as plain values; numbers are None where they are hidden."""

    entry_code: str
    content: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of a frame: tables of questions, measures, and what a release of it would tell."""

    tables: tuple[Table, ...]
    measures: tuple[Measured, ...]
    layout: Mapping[str, Any]
    told: tuple[Said, ...]

    @property
    def hidden(self) -> int:
        return sum(bool(one.why_hidden) for one in self.measures)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Done:
    item: PreparedItem
    block: Block


def outcome_of(
    prepared: Prepared,
    *,
    rules: Rules,
    released_before: Sequence[Said] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Estimate every item by every banner and protect the result.

    Before anything of it is kept, the attacker of the engine tries what is left: later there are no counts to try it
    on. Raises NotPrepared or engine ReleaseRefused.
    """
    done = _tabulated(prepared, progress)
    layout = Layout(banners=tuple(one.banner for one in prepared.banners))
    columns = _column_codes(prepared)
    tables = _linked(prepared, done, layout, columns)
    protected = protect(tables, rules, released_before=released_before)
    if found := weaknesses(tables, protected, rules):
        raise ReleaseRefused(found)
    covers = {cover.code: cover for cover in protected}
    questions = [one for one in done if one.item.cut is None]
    return Outcome(
        tables=tuple(
            Table(entry_code=one.item.entry.code, content=_content(one, covers[one.block.item], layout))
            for one in questions
        ),
        measures=tuple(found for one in questions for found in _measures(one, done, covers, columns)),
        layout=_layout(prepared),
        told=said(tables, protected),
    )


def _tabulated(prepared: Prepared, progress: Callable[[int, int], None] | None) -> list[_Done]:
    errors = StandardErrors.CALIBRATED if prepared.design.calibration is not None else StandardErrors.FIXED_WEIGHTS
    banners = [one.banner for one in prepared.banners]
    done: list[_Done] = []
    try:
        blocks = tabulate(
            prepared.design,
            (one.item for one in prepared.items),
            banners,
            letters=LettersRule(),
            standard_errors=errors,
        )
        for item, block in zip(prepared.items, blocks, strict=True):
            done.append(_Done(item=item, block=block))
            if progress:
                progress(len(done), len(prepared.items))
    except BadDesign as error:
        raise NotPrepared(error.code, **dict(error.values)) from None
    return done


def _column_codes(prepared: Prepared) -> tuple[tuple[str, str], ...]:
    """Background and category of every column."""
    return (("", ""), *((one.entry.code, group.code) for one in prepared.banners for group in one.categories))


def _layout(prepared: Prepared) -> dict[str, Any]:
    return {
        "banners": [
            {
                "code": one.entry.code,
                "text_nl": one.entry.text_nl,
                "text_en": one.entry.text_en,
                "area_kind": one.entry.area_kind.value if one.entry.area_kind else "",
                "categories": [_as_dict(group) for group in one.categories],
            }
            for one in prepared.banners
        ]
    }


def _as_dict(group: Category) -> dict[str, str]:
    return {"code": group.code, "text_nl": group.text_nl, "text_en": group.text_en, "area_code": group.area_code}


def _linked(
    prepared: Prepared, done: Sequence[_Done], layout: Layout, columns: Sequence[tuple[str, str]]
) -> list[LinkedTable]:
    """The tables with their counts, tied to one another: groups within groups, and who was asked because of what."""
    entries = {one.item.entry.code: one.item.entry for one in done}
    owner = by_variable(list(entries.values()))
    nested = _nested(prepared, layout)
    names = tuple("/".join(part for part in pair if part) or EVERYBODY_COLUMN for pair in columns)
    single = {one.block.item: one for one in done if one.item.cut is None and one.block.kind is ItemKind.SINGLE}
    return [
        _table(one, layout, nested, names, _asked_of(one.item.entry, owner, single), _share_of_two(prepared, one))
        for one in done
        if one.item.cut is None or one.item.entry.kind is not Kind.SINGLE
    ]


def _table(
    one: _Done,
    layout: Layout,
    nested: tuple[Partition, ...],
    names: tuple[str, ...],
    asked_of: tuple[str, tuple[int, ...]] | None,
    share_of_two: Floats,
) -> LinkedTable:
    block, entry = one.block, one.item.entry
    is_mean, is_single = block.kind is ItemKind.MEAN, block.kind is ItemKind.SINGLE
    unions = _unions(entry) if is_single and one.item.cut is None else ()
    rows = () if is_mean else tuple(row.code for row in one.item.rows)
    return LinkedTable(
        code=block.item,
        counts=np.zeros((0, block.respondents.size), dtype=np.int64) if is_mean else block.counts,
        respondents=block.respondents,
        spans=layout.spans,
        exclusive=not is_mean and is_single,
        nested=nested,
        cuts=tuple(union for _, union in unions),
        base=_base_name(entry),
        asked_of=asked_of,
        share_of_two=share_of_two,
        row_codes=(*rows, *(f"cut {cut.code}" for cut, _ in unions)),
        column_codes=names,
    )


def _unions(entry: Entry) -> tuple[tuple[Cut, tuple[int, ...]], ...]:
    """The cuts of several answers, as unions of rows."""
    place = {answer.code: number for number, answer in enumerate(entry.valid_answers)}
    return tuple(
        (cut, tuple(sorted(place[code] for code in cut.answers)))
        for cut in entry.cuts
        if row_of_cut(entry, cut) is None
    )


def _base_name(entry: Entry) -> str:
    if entry.base is None or entry.base.others_count:
        return ""
    return f"{entry.base.variable}={'|'.join(map(str, entry.base.answers))}"


def _asked_of(
    entry: Entry, owner: Mapping[str, Entry], single: Mapping[str, _Done]
) -> tuple[str, tuple[int, ...]] | None:
    """The table and rows whose givers were asked this question; None when the filter is no published table."""
    if entry.base is None or entry.base.others_count or entry.base.variable not in owner:
        return None
    parent = owner[entry.base.variable]
    if parent.code not in single or parent.code == entry.code:
        return None
    rows = tuple(place for place, one in enumerate(parent.valid_answers) if one.code in entry.base.answers)
    return (parent.code, rows) if rows else None


def _nested(prepared: Prepared, layout: Layout) -> tuple[Partition, ...]:
    """Buurten within wijken, and the like: only of backgrounds that are areas."""
    places = [number for number, one in enumerate(prepared.banners) if one.entry.area_kind]
    memberships = [prepared.banners[number].banner.values.astype(np.int64) for number in places]
    return nested_columns(memberships, [layout.spans[number] for number in places]) if len(places) > 1 else ()


def _share_of_two(prepared: Prepared, one: _Done) -> Floats:
    """Of every column the part of the weight that its two heaviest respondents in the base have."""
    item = one.item.item
    inside = item.base if item.base is not None else _in_base(item.values)
    weights = np.where(inside, prepared.design.weights, 0.0)
    found = [_heaviest_two(weights)]
    for banner in prepared.banners:
        values = banner.banner.values
        found += [_heaviest_two(weights[values == place]) for place in range(banner.banner.categories)]
    return np.array(found)


def _in_base(values: Any) -> Any:
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def _heaviest_two(weights: Floats) -> float:
    total = float(weights.sum())
    if weights.size <= 2 or total == 0:
        return 1.0 if total else 0.0
    return float(np.partition(weights, -2)[-2:].sum()) / total


def _hides(one: _Done, cover: Protected) -> Any:
    """Codes of `Why` for each row and column of a block, those that cannot be estimated included."""
    block = one.block
    if block.kind is ItemKind.MEAN:
        why = np.where(cover.hidden_means | cover.hidden_columns, Why.SMALL_BASE.value, 0)[None, :]
    else:
        rows = block.estimate.shape[0]
        why = np.where(cover.hidden[:rows], np.maximum(cover.why[:rows], 1), 0)
        why = np.where(cover.hidden_columns[None, :], np.maximum(why, Why.SMALL_BASE.value), why)
    return np.where((why == 0) & np.isnan(block.estimate), NOT_ESTIMABLE, why).astype(int)


def _content(one: _Done, cover: Protected, layout: Layout) -> dict[str, Any]:
    """The block as plain lists with None for everything that is hidden."""
    block, why = one.block, _hides(one, cover)
    hidden = why != 0
    return {
        "kind": block.kind.value,
        "rows": [_as_dict(row) for row in one.item.rows],
        "unit": one.item.unit,
        "why": why.tolist(),
        **{
            name: _listed(getattr(block, name), hidden)
            for name in ("estimate", "standard_error", "low", "high")
        },
        "letters": _letters(block, hidden, layout),
        "respondents": [
            None if gone else int(size) for size, gone in zip(block.respondents, cover.hidden_columns, strict=True)
        ],
        "weighted_base": _listed(block.weighted_base[None, :], cover.hidden_columns[None, :])[0],
        "effective": _listed(block.effective[None, :], cover.hidden_columns[None, :])[0],
        # They count the respondents of a column, so they are hidden with its base.
        "degrees_of_freedom": _listed(block.degrees_of_freedom[None, :], cover.hidden_columns[None, :])[0],
    }  # fmt: skip


def _listed(values: Any, hidden: Any) -> list[list[float | None]]:
    return [
        [None if gone or not np.isfinite(value) else float(value) for value, gone in zip(line, gone_line, strict=True)]
        for line, gone_line in zip(values, hidden, strict=True)
    ]


def _letters(block: Block, hidden: Any, layout: Layout) -> list[list[str]]:
    """Letters without those of or about hidden cells: a letter would give a bound for what is hidden."""
    rows, columns = block.estimate.shape
    kept = [[""] * columns for _ in range(rows)]
    for span in layout.spans:
        named = {letter_at(column - span.start): column for column in range(span.start, span.stop)}
        for row in range(rows):
            for column in range(span.start, span.stop):
                if not hidden[row, column]:
                    told = str(block.letters[row, column] or "").split()
                    kept[row][column] = " ".join(one for one in told if not hidden[row, named[one]])
    return kept


def _measures(
    question: _Done, done: Sequence[_Done], covers: Mapping[str, Protected], columns: Sequence[tuple[str, str]]
) -> Iterable[Measured]:
    """Every measure of an entry in every column: its mean, and its cuts."""
    entry, cover = question.item.entry, covers[question.block.item]
    if entry.has_mean:
        yield from _in_columns(question, 0, MEAN, _hides(question, cover)[0], columns)
    unions = {cut.code: place for place, (cut, _) in enumerate(_unions(entry))} if entry.kind is Kind.SINGLE else {}
    own = {one.item.cut.code: one for one in done if one.item.entry is entry and one.item.cut is not None}
    for cut in entry.cuts:
        row = row_of_cut(entry, cut)
        if row is not None:
            yield from _in_columns(question, row, cut.code, _hides(question, cover)[row], columns)
        elif cut.code in unions:
            place = question.block.estimate.shape[0] + unions[cut.code]
            why = np.where(cover.hidden[place], np.maximum(cover.why[place], 1), 0)
            yield from _in_columns(own[cut.code], 1, cut.code, np.where(cover.hidden_columns, 1, why), columns)
        else:
            one = own[cut.code]
            yield from _in_columns(one, 1, cut.code, _hides(one, covers[one.block.item])[1], columns)


def _in_columns(
    one: _Done, row: int, cut_code: str, why: Any, columns: Sequence[tuple[str, str]]
) -> Iterable[Measured]:
    block, unit = one.block, unit_of(one.item.entry, cut_code)
    for column, (background, category) in enumerate(columns):
        code, amount = int(why[column]), float(block.estimate[row, column])
        if code == 0 and not np.isfinite(amount):
            code = NOT_ESTIMABLE
        found = Measured(
            entry_code=one.item.entry.code,
            cut_code=cut_code,
            background=background,
            category=category,
            unit=unit,
            why_hidden=WHY_NAMES.get(code, ""),
        )
        if code:
            yield found
            continue
        error, size = float(block.standard_error[row, column]), int(block.respondents[column])
        effect = design_effect(amount, error, size, float(block.effective[column]), unit=unit)
        yield replace(
            found,
            amount=amount,
            standard_error=_finite(error),
            low=_finite(float(block.low[row, column])),
            high=_finite(float(block.high[row, column])),
            respondents=size,
            effective_respondents=size / effect,
            design_effect=effect,
            degrees_of_freedom=float(block.degrees_of_freedom[column]),
        )


def apart(outcome: Outcome, *, frame: str, whole: Outcome, background: str) -> Outcome:
    """The outcome of one frame beside that of all frames together, of which it is a column: hidden there, hidden here.

    Its tables are left out: what the frames have apart are their measures for everybody.
    """
    hidden = {
        (one.entry_code, one.cut_code): one.why_hidden
        for one in whole.measures
        if (one.background, one.category) == (background, frame) and one.why_hidden
    }
    measures = tuple(
        replace(_BLANK, entry_code=one.entry_code, cut_code=one.cut_code, unit=one.unit, why_hidden=why)
        if (why := hidden.get((one.entry_code, one.cut_code), "")) and not one.why_hidden
        else one
        for one in outcome.measures
    )
    return replace(
        outcome, measures=measures, tables=(), told=as_column(outcome.told, frame=frame, background=background)
    )


_BLANK = Measured(entry_code="", cut_code="", background="", category="", unit="")


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def design_effect(amount: float, error: float, respondents: int, kish: float, *, unit: str) -> float:
    """How many respondents one of a simple random sample is worth: from the error of a share, else Kish's.

    For a share s² / (p (100 - p) / (n - 1)); for a mean, or a share of 0 or 100, respondents by `kish` (effective).
    """
    if unit == "percent" and 0 < amount < 100 and np.isfinite(error) and error > 0 and respondents > 1:
        return error**2 * (respondents - 1) / (amount * (100 - amount))
    return respondents / kish if kish > 0 else 1.0
