"""May two figures be set against each other, or do they lie on other borders? Decisions on plain values. Pure.

A count on new borders over inhabitants on old ones is the mistake that no reader can see: the municipality often kept
its code and its name. So whoever divides, divides through here: `BorderBook.denominator_for` gives the inhabitants of
the borders on which was counted, with a statement, or refuses with reasons. `compare` says the same of any two years.

Years are those of a classification: the borders of 1 January (CBS). Police tables put all years on the newest one, so
the year of the borders belongs to the table, not to the period that it counts (see `registers.tables`).
Right: `book.denominator_for("GM0014", counted_on=2024, inhabitants_on=2018, inhabitants={"GM0014": …, "GM0009": …})`.
Wrong: `count / inhabitants_of_2018["GM0014"]`: Haren and Ten Boer count above the line and not under it.
See docs/methods/borders.md.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property


class Relation(StrEnum):
    """What happened to the area that gives."""

    MERGED = "merged"
    SPLIT = "split"
    BORDER_MOVED = "border_moved"
    RENAMED = "renamed"
    RECODED = "recoded"


WHOLE = frozenset({Relation.MERGED, Relation.RENAMED, Relation.RECODED})
SAME_BORDERS = frozenset({Relation.RENAMED, Relation.RECODED})


class Reason(StrEnum):
    """Why borders are the same, not the same, or not known to be; the face makes sentences of these."""

    SAME_EDITION = "same_edition"
    SAME_BORDERS_OTHER_CODE = "same_borders_other_code"
    BORDERS_CHANGED = "borders_changed"
    SUM_OF_OLD_AREAS = "sum_of_old_areas"
    DIVIDED_BY_SHARES = "divided_by_shares"
    SPLIT_WITHOUT_SHARES = "split_without_shares"
    NOT_SAID_WHETHER_CHANGED = "not_said_whether_changed"
    YEAR_NOT_LISTED = "year_not_listed"
    NO_SUCH_AREA = "no_such_area"
    NOT_YET_THERE = "not_yet_there"
    GONE = "gone"
    PART_MISSING = "part_missing"
    COUNT_LIES_ON_OLDER_BORDERS = "count_lies_on_older_borders"


class CannotConvert(ValueError):
    """An amount of an old area is missing, so that the sum would be too low without anyone seeing it."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What `from_code` gave to `into_code` on a day; `share` (0 to 1) of its inhabitants, None when not known."""

    on: date
    from_code: str
    into_code: str
    relation: Relation
    share: float | None = None

    @property
    def year(self) -> int:
        """The first classification (of 1 January) that has the change."""
        return self.on.year if (self.on.month, self.on.day) == (1, 1) else self.on.year + 1


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The years in which a code has the same borders; `begun_by` is "", "changed" or "not_known"."""

    code: str
    kind: str
    valid_from: int
    valid_until: int | None = None
    begun_by: str = ""

    def holds_in(self, year: int) -> bool:
        return self.valid_from <= year and (self.valid_until is None or year <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Part:
    """An old area, and the share (above 0, to 1) of its inhabitants that lives within the new borders."""

    code: str
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The statement that an area of the later year is the sum of these areas of the earlier year."""

    code: str
    earlier: int
    later: int
    parts: tuple[Part, ...]

    @property
    def is_exact(self) -> bool:
        """Whether only whole areas are summed; shares of inhabitants are an estimate for any other count."""
        return all(part.share == 1 for part in self.parts)

    def apply(self, amounts: Mapping[str, float]) -> float:
        """Return the amount on the later borders from those of the old areas; raises CannotConvert when one lacks."""
        missing = [part.code for part in self.parts if part.code not in amounts]
        if missing:
            raise CannotConvert(", ".join(missing))
        return math.fsum(part.share * amounts[part.code] for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class BorderJudgement:
    """Whether a code has the same borders in two years; if not, how the later is made of the earlier, or why not."""

    code: str
    earlier: int
    later: int
    same: bool
    reasons: tuple[Reason, ...]
    conversion: Conversion | None = None
    into: tuple[str, ...] = ()
    changed_on: tuple[date, ...] = ()

    @property
    def refused(self) -> bool:
        return not self.same and self.conversion is None


@dataclass(frozen=True, kw_only=True)
class Denominator:
    """The inhabitants to divide by, with the judgement it rests on; None when refused."""

    inhabitants: float | None
    judgement: BorderJudgement
    reasons: tuple[Reason, ...]

    @property
    def refused(self) -> bool:
        return self.inhabitants is None


@dataclass(frozen=True)
class BorderBook:
    """All that is known of borders: editions, changes, and the years of which each kind is listed completely."""

    editions: tuple[Edition, ...]
    changes: tuple[Change, ...]
    listed: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def _editions_of(self) -> Mapping[str, Sequence[Edition]]:
        found: dict[str, list[Edition]] = defaultdict(list)
        for edition in sorted(self.editions, key=lambda one: one.valid_from):
            found[edition.code].append(edition)
        return found

    @cached_property
    def _into(self) -> Mapping[str, Sequence[Change]]:
        found: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            found[change.into_code].append(change)
        return found

    @cached_property
    def _from(self) -> Mapping[tuple[date, str], Sequence[Change]]:
        found: dict[tuple[date, str], list[Change]] = defaultdict(list)
        for change in self.changes:
            found[change.on, change.from_code].append(change)
        return found

    def compare(self, code: str, year_a: int, year_b: int) -> BorderJudgement:
        """Judge the borders of a code in two years of classification; the order of the years does not matter."""
        earlier, later = sorted((year_a, year_b))
        if (reason := self._unknown(code, earlier, later)) is not None:
            return self._refused(code, earlier, later, reason)
        new = self._edition(code, later)
        if new is None:
            return self._refused(code, earlier, later, Reason.GONE, into=self._heirs(code, later))
        parts, met = self._made_of(code, earlier, later)
        if met:
            return self._by_changes(code, earlier, later, parts, met)
        old = self._edition(code, earlier)
        if old is None:
            return self._refused(code, earlier, later, Reason.NOT_YET_THERE)
        return self._by_editions(code, earlier, later)

    def denominator_for(
        self, code: str, *, counted_on: int, inhabitants_on: int, inhabitants: Mapping[str, float]
    ) -> Denominator:
        """Return the inhabitants within the borders on which was counted, or refuse.

        `counted_on` and `inhabitants_on` are the years of the borders of count and population; `inhabitants` holds
        the population by code on its own borders. A count on older borders is not converted here: sum the counts with
        `judgement.conversion.apply` instead.
        """
        judgement = self.compare(code, counted_on, inhabitants_on)
        if judgement.refused:
            return Denominator(inhabitants=None, judgement=judgement, reasons=judgement.reasons)
        if not judgement.same and counted_on < inhabitants_on:
            reasons = (*judgement.reasons, Reason.COUNT_LIES_ON_OLDER_BORDERS)
            return Denominator(inhabitants=None, judgement=judgement, reasons=reasons)
        try:
            amount = self._amount(judgement, inhabitants_on, inhabitants)
        except CannotConvert:
            reasons = (*judgement.reasons, Reason.PART_MISSING)
            return Denominator(inhabitants=None, judgement=judgement, reasons=reasons)
        return Denominator(inhabitants=amount, judgement=judgement, reasons=judgement.reasons)

    def _amount(self, judgement: BorderJudgement, year: int, inhabitants: Mapping[str, float]) -> float:
        if judgement.conversion and year == judgement.earlier:
            return judgement.conversion.apply(inhabitants)
        own = Conversion(code=judgement.code, earlier=year, later=year, parts=(Part(code=judgement.code),))
        return own.apply(inhabitants)

    def _unknown(self, code: str, earlier: int, later: int) -> Reason | None:
        editions = self._editions_of.get(code, ())
        if not editions:
            return Reason.NO_SUCH_AREA
        listed = self.listed.get(editions[0].kind, frozenset())
        if earlier not in listed or later not in listed:
            return Reason.YEAR_NOT_LISTED
        return None

    def _edition(self, code: str, year: int) -> Edition | None:
        return next((one for one in self._editions_of.get(code, ()) if one.holds_in(year)), None)

    def _heirs(self, code: str, later: int) -> tuple[str, ...]:
        """Where a code that is gone went, as known in the later year."""
        heirs, seen, queue = set(), {code}, [code]
        while queue:
            giver = queue.pop()
            for change in self.changes:
                if change.from_code == giver and change.year <= later and change.into_code not in seen:
                    seen.add(change.into_code)
                    queue.append(change.into_code)
                    if self._edition(change.into_code, later):
                        heirs.add(change.into_code)
        return tuple(sorted(heirs))

    def _made_of(self, code: str, earlier: int, later: int) -> tuple[dict[str, float | None], list[Change]]:
        """Walk back through the changes, newest first: which old areas, with which share (None: not known)."""
        parts: dict[str, float | None] = {code: 1.0}
        met: list[Change] = []
        days = sorted({c.on for c in self.changes if earlier < c.year <= later}, reverse=True)
        for day in days:
            before: dict[str, float | None] = {}
            for part, share in parts.items():
                gifts = [change for change in self._into.get(part, ()) if change.on == day]
                met += gifts
                for giver, given in [(c.from_code, self._share(c)) for c in gifts] or [(part, 1.0)]:
                    known = None if share is None or given is None else share * given
                    held = before.get(giver, 0.0)
                    before[giver] = None if held is None or known is None else held + known
            parts = before
        return parts, met

    def _share(self, change: Change) -> float | None:
        if change.relation in WHOLE:
            return 1.0
        if change.share is not None:
            return change.share
        others = [one.share for one in self._from[change.on, change.from_code] if one is not change]
        known = [share for share in others if share is not None]
        return max(0.0, 1 - math.fsum(known)) if others and len(known) == len(others) else None

    def _by_changes(
        self, code: str, earlier: int, later: int, parts: Mapping[str, float | None], met: Sequence[Change]
    ) -> BorderJudgement:
        days = tuple(sorted({change.on for change in met}))
        shares = {part: share for part, share in parts.items() if share is not None and share > 0}
        if any(share is None for share in parts.values()):
            return self._refused(
                code, earlier, later, Reason.BORDERS_CHANGED, Reason.SPLIT_WITHOUT_SHARES, changed_on=days
            )
        ordered = tuple(Part(code=part, share=_tidy(shares[part])) for part in sorted(shares))
        conversion = Conversion(code=code, earlier=earlier, later=later, parts=ordered)
        if all(change.relation in SAME_BORDERS for change in met):
            reasons: tuple[Reason, ...] = (Reason.SAME_BORDERS_OTHER_CODE,)
        else:
            how = Reason.SUM_OF_OLD_AREAS if conversion.is_exact else Reason.DIVIDED_BY_SHARES
            reasons = (Reason.BORDERS_CHANGED, how)
        return BorderJudgement(
            code=code,
            earlier=earlier,
            later=later,
            same=reasons[0] is Reason.SAME_BORDERS_OTHER_CODE,
            reasons=reasons,
            conversion=conversion,
            changed_on=days,
        )

    def _by_editions(self, code: str, earlier: int, later: int) -> BorderJudgement:
        """Without known changes the editions speak: of wijken and buurten only that they changed is known."""
        begun = {one.begun_by for one in self._editions_of[code] if earlier < one.valid_from <= later}
        if not begun:
            return BorderJudgement(code=code, earlier=earlier, later=later, same=True, reasons=(Reason.SAME_EDITION,))
        if begun == {"not_known"}:
            return self._refused(code, earlier, later, Reason.NOT_SAID_WHETHER_CHANGED)
        return self._refused(code, earlier, later, Reason.BORDERS_CHANGED)

    def _refused(
        self,
        code: str,
        earlier: int,
        later: int,
        *reasons: Reason,
        into: tuple[str, ...] = (),
        changed_on: tuple[date, ...] = (),
    ) -> BorderJudgement:
        return BorderJudgement(
            code=code, earlier=earlier, later=later, same=False, reasons=reasons, into=into, changed_on=changed_on
        )


def _tidy(share: float) -> float:
    """A product of shares that should be whole is whole."""
    return 1.0 if math.isclose(share, 1.0, rel_tol=1e-9) else share
