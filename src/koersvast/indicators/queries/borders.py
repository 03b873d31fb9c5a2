"""Which municipalities of earlier years make up one of a later edition: everything that moved, in one query.

Sources of what moved: `reference.BorderChange`. A municipality of which nothing is recorded kept its borders.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from koersvast.reference.models import Area, BorderChange

_WHOLE = (BorderChange.Kind.MERGED, BorderChange.Kind.RENAMED, BorderChange.Kind.RECODED)
_SAME_BORDERS = (BorderChange.Kind.RENAMED, BorderChange.Kind.RECODED)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one area gave to another on a day; `is_whole`: all of it went there; `is_same`: only its name or code."""

    on: date
    from_code: str
    into_code: str
    is_whole: bool
    is_same: bool


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Everything that moved around the borders of `edition`, oldest first."""

    edition: int
    steps: tuple[Step, ...]
    named: Mapping[str, str]

    def parts(self, code: str, year: int) -> tuple[str, ...] | None:
        """The codes of `year` that together have the borders that `code` has in the edition; None when none have.

        A change on 1 January belongs to that year; one later in a year to the year after.
        """
        if year == self.edition:
            return (code,)
        return self._back(code, year) if year < self.edition else self._ahead(code, year)

    def names(self, codes: Iterable[str]) -> list[str]:
        """The names of areas, or their codes where no name is known."""
        return [self.named.get(code, code) for code in codes]

    def _back(self, code: str, year: int) -> tuple[str, ...] | None:
        held = {code}
        for day in sorted({one.on for one in self.steps}, reverse=True):
            if year < _counts_from(day) <= self.edition:
                earlier = self._before(held, day)
                if earlier is None:
                    return None
                held = earlier
        return tuple(sorted(held))

    def _before(self, held: set[str], day: date) -> set[str] | None:
        """What made up these areas before a day."""
        today = [one for one in self.steps if one.on == day]
        earlier = set[str]()
        for code in held:
            came = [one for one in today if one.into_code == code]
            gave = [one for one in today if one.from_code == code and one.into_code not in held]
            if any(not one.is_whole for one in came) or (gave and not any(one.into_code == code for one in came)):
                return None
            if gave and any(one.from_code == code for one in came):
                return None
            earlier |= {one.from_code for one in came} or {code}
        return earlier

    def _ahead(self, code: str, year: int) -> tuple[str, ...] | None:
        """The area itself under its later code, unless anything came to it or left it."""
        held = code
        for day in sorted({one.on for one in self.steps}):
            if not self.edition < _counts_from(day) <= year:
                continue
            touching = [one for one in self.steps if one.on == day and held in (one.from_code, one.into_code)]
            if not touching:
                continue
            if len(touching) != 1 or not touching[0].is_same or touching[0].from_code != held:
                return None
            held = touching[0].into_code
        return (held,)


NOTHING_MOVED = Moves(edition=0, steps=(), named={})


def moves(edition: int, years: Sequence[int]) -> Moves:
    """Read everything that moved between an edition and some years, with the names of what took part: two queries."""
    first, last = min([edition, *years]), max([edition, *years])
    found = BorderChange.objects.filter(on__gt=date(first, 1, 1), on__lte=date(last, 1, 1)).order_by("on")
    steps = tuple(
        Step(
            on=one.on,
            from_code=one.from_code,
            into_code=one.into_code,
            is_whole=one.kind in _WHOLE or one.share == 1,
            is_same=one.kind in _SAME_BORDERS,
        )
        for one in found
    )
    codes = {one.from_code for one in steps} | {one.into_code for one in steps}
    named = (
        dict(Area.objects.filter(code__in=codes).order_by("valid_from").values_list("code", "name")) if codes else {}
    )
    return Moves(edition=edition, steps=steps, named=named)


def _counts_from(day: date) -> int:
    """The first year whose figures are on the borders of after a day."""
    return day.year if (day.month, day.day) == (1, 1) else day.year + 1
