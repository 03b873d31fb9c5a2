"""Classes of municipalities by their number of inhabitants, as CBS uses them in its tables. Pure.

Source: CBS, StatLine, Gemeentegrootte (eight classes by inhabitants on 1 January).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SizeClass:
    """A class from `least` inhabitants up to, but not with, `below`; None: without end."""

    code: str
    least: int
    below: int | None

    def holds(self, inhabitants: int) -> bool:
        return self.least <= inhabitants and (self.below is None or inhabitants < self.below)


_EDGES = (0, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000, 250_000)
SIZE_CLASSES = tuple(
    SizeClass(code=str(at + 1), least=least, below=_EDGES[at + 1] if at + 1 < len(_EDGES) else None)
    for at, least in enumerate(_EDGES)
)


def size_class(inhabitants: int) -> SizeClass:
    """Return the class of a municipality; raises ValueError for a negative number."""
    if inhabitants < 0:
        raise ValueError(f"{inhabitants} inhabitants.")
    return next(one for one in SIZE_CLASSES if one.holds(inhabitants))
