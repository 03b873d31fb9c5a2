"""Who was asked a question, read from which respondents have no answer to it. Pure; suggests, never assumes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from koersvast.connectors.microdata import Code, Microdata
from koersvast.surveys.codebook import words
from koersvast.surveys.codebook.entries import Base, Entry, Kind, Role, Suggestion, Why

_LOOK_BACK = 25
_LEAST_ROWS = 10
_MOST_ANSWERS = 15

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def with_bases(microdata: Microdata, suggested: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """Add a base where the gaps of a question are exactly those who gave certain answers to an earlier one."""
    present = [_present(microdata, one.entry) for one in suggested]
    codes: dict[str, Ints] = {}
    found = []
    for place, (one, here) in enumerate(zip(suggested, present, strict=True)):
        if here is None or one.entry.role is not Role.QUESTION or not _has_gaps(here):
            found.append(one)
            continue
        since = max(0, place - _LOOK_BACK)
        filters = [
            (earlier.entry, there)
            for earlier, there in zip(suggested[since:place], present[since:place], strict=True)
            if there is not None and _can_filter(earlier.entry)
        ]
        base = _base(microdata, here, filters, codes)
        found.append(one if base is None else _with(one, base, suggested))
    return tuple(found)


def _has_gaps(here: Bools) -> bool:
    return _LEAST_ROWS <= int(here.sum()) <= here.size - _LEAST_ROWS


def _present(microdata: Microdata, entry: Entry) -> Bools | None:
    """Whether each respondent has any value on a question, a code for "don't know" included."""
    if entry.role not in {Role.QUESTION, Role.BACKGROUND} or entry.kind is Kind.COMPOSITE:
        return None
    found = np.zeros(microdata.rows, dtype=bool)
    for name in entry.variables:
        column = microdata.table.column(name)
        found |= np.asarray(column.is_valid().combine_chunks().to_numpy(zero_copy_only=False), dtype=bool)
    return found


def _can_filter(entry: Entry) -> bool:
    return entry.kind is Kind.SINGLE and 2 <= len(entry.answers) <= _MOST_ANSWERS


def _base(
    microdata: Microdata, here: Bools, filters: Sequence[tuple[Entry, Bools]], codes: dict[str, Ints]
) -> Base | None:
    """The nearest earlier question of which certain answers, and no others, led to this one."""
    for entry, there in reversed(filters):
        if (here & ~there).any():
            continue
        name = entry.variables[0]
        column = microdata.table.column(name).combine_chunks().dictionary_encode()
        if name not in codes:
            codes[name] = np.asarray(column.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
        asked, rest = set(np.unique(codes[name][here & there])), set(np.unique(codes[name][~here & there]))
        if asked and rest and not asked & rest:
            answers: list[Code] = [column.dictionary[int(place)].as_py() for place in asked]
            return Base(variable=name, answers=tuple(sorted(answers, key=lambda code: (isinstance(code, str), code))))
    return None


def _with(one: Suggestion, base: Base, suggested: Sequence[Suggestion]) -> Suggestion:
    """A follow-up of "does it occur?" is told of everybody as a rule: who has none of it counts as a no."""
    filter_entry = next(other.entry for other in suggested if base.variable in other.entry.variables)
    occurs = bool(words.OCCURS.search(words.bare(filter_entry.text_nl)))
    entry = replace(one.entry, base=replace(base, others_count=occurs))
    why = [Why(code="asked_only_if", values={"variable": base.variable, "answers": len(base.answers)})]
    if occurs:
        why.append(Why(code="others_count_as_none", values={"variable": base.variable}))
    return replace(one, entry=entry, why=(*one.why, *why), is_sure=False)
