"""The kept outcomes of waves as they are shown: measures with their margins, frames and waves side by side, ties.

A hidden measure comes along with its reason and without any number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from koersvast.engine.estimates import Estimate, IntervalKind
from koersvast.engine.quantities import Unit
from koersvast.engine.survey import Difference, compare_in_sample, is_tie
from koersvast.engine.survey_tests import Overlap, compare_waves
from koersvast.indicators.wording import language_now
from koersvast.publications.table_book.book import Kind, TableBookTable, Why
from koersvast.surveys.codebook import MEAN, Cut, Entry
from koersvast.surveys.models import Computation, SurveyEstimate
from koersvast.surveys.queries.outcomes import entries_computed

EVERYBODY = 0


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The number of a measure with its 95% interval and what it rests on; percent for shares."""

    amount: float
    low: float
    high: float
    standard_error: float
    respondents: int
    effective_respondents: float
    degrees_of_freedom: float


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of a wave: a question with the answers that are counted, or a mean. `shown` is None where hidden."""

    entry_code: str
    cut_code: str
    question: str
    counted: str
    unit: Unit
    shown: Shown | None
    why_hidden: str


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Two figures of one measure. `difference` is the second minus the first; None where it cannot be told.

    `is_same_question` is False where question, answers or base differ, so that a difference would say nothing.
    """

    first: Measure
    second: Measure
    difference: Difference | None
    is_same_question: bool = True

    @property
    def is_demonstrable(self) -> bool:
        return self.difference is not None and (self.difference.low > 0 or self.difference.high < 0)


@dataclass(frozen=True, kw_only=True)
class Place:
    """An answer in a ranking, with the best and the worst place that chance allows it."""

    answer: str
    percent: float
    first: int
    last: int


def measures_of(computation: Computation, *, frame: str = "") -> list[Measure]:
    """Every measure for everybody together, in the order of the codebook; of the published frame unless said."""
    entries = entries_computed(computation)
    rows = SurveyEstimate.objects.filter(
        computation=computation, frame=frame or computation.frames[0], background="", category=""
    )
    return [_measure(row, entries) for row in rows if row.entry_code in entries]


def frames_beside(computation: Computation, *, first: str, second: str) -> list[Beside]:
    """Every measure of two frames, whose respondents are different people."""
    others = {(one.entry_code, one.cut_code): one for one in measures_of(computation, frame=second)}
    pairs = [(one, others.get((one.entry_code, one.cut_code))) for one in measures_of(computation, frame=first)]
    return [beside(one, other) for one, other in pairs if other is not None]


def waves_beside(earlier: Computation, later: Computation) -> list[Beside]:
    """Every measure that two waves have; differing questions are named and not compared."""
    before, after = entries_computed(earlier), entries_computed(later)
    olds = {(one.entry_code, one.cut_code): one for one in measures_of(earlier)}
    found = []
    for new in measures_of(later):
        old = olds.get((new.entry_code, new.cut_code))
        if old is not None:
            same = is_same_measure(before[old.entry_code], after[new.entry_code], new.cut_code)
            found.append(beside(old, new, is_same_question=same))
    return found


def is_same_measure(before: Entry, after: Entry, cut_code: str) -> bool:
    """Whether two waves asked the same, counted the same and asked it of the same people."""
    mine, yours = before.cut(cut_code), after.cut(cut_code)
    return (
        (before.kind, before.text_nl, before.base, before.composition)
        == (after.kind, after.text_nl, after.base, after.composition)
        and [one.code for one in before.valid_answers] == [one.code for one in after.valid_answers]
        and (mine is None) == (yours is None)
        and (mine is None or yours is None or _counts(mine) == _counts(yours))
    )


def beside(first: Measure, second: Measure, *, is_same_question: bool = True) -> Beside:
    """Two independent figures with their difference, where both are shown and the question is the same."""
    difference = None
    if first.shown and second.shown and is_same_question:
        difference = compare_waves(
            _estimate(first.shown),
            _estimate(second.shown),
            overlap=Overlap.NONE,
            shares=first.unit is Unit.PERCENT,
        )
    return Beside(first=first, second=second, difference=difference, is_same_question=is_same_question)


def ranking_of(table: TableBookTable) -> list[Place]:
    """The options of a question with several answers from most to least given, with the places that chance allows.

    Two options are a tie when the 95% margin of their difference, with the widest covariance that they can have,
    reaches over nought. Empty when the question ranks nothing or an option is hidden.
    """
    effective = table.effective[EVERYBODY]
    shares = [line[EVERYBODY] for line in table.estimate]
    if table.question.kind is not Kind.MULTIPLE or not effective or any(line[EVERYBODY] for line in table.why):
        return []
    known = [(share, answer) for share, answer in zip(shares, table.question.answers, strict=True) if share is not None]
    return _places(sorted(known, key=lambda one: -one[0]), effective)


def _places(ordered: Sequence[tuple[float, str]], effective: float) -> list[Place]:
    found = []
    for place, (share, answer) in enumerate(ordered):
        apart = [not is_tie(compare_in_sample(share, other, respondents=effective)) for other, _name in ordered]
        above = sum(apart[:place])
        below = sum(apart[place + 1 :])
        found.append(Place(answer=answer, percent=share, first=above + 1, last=len(ordered) - below))
    return found


def _measure(row: SurveyEstimate, entries: Mapping[str, Entry]) -> Measure:
    entry = entries[row.entry_code]
    cut = entry.cut(row.cut_code)
    english = language_now() == "en"
    counted = ((cut.text_en if english else "") or cut.text_nl) if cut else ""
    if row.cut_code == MEAN:
        counted = pgettext("table book measure", "mean")
    return Measure(
        entry_code=row.entry_code,
        cut_code=row.cut_code,
        question=entry.text(language_now()),
        counted=counted or row.cut_code,
        unit=Unit(row.unit),
        shown=_shown(row),
        why_hidden=row.why_hidden,
    )


def _shown(row: SurveyEstimate) -> Shown | None:
    numbers = (row.amount, row.low, row.high, row.standard_error, row.effective_respondents, row.degrees_of_freedom)
    if row.is_hidden or row.respondents is None or any(one is None for one in numbers):
        return None
    amount, low, high, error, effective, freedom = (float(one) for one in numbers if one is not None)
    return Shown(
        amount=amount,
        low=low,
        high=high,
        standard_error=error,
        respondents=row.respondents,
        effective_respondents=effective,
        degrees_of_freedom=freedom,
    )


def _estimate(shown: Shown) -> Estimate:
    effect = shown.respondents / shown.effective_respondents
    return Estimate(
        value=shown.amount,
        standard_error=shown.standard_error,
        low=shown.low,
        high=shown.high,
        interval=IntervalKind.LOGIT,
        respondents=shown.respondents,
        weighted_base=float(shown.respondents),
        effective_respondents=shown.effective_respondents,
        design_effect=effect,
        finite_design_effect=None,
        kish_design_effect=effect,
        degrees_of_freedom=shown.degrees_of_freedom,
    )


def _counts(cut: Cut) -> tuple[object, ...]:
    return (frozenset(cut.answers), cut.lowest, cut.highest)


def hidden_alike(reason: str) -> Why:
    """The reason of a hidden measure as readers are told: never whether its group is small or protects another."""
    return {"small_base": Why.SMALL_BASE, "not_estimable": Why.NOT_ESTIMABLE}.get(reason, Why.SMALL_GROUP)
