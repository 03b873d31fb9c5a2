"""What respondents answered, as arrays for the engine: category numbers, yes or no, numbers, and who was asked.

Pure. Shapes: n respondents. A confirmed entry decides which codes count; nothing here is kept or logged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from koersvast.connectors.microdata import Code, Floats, Microdata, ValueKind
from koersvast.surveys.codebook import Composition, Cut, Entry, Kind
from koersvast.surveys.codebook.answers import code_text

type Bools = NDArray[np.bool_]
type Ints = NDArray[np.int64]

# The row of those who were not asked because it does not occur with them, where they count as a no.
NOT_ASKED = "not_asked"


@dataclass(frozen=True, kw_only=True)
class Category:
    """A group of a background, or an answer, with the code by which the database knows it."""

    code: str
    text_nl: str
    text_en: str = ""
    area_code: str = ""

    def text(self, language: str) -> str:
        """The words in a language; the Dutch ones where there are no others."""
        return (self.text_en if language == "en" else "") or self.text_nl


def categories_of(entry: Entry) -> tuple[Category, ...]:
    """The groups of a background: its cuts where it has them, else its answers."""
    if entry.cuts:
        areas = {answer.code: answer.area_code for answer in entry.answers}
        return tuple(
            Category(
                code=cut.code,
                text_nl=cut.text_nl,
                text_en=cut.text_en,
                area_code=areas.get(cut.answers[0], "") if len(cut.answers) == 1 else "",
            )
            for cut in entry.cuts
        )
    return answer_rows(entry)


def answer_rows(entry: Entry) -> tuple[Category, ...]:
    """The answers of a question as the rows of its table."""
    rows = [
        Category(code=code_text(one.code), text_nl=one.text_nl, text_en=one.text_en, area_code=one.area_code)
        for one in entry.valid_answers
    ]
    if entry.base is not None and entry.base.others_count and entry.kind is Kind.SINGLE:
        rows.append(
            Category(code=NOT_ASKED, text_nl="komt niet voor (niet gevraagd)", text_en="does not occur (not asked)")
        )
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class Respondents:
    """The answers of some rows of a file, read through confirmed entries."""

    microdata: Microdata
    rows: Bools

    @cached_property
    def size(self) -> int:
        return int(self.rows.sum())

    def numbers(self, entry: Entry, name: str) -> Floats:
        """Numbers of a variable, nan for what stands for no answer."""
        found = self.microdata.answers(name)[self.rows]
        missing = [code for code in entry.missing_codes if not isinstance(code, str)]
        return np.where(np.isin(found, missing), np.nan, found) if missing else found

    def holds(self, name: str, codes: Sequence[Code]) -> Bools:
        """Whether each respondent has one of these codes on a variable."""
        variable = self.microdata.variable(name)
        if variable.kind is ValueKind.NUMBER:
            wanted = [code for code in codes if not isinstance(code, str)]
            return np.isin(self.microdata.numbers(name)[self.rows], wanted)
        texts = np.array(self.microdata.texts(name), dtype=object)[self.rows]
        return np.isin(texts.astype(str), [str(code) for code in codes]) & self.present(name)

    def present(self, name: str) -> Bools:
        """Whether each respondent has any value at all on a variable."""
        column = self.microdata.table.column(name)
        return np.asarray(column.is_valid().combine_chunks().to_numpy(zero_copy_only=False), dtype=bool)[self.rows]

    def in_cut(self, entry: Entry, cut: Cut) -> Bools:
        """Whether each respondent gave an answer that the cut counts."""
        if entry.kind is Kind.MULTIPLE:
            return np.any([self.chosen(entry, code) for code in cut.answers], axis=0)
        name = entry.variables[0]
        if not cut.is_range:
            return self.holds(name, cut.answers)
        found = self.score(entry) if entry.composition else self.numbers(entry, name)
        lowest = -np.inf if cut.lowest is None else cut.lowest
        highest = np.inf if cut.highest is None else cut.highest
        return np.asarray((found >= lowest) & (found <= highest))

    def chosen(self, entry: Entry, option: Code) -> Bools:
        """Whether each respondent chose an option of a question with several answers."""
        if entry.counted is not None:
            return self.holds(str(option), (entry.counted,))
        return np.any([self.holds(name, (option,)) for name in entry.variables], axis=0)

    def codes(self, entry: Entry) -> Ints:
        """The place of each respondent's answer among `answer_rows`, -1 for none or for who was not asked."""
        found = np.full(self.size, -1, dtype=np.int64)
        for place, answer in enumerate(entry.valid_answers):
            found[self.holds(entry.variables[0], (answer.code,))] = place
        asked, others = self.asked(entry)
        found[~asked] = -1
        if others is not None:
            found[others] = len(entry.valid_answers)
        return found

    def groups(self, entry: Entry) -> Ints:
        """The group of each respondent among `categories_of`, -1 for who is in none of them."""
        if not entry.cuts:
            return self.codes(entry)
        found = np.full(self.size, -1, dtype=np.int64)
        for place, cut in enumerate(entry.cuts):
            found[self.in_cut(entry, cut) & (found < 0)] = place
        return found

    def asked(self, entry: Entry) -> tuple[Bools, Bools | None]:
        """Who was asked, and who was not and counts as a no (None where nobody does)."""
        if entry.base is None:
            return np.ones(self.size, dtype=bool), None
        asked = self.holds(entry.base.variable, entry.base.answers)
        if not entry.base.others_count:
            return asked, None
        return asked, ~asked & self._answered(entry.base.variable)

    def _answered(self, name: str) -> Bools:
        """Who gave an answer that is not missing on a variable, by the labels of the file."""
        if self.microdata.variable(name).kind is ValueKind.NUMBER:
            return ~np.isnan(self.microdata.answers(name)[self.rows])
        return self.present(name)

    def score(self, entry: Entry) -> Floats:
        """The score of a composite, nan for who answered fewer statements than it asks."""
        made = entry.composition
        assert made is not None  # noqa: S101 an entry of this kind has one; it checks that itself
        steps = np.column_stack([_step(self.numbers(entry, name), made, name) for name in made.items])
        answered = ~np.isnan(steps)
        count = answered.sum(axis=1)
        total = np.where(answered, steps, 0.0).sum(axis=1)
        enough = count >= made.least_answered
        return np.where(enough, made.scale_to * total / np.maximum(count, 1), np.nan)


def _step(found: Floats, made: Composition, name: str) -> Floats:
    """A statement from 0 (lowest) to 1; what lies outside the scale is no answer."""
    inside = np.where((found >= made.lowest) & (found <= made.highest), found, np.nan)
    share = (inside - made.lowest) / (made.highest - made.lowest)
    return 1 - share if name in made.reversed_items else share


def crossed(parts: Sequence[tuple[Sequence[Category], Ints]]) -> tuple[tuple[str, ...], Ints]:
    """Cross backgrounds: the codes of all combinations ("1*2"), and the combination of each respondent or -1."""
    codes: tuple[str, ...] = ("",)
    numbers = np.zeros(parts[0][1].size, dtype=np.int64)
    known = np.ones(parts[0][1].size, dtype=bool)
    for categories, groups in parts:
        codes = tuple(f"{before}*{one.code}" if before else one.code for before in codes for one in categories)
        known &= groups >= 0
        numbers = numbers * len(categories) + np.maximum(groups, 0)
    return codes, np.where(known, numbers, -1)


def by_variable(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """The entry of each variable; of a composite's statements their own entries."""
    return {name: entry for entry in entries if entry.kind is not Kind.COMPOSITE for name in entry.variables}
