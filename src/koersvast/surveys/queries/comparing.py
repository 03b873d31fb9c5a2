"""Waves of one survey side by side, measure by measure: compared only where they measured the same."""

from dataclasses import dataclass

from koersvast.engine.quantities import ChangeVerdict
from koersvast.engine.survey import Difference, compare_means, is_tie
from koersvast.surveys.codebook import Entry, Polarity, Why, measure_differences, told_differences
from koersvast.surveys.models import Computation, SurveyEstimate, Wave
from koersvast.surveys.queries.links import told_of
from koersvast.surveys.queries.outcomes import entries_of, totals_of


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


def compare_waves(earlier: Computation, later: Computation) -> list[Compared]:
    """Compare every measure of a later wave with an earlier one of the same survey, for everybody."""
    before, now = entries_of(earlier.wave), entries_of(later.wave)
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


def earlier_waves(wave: Wave) -> list[Wave]:
    """The waves before this one of the same survey, newest first."""
    return list(Wave.objects.filter(source=wave.source, period__lt=wave.period).order_by("-period"))


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
    elif not earlier.standard_error or not later.standard_error:
        found.append(Why(code="no_margin"))
    return tuple(found)


def _difference(earlier: SurveyEstimate, later: SurveyEstimate) -> Difference:
    assert earlier.amount is not None  # noqa: S101 asked by _why_not
    assert later.amount is not None  # noqa: S101
    return compare_means(
        earlier.amount,
        later.amount,
        earlier_error=earlier.standard_error or 0.0,
        later_error=later.standard_error or 0.0,
    )


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
