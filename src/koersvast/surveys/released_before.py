"""What earlier releases of a wave told, as it bears on what is released now. Pure.

The sample and the panel that stand apart are columns of the whole file: what was told of one of them, as a column of
both together or as a frame of its own, is set beside what is told of it now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from koersvast.engine.disclosure import Said
from koersvast.surveys.preparing import POOLED

# The name of the column of everybody among the columns of a table.
EVERYBODY_COLUMN = "everybody"


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release: the frame that its tables are of, and what it told."""

    frame: str
    told: tuple[Said, ...]


def as_column(told: Sequence[Said], *, frame: str, background: str) -> tuple[Said, ...]:
    """What is told of a frame apart, written down as a column of the background that names the frames."""
    return tuple(replace(one, columns=(f"{background}/{frame}",)) for one in told)


def bearing_on(releases: Sequence[Release], *, frame: str, is_first: bool, background: str) -> tuple[Said, ...]:
    """What was told that can be subtracted from the tables of a frame, or from which they can be.

    Of the frame with the tables of the book that is everything. A frame apart tells of everybody in it only: it lies
    within both frames together, and shares nobody with the other one.
    """
    if is_first and frame == POOLED:
        return tuple(one for release in releases for one in release.told)
    found, own = [], f"{background}/{frame}"
    for release in releases:
        for one in release.told:
            found += _columns(one, [own], renamed=EVERYBODY_COLUMN)
            if is_first:
                found += _columns(one, [name for name in one.columns if not name.startswith(f"{background}/")])
            elif release.frame == POOLED:
                found += _columns(one, [EVERYBODY_COLUMN])
    return tuple(found)


def _columns(told: Said, names: Sequence[str], *, renamed: str = "") -> list[Said]:
    """Some columns of what was told, one of them under another name; nothing where none is there."""
    places = [place for place, name in enumerate(told.columns) if name in names]
    if not places:
        return []
    return [
        replace(
            told,
            columns=tuple(renamed or told.columns[place] for place in places),
            respondents=tuple(told.respondents[place] for place in places),
            counts=tuple(tuple(row[place] for place in places) for row in told.counts),
        )
    ]
