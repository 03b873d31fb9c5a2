"""What is registered beside what residents experience, per theme, with reporting behaviour between them.

Fewer registered crimes while fewer victims report is another story than fewer registered crimes alone. Who reports is
measured by a survey, of all crimes together, so the same figures stand between the two sides of every theme.
"""

from dataclasses import dataclass
from enum import StrEnum

from koersvast.engine.quantities import ChangeVerdict
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.analysis import Analysis, AnalysisField, AnalysisRow

# Codes of the indicators that tell how many victims report: those of the catalogue and of the demo.
REPORTING = ("geen-aangifte", "aangiftebereidheid", "meldingsbereidheid", "aangifte-gedaan")
_KNOWN = (ChangeVerdict.IMPROVED, ChangeVerdict.WORSENED, ChangeVerdict.NO_DEMONSTRABLE_CHANGE)


class Reading(StrEnum):
    """How the two sides of a theme lie beside each other."""

    BOTH_BETTER = "both_better"
    BOTH_WORSE = "both_worse"
    BETTER_BUT_NOT_FELT = "better_but_not_felt"
    WORSE_BUT_NOT_FELT = "worse_but_not_felt"
    FELT_BETTER_ONLY = "felt_better_only"
    FELT_WORSE_ONLY = "felt_worse_only"
    APART = "apart"
    QUIET = "quiet"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, kw_only=True)
class ThemePair:
    """A theme with both sides; `reporting` is empty where nobody measured who reports."""

    code: str
    name: str
    objective: tuple[AnalysisRow, ...]
    subjective: tuple[AnalysisRow, ...]
    reporting: tuple[AnalysisRow, ...]
    reading: Reading


def theme_pairs(found: Analysis, field: AnalysisField) -> tuple[ThemePair, ...]:
    """The themes of a field of which something is registered and something is experienced."""
    reporting = tuple(row for row in found.rows if row.code in REPORTING)
    pairs = []
    for theme in field.themes:
        objective = tuple(row for row in theme.rows if row.perspective == Indicator.Perspective.OBJECTIVE)
        others = (row for row in theme.rows if row.perspective == Indicator.Perspective.SUBJECTIVE)
        subjective = tuple(row for row in others if row.code not in REPORTING)
        if objective and subjective:
            pairs.append(
                ThemePair(
                    code=theme.code,
                    name=theme.name,
                    objective=objective,
                    subjective=subjective,
                    reporting=reporting,
                    reading=_reading(_side(objective), _side(subjective)),
                )
            )
    return tuple(pairs)


def _side(rows: tuple[AnalysisRow, ...]) -> ChangeVerdict | None:
    """One word for a side: better or worse when something moved that way and nothing the other way; None: unknown."""
    verdicts = {row.verdict for row in rows if row.verdict in _KNOWN}
    if not verdicts:
        return None
    better, worse = ChangeVerdict.IMPROVED in verdicts, ChangeVerdict.WORSENED in verdicts
    if better and worse:
        return ChangeVerdict.NOT_COMPARABLE  # it moved both ways: no single word for this side
    if better:
        return ChangeVerdict.IMPROVED
    return ChangeVerdict.WORSENED if worse else ChangeVerdict.NO_DEMONSTRABLE_CHANGE


def _reading(registered: ChangeVerdict | None, experienced: ChangeVerdict | None) -> Reading:
    better, worse, same = ChangeVerdict.IMPROVED, ChangeVerdict.WORSENED, ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    if registered is None or experienced is None:
        return Reading.CANNOT_SAY
    known = {
        (better, better): Reading.BOTH_BETTER,
        (worse, worse): Reading.BOTH_WORSE,
        (better, same): Reading.BETTER_BUT_NOT_FELT,
        (worse, same): Reading.WORSE_BUT_NOT_FELT,
        (same, better): Reading.FELT_BETTER_ONLY,
        (same, worse): Reading.FELT_WORSE_ONLY,
        (same, same): Reading.QUIET,
    }
    return known.get((registered, experienced), Reading.APART)
