"""Whatever a national table can be refused or put apart for has a sentence in two languages, with its values."""

import pytest
from django.utils import translation

from koersvast.indicators.matching import CODES
from koersvast.indicators.wording import worded
from koersvast.indicators.wording.registers import SENTENCES, STEPS, retrieval_sentence, step_name
from koersvast.registers.plausibility import REASONS
from koersvast.registers.source import UNREADABLE

OWN = {
    "stopped_halfway": ("minutes",),
    "went_wrong": ("table",),
    "nothing_kept": ("table",),
    "kind_dropped": ("table", "kinds"),
}
WANTED = {code: kind.values for code, kind in REASONS.items()} | dict(UNREADABLE) | OWN
SAMPLES: dict[str, str | int | float] = {
    "on": "2026-11-16", "modified": "2026-11-16", "held": "2025-01-02T02:00:00", "factor": 1000.0, "count": 1234,
    "now": 134711000.0, "before": 134722.0, "number": 3, "year": 2024, "minutes": 20,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(WANTED))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_has_a_sentence_with_all_of_its_values(code: str, language: str) -> None:
    values = {name: SAMPLES.get(name, f"<{name}>") for name in WANTED[code]}
    with translation.override(language):
        said = retrieval_sentence(code, values)
    with translation.override("en"):
        english = retrieval_sentence(code, values)
    assert "{" not in said
    assert said.endswith(".")
    if language == "nl":
        assert said != english, "the Dutch is missing"


def test_page_has_no_sentence_for_what_cannot_happen() -> None:
    assert set(SENTENCES) == set(WANTED)


def test_reason_over_all_kinds_and_periods_says_all() -> None:
    values: dict[str, str | int | float] = {
        "measure": "registered",
        "kind": "",
        "period": "",
        "factor": 1000.0,
        "now": 134711000.0,
        "before": 134722.0,
    }
    with translation.override("nl"):
        said = retrieval_sentence("scaled", values)
    assert said == (
        "De cijfers zijn 1.000 keer zo groot als eerst (alle soorten, alle perioden): samen 134.711.000 in plaats van "
        "134.722."
    )


def test_problem_of_fetching_ends_with_its_code() -> None:
    with translation.override("nl"):
        assert retrieval_sentence("N20", {"host": "opendata.cbs.nl"}).endswith("(N20)")


def test_every_remark_on_a_table_is_worded() -> None:
    with translation.override("nl"):
        for code in ("W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19"):
            values = {name: SAMPLES.get(name, f"<{name}>") for name in CODES[code][1]} | {"as_of": "2026-11-16"}
            said = worded(code, {name: values[name] for name in CODES[code][1]})
            assert "{" not in said.sentence


def test_unknown_step_waits() -> None:
    assert step_name("pages") == str(STEPS["pages"])
    assert step_name("something new") == str(STEPS[""])
