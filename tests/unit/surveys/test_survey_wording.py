"""Every code of the survey has a sentence of its own."""

import re
from pathlib import Path

import koersvast.surveys
from koersvast.surveys.codebook import Why
from koersvast.surveys.wording import difference, stands_in_the_way
from koersvast.surveys.wording.going_on import DIFFERENCES, STANDS_IN_THE_WAY
from koersvast.surveys.wording.reasons import REASONS
from koersvast.surveys.wording.refusals import REFUSALS

CODES = re.compile(
    r"(?:Why\(\s*code=|NotPrepared\(\s*|MarginRefused\(\s*|LinkRefused\(\s*|TakeOverRefused\(\s*|NotReady\(\s*"
    r'|NotReleasable\(\s*|FileDoesNotFit\(\s*|_fail\(\w+, |_as_json\()"([a-z_]+)"'
)


def test_every_code_has_a_sentence() -> None:
    folder = Path(koersvast.surveys.__file__).parent
    used = {code for path in folder.rglob("*.py") for code in CODES.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 60
    assert used - {*REASONS, *REFUSALS, *DIFFERENCES, *STANDS_IN_THE_WAY} == set()


def test_sentences_take_the_values_that_come_with_them() -> None:
    said = difference(Why(code="population_differs", values={"before": "15+", "now": "18+"}))
    assert "15+" in said
    assert "18+" in said
    assert "Dalfsen" in stands_in_the_way("undecided", {"indicator": "Dalfsen"})
