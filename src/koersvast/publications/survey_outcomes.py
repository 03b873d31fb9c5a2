"""The kept outcomes of waves as they are shown: measures with their margins, frames and waves side by side, ties.

A hidden measure comes along with its reason and without any number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from koersvast.engine.quantities import Unit
from koersvast.engine.survey import Difference, compare_in_sample, is_tie
from koersvast.indicators.wording import language_now
from koersvast.publications.table_book.book import Kind, TableBookTable, Why
from koersvast.surveys.codebook import MEAN, Entry
from koersvast.surveys.models import Computation, SurveyEstimate
from koersvast.surveys.queries.comparing import compare_waves, frames_apart
from koersvast.surveys.queries.outcomes import entries_computed

EVERYBODY = 0
# Reasons not to compare that are about a number, not about what was asked of whom.
_ABOUT_NUMBERS = frozenset({"withheld", "no_margin"})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The number of a measure with its 95% interval and what it rests on; percent for shares."""

    amount: float
    low: float
    high: float
    respondents: int


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

    `is_same_question` is False where what was asked, or of whom, differs, so that a difference would say nothing.
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


@dataclass(frozen=True, kw_only=True)
class MeasureBy:
    """A measure that counts several answers together, by the code of the group; "" is everybody."""

    counted: str
    groups: Mapping[str, Measure]


def measures_by(computation: Computation, entry_code: str, *, background: str) -> list[MeasureBy]:
    """The measures of one question that no single answer gives, such as a little to much, by a background."""
    entries = entries_computed(computation)
    entry = entries.get(entry_code)
    if entry is None:
        return []
    several = [cut.code for cut in entry.cuts if cut.is_range or len(cut.answers) > 1]
    rows = SurveyEstimate.objects.filter(
        computation=computation,
        frame=computation.frames[0],
        entry_code=entry_code,
        cut_code__in=several,
        background__in=["", background],
    )
    found: dict[str, dict[str, Measure]] = {code: {} for code in several}
    for row in rows:
        found[row.cut_code][row.category] = _measure(row, entries)
    return [MeasureBy(counted=groups[""].counted, groups=groups) for groups in found.values() if groups]


def frames_beside(computation: Computation) -> list[Beside]:
    """Every measure of the sample (first) and the panel (second), as `surveys.queries.comparing` sets them apart."""
    entries = entries_computed(computation)
    return [
        Beside(first=_measure(one.sample, entries), second=_measure(one.panel, entries), difference=one.difference)
        for (entry_code, _cut), one in frames_apart(computation).items()
        if entry_code in entries
    ]


def waves_beside(earlier: Computation, later: Computation) -> list[Beside]:
    """Every measure that two waves have; what `surveys.queries.comparing` does not compare has no difference."""
    before, after = entries_computed(earlier), entries_computed(later)
    return [
        Beside(
            first=_measure(one.earlier, before),
            second=_measure(one.later, after),
            difference=one.difference,
            is_same_question=not any(why.code not in _ABOUT_NUMBERS for why in one.why_not),
        )
        for one in compare_waves(earlier, later)
        if one.earlier is not None
    ]


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
    if row.is_hidden or row.amount is None or row.low is None or row.high is None or row.respondents is None:
        return None
    return Shown(amount=row.amount, low=row.low, high=row.high, respondents=row.respondents)


def hidden_alike(reason: str) -> Why:
    """The reason of a hidden measure as readers are told: never whether its group is small or protects another."""
    return {"small_base": Why.SMALL_BASE, "not_estimable": Why.NOT_ESTIMABLE}.get(reason, Why.SMALL_GROUP)
