"""What counts as an answer, and what goes on with its error: small cases with the arithmetic in sight."""

import numpy as np
import pyarrow as pa
import pytest

from koersvast.connectors.microdata import Microdata, Variable
from koersvast.surveys.changes.links import _rests_on_few
from koersvast.surveys.codebook import Answer, Base, Cut, Entry, Role
from koersvast.surveys.columns import Respondents
from koersvast.surveys.models import SurveyEstimate
from koersvast.surveys.preparing import items_of

# Does it occur (1 yes, 2 no), and how much (1 much, 2 a little, 3 none). The fourth answered though not asked.
OCCURS = [1.0, 1.0, 2.0, 2.0, 1.0]
HOW_MUCH = [1.0, 3.0, None, 1.0, 2.0]


@pytest.mark.parametrize(("others_count", "expected"), [(True, [1, 0, 0, 0, 1]), (False, [1, 0, -1, -1, 1])])
def test_answer_of_who_was_not_asked_counts_nowhere(others_count: bool, expected: list[int]) -> None:
    table = pa.table({"occurs": pa.array(OCCURS), "much": pa.array(HOW_MUCH)})
    given = Microdata(variables=(Variable(name="occurs"), Variable(name="much")), table=table, kind_of_file="csv")
    entry = Entry(
        code="much",
        variables=("much",),
        role=Role.QUESTION,
        text_nl="Hoeveel overlast?",
        answers=tuple(Answer(code=code, text_nl=str(code)) for code in (1.0, 2.0, 3.0)),
        cuts=(Cut(code="some", text_nl="een beetje tot veel", answers=(1.0, 2.0)),),
        base=Base(variable="occurs", answers=(1.0,), others_count=others_count),
    )
    whole, cut = items_of(Respondents(given, np.ones(5, dtype=bool)), entry)
    assert cut.item.values.tolist() == expected
    counted = [int(code in (0, 1)) if code >= 0 else -1 for code in whole.item.values]
    assert counted == expected


@pytest.mark.parametrize(
    ("amount", "effective", "few"),
    [(0.0, 500.0, True), (100.0, 500.0, True), (0.9, 500.0, True), (1.0, 500.0, False), (61.0, 1066.0, False)],
)
def test_share_of_fewer_than_five_answers_goes_on_without_its_error(amount: float, effective: float, few: bool) -> None:
    row = SurveyEstimate(unit="percent", amount=amount, effective_respondents=effective, respondents=1244)
    assert _rests_on_few(row) is few


def test_mean_keeps_its_error() -> None:
    assert not _rests_on_few(SurveyEstimate(unit="mark_1_10", amount=1.0, effective_respondents=3.0, respondents=3))
