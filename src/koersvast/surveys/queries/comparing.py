"""Two waves of a survey, or its sample and its panel, measure by measure: compared where they measured the same.

One rule for both, that of `engine.survey_tests.compare_waves`: different people, degrees of freedom by Satterthwaite,
and one answer of each kind added where few gave one.
"""

from dataclasses import dataclass

from koersvast.engine import survey_tests
from koersvast.engine.quantities import ChangeVerdict, Unit
from koersvast.engine.survey import Difference, is_tie
from koersvast.engine.survey_tests import Kept, Overlap
from koersvast.surveys.codebook import PANEL, SAMPLE, Entry, Polarity, Why, measure_differences, told_differences
from koersvast.surveys.models import Computation, SurveyEstimate
from koersvast.surveys.queries.links import told_of
from koersvast.surveys.queries.outcomes import entries_computed, totals_of


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A measure in two waves. `difference` is later minus earlier; None where `why_not` says why it is not compared.

    `remarks` are differences in who was asked and how that hold for all measures. `verdict` is a word of the engine;
    where nobody said which way is better it is only "no_demonstrable_change" or absent.
    """

    entry: Entry
    cut_code: str
    earlier: SurveyEstimate | None
    later: SurveyEstimate
    difference: Difference | None
    verdict: ChangeVerdict | None
    why_not: tuple[Why, ...]
    remarks: tuple[Why, ...]

    @property
    def is_tie(self) -> bool:
        """Whether the waves cannot be told apart."""
        return self.difference is not None and is_tie(self.difference)


@dataclass(frozen=True, kw_only=True)
class FramesApart:
    """A measure of everybody in the sample and in the panel, with the difference (panel minus sample)."""

    sample: SurveyEstimate
    panel: SurveyEstimate
    difference: Difference | None


def frames_apart(computation: Computation) -> dict[tuple[str, str], FramesApart]:
    """Sample and panel side by side for every measure; empty where the file has one frame.

    The two are different people, so their errors are independent; the panel is no random sample, and its margin says
    nothing of who would not join one.
    """
    sample, panel = (totals_of(computation, frame=frame) for frame in (SAMPLE, PANEL))
    return {
        measure: FramesApart(
            sample=sample[measure], panel=panel[measure], difference=_difference(sample[measure], panel[measure])
        )
        for measure in sample
        if measure in panel
    }


def compare_waves(earlier: Computation, later: Computation) -> list[Compared]:
    """Compare every measure of a later wave with an earlier one of the same survey, for everybody."""
    before, now = entries_computed(earlier), entries_computed(later)
    old, remarks = totals_of(earlier), wave_differences(earlier, later)
    found = []
    for (entry_code, cut_code), estimate in totals_of(later).items():
        if entry_code not in now:
            continue
        same = _same(now[entry_code], before)
        row = old.get((same.code, cut_code)) if same else None
        why_not = _why_not(same, now[entry_code], cut_code, row, estimate, remarks)
        difference = None if why_not or row is None else _difference(row, estimate)
        found.append(
            Compared(
                entry=now[entry_code],
                cut_code=cut_code,
                earlier=row,
                later=estimate,
                difference=difference,
                verdict=_verdict(difference, now[entry_code].polarity, is_compared=not why_not),
                why_not=why_not,
                remarks=remarks,
            )
        )
    return found


def wave_differences(earlier: Computation, later: Computation) -> tuple[Why, ...]:
    """What differs between two waves in who was asked and how, and in the frame that was estimated."""
    found = list(told_differences(told_of(earlier.wave), told_of(later.wave)))
    if earlier.frames[0] != later.frames[0]:
        values = {"before": earlier.frames[0], "now": later.frames[0]}
        found.append(Why(code="other_frame_estimated", values=values))
    return tuple(found)


def _same(entry: Entry, before: dict[str, Entry]) -> Entry | None:
    """The entry of the earlier wave: of the same code, else of the same variables."""
    by_variables = (one for one in before.values() if one.variables == entry.variables and one.kind is entry.kind)
    return before.get(entry.code) or next(by_variables, None)


def _why_not(
    before: Entry | None,
    now: Entry,
    cut_code: str,
    earlier: SurveyEstimate | None,
    later: SurveyEstimate,
    remarks: tuple[Why, ...],
) -> tuple[Why, ...]:
    if before is None or earlier is None:
        return (Why(code="not_measured_before"),)
    found = list(measure_differences(before, now, cut_code))
    found += [one for one in remarks if one.code in {"population_differs", "other_frame_estimated"}]
    if earlier.amount is None or later.amount is None:
        found.append(Why(code="withheld"))
    elif _kept(earlier) is None or _kept(later) is None:
        found.append(Why(code="no_margin"))
    return tuple(found)


def _difference(earlier: SurveyEstimate, later: SurveyEstimate) -> Difference | None:
    """The later minus the earlier; None where either has no number or no margin."""
    first, second = _kept(earlier), _kept(later)
    if first is None or second is None:
        return None
    return survey_tests.compare_waves(first, second, overlap=Overlap.NONE, shares=later.unit == Unit.PERCENT)


def _kept(row: SurveyEstimate) -> Kept | None:
    """What is kept of an estimate; None where it is hidden or its margin cannot be told.

    An error of nought is none for a mean; a share of nobody or everybody has its answers to go by.
    """
    numbers = (row.amount, row.standard_error, row.effective_respondents, row.degrees_of_freedom)
    if any(number is None for number in numbers):
        return None
    amount, error, effective, freedom = (float(number) for number in numbers if number is not None)
    if freedom <= 0 or (error == 0 and row.unit != Unit.PERCENT):
        return None
    return Kept(value=amount, standard_error=error, effective_respondents=effective, degrees_of_freedom=freedom)


def _verdict(found: Difference | None, polarity: Polarity, *, is_compared: bool) -> ChangeVerdict | None:
    if not is_compared or found is None:
        return ChangeVerdict.NOT_COMPARABLE
    if is_tie(found):
        return ChangeVerdict.NO_DEMONSTRABLE_CHANGE
    if polarity is Polarity.UNKNOWN:
        return None
    lower = found.difference < 0
    better = lower == (polarity is Polarity.LOWER_IS_BETTER)
    return ChangeVerdict.IMPROVED if better else ChangeVerdict.WORSENED
