"""Sentences: every pair of fact and evidence, every reason code, in both languages, never overstating a chance."""

import re
from pathlib import Path
from typing import Literal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from koersvast.engine.dispersion import POISSON
from koersvast.engine.evidence import Thresholds
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, EvidenceVerdict, Method, Missing, Reading, Reason, Unit
from koersvast.policy.steering import Judgement, Lean
from koersvast.policy.wording import amounts
from koersvast.policy.wording.reasons import SENTENCES, reason_sentence
from koersvast.policy.wording.verdicts import Subject, plan_sentence, verdict_sentence

SOURCE = Path(__file__).parents[3] / "src" / "koersvast"
SUBJECT = Subject(title="Aantal woninginbraken", unit=Unit.COUNT, decimals=0)


def judgement(
    evidence: EvidenceVerdict,
    *,
    observed: float | None = 13,
    attained: bool | None = True,
    probability: float | None = 0.99,
    lean: Lean | None = None,
    missing: Missing | None = None,
    reasons: tuple[Reason, ...] = (),
) -> Judgement:
    period = Period.of_year(2021)
    return Judgement(
        period=period,
        observed=None if observed is None else Reading(period=period, value=observed, unit=Unit.COUNT),
        agreed=25,
        agreed_originally=25,
        direction=Direction.LOWER_IS_BETTER,
        attained=attained,
        evidence=evidence,
        probability=probability,
        lean=lean,
        low=None,
        high=None,
        dispersion=POISSON,
        sensitivity=None,
        missing=missing,
        reasons=reasons,
        method=Method(name="evidence-count", version="1"),
        thresholds=Thresholds(),
    )


def test_sentence_of_a_target_that_is_met_and_on_course() -> None:
    with translation.override("nl"):
        text = verdict_sentence(judgement(EvidenceVerdict.ON_COURSE), SUBJECT, is_due=True)
    assert text == (
        "Het aantal woninginbraken kwam in 2021 uit op 13; afgesproken was 25 of minder. Het doel van dat jaar is "
        "gehaald, en de kans dat het niveau achter het cijfer op of onder 25 ligt, is 99\u00a0%: op koers."
    )


def test_sentence_about_a_title_without_a_counting_word_opens_with_the_title_itself() -> None:
    subject = Subject(title="Bekendheid van de risicokaart", unit=SUBJECT.unit)
    with translation.override("nl"):
        text = verdict_sentence(judgement(EvidenceVerdict.ON_COURSE), subject, is_due=True)
    assert text.startswith("Bekendheid van de risicokaart kwam in 2021 uit op 13;")


FOUND: list[tuple[EvidenceVerdict, float | None, Literal["on", "off"] | None]] = [
    (EvidenceVerdict.ON_COURSE, 0.95, None),
    (EvidenceVerdict.OFF_COURSE, 0.04, None),
    (EvidenceVerdict.CANNOT_TELL, 0.7, "on"),
    (EvidenceVerdict.CANNOT_TELL, 0.5, "on"),
    (EvidenceVerdict.CANNOT_TELL, 0.2, "off"),
    (EvidenceVerdict.CANNOT_TELL, None, None),
]
CASES = [
    judgement(verdict, attained=attained, probability=probability, lean=lean)
    for verdict, probability, lean in FOUND
    for attained in (True, False)
] + [
    judgement(EvidenceVerdict.NOT_MEASURED, observed=None, attained=None, probability=None, missing=missing)
    for missing in Missing
]  # fmt: skip
CASES.append(
    judgement(
        EvidenceVerdict.NOT_COMPARABLE, attained=None, probability=None,
        reasons=(Reason(code="break_between", values={"on": "2021-01-01", "kind": "mode", "note": ""}),),
    )
)  # fmt: skip


@pytest.mark.parametrize("is_due", [True, False])
def test_every_pair_has_a_sentence_of_its_own_in_both_languages(is_due: bool) -> None:
    said: dict[str, list[str]] = {}
    for language in ("nl", "en"):
        with translation.override(language):
            said[language] = [verdict_sentence(case, SUBJECT, is_due=is_due) for case in CASES]
        assert all("{" not in text and "None" not in text for text in said[language])
        assert len(set(said[language])) >= len(CASES) - 2
    assert not set(said["nl"]) & set(said["en"])


VALUES: dict[str, float | int | str] = {
    "agreed": 25, "baseline": 40, "baseline_amount": 40, "chance": 0.24, "design_effect": 1.5, "earlier": 1,
    "events": 3, "factor": 1.1, "factor_se": 0.1, "high": 60, "kind": "mode", "last": 27, "later": 2, "low": 20,
    "mean": 58.25, "needed": 4, "note": "", "observed": "Open tabel", "of": "2013, 2014", "on": "2021-01-01",
    "absent": 2, "inhabitants": 40, "kinds": "1.1.1", "known": 12, "left_out": 1,
    "amount": -3, "extra": "spark", "level": "buurt", "name": "kubus", "periods_a_year": 12, "version": 17,
    "years": 9, "share": 0.6, "source": "Bron", "start": "2021-07",
    "year": 2016, "cautious_p_value": 0.08, "own_amount": 42, "p_value": 0.03, "period": "2017", "periods": 4,
    "periods_known": 2, "periods_needed": 4, "phi": 2.1,
    "points": 3, "power": 0.67, "probability": 0.31, "relative": 57.34, "respondents": 1244, "series": "Politie",
    "smallest_detectable": 19.4, "wanted": 0.8, "years_ahead": 5, "years_known": 3,
}  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("unit", [Unit.COUNT, Unit.PERCENT])
def test_every_reason_has_a_sentence(language: str, code: str, unit: Unit) -> None:
    with translation.override(language):
        text = reason_sentence(Reason(code=code, values=VALUES), unit=unit)
    assert text
    assert "{" not in text
    assert text.endswith(".")


def test_every_reason_that_a_calculation_gives_has_a_sentence() -> None:
    """Codes are read from the source: a new one without words shows here, not on a council's screen."""
    # The other calculations judge figures without an agreement: their reasons are worded with the indicators.
    engine = [SOURCE / "engine" / f"{name}.py" for name in ("evidence", "dispersion", "forecast", "series", "targets")]
    files = [*engine, SOURCE / "policy" / "steering.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    given_codes = set(re.findall(r'(?:code=|_not_estimable\(\s*|BadTarget\(|_needed\(\w+, |code = )"([a-z_]+)"', text))
    given_codes |= set(re.findall(r'else "([a-z]+_unknown)"', text)) | {missing.value for missing in Missing}
    assert len(given_codes) > 25
    assert given_codes - set(SENTENCES) == set()


@given(chance=st.floats(0, 1))
def test_chance_never_looks_past_the_limit_that_decided_its_verdict(chance: float) -> None:
    limits = (0.90, 0.10)
    with translation.override("en"):
        text = amounts.probability(chance, limits=limits)
    assert text not in {"0%", "100%"}
    shown = float(text.removeprefix("more than ").removeprefix("less than ").rstrip("%")) / 100
    if shown >= 0.90:
        assert chance >= 0.8995
    if chance < 0.8995:
        assert shown < 0.90


def test_points_and_percent_are_never_one_word() -> None:
    with translation.override("nl"):
        assert amounts.difference(-6, Unit.PERCENT) == "−6 procentpunt"
        assert amounts.difference(5, Unit.COUNT) == "+5"
        assert amounts.amount(57.34, Unit.PERCENT) == "57,34\u00a0%"
        assert amounts.amount(1244, Unit.COUNT) == "1.244"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_sentence_of_the_plan_counts_every_verdict(language: str, number: int) -> None:
    counts = dict.fromkeys(EvidenceVerdict, number)
    with translation.override(language):
        text = plan_sentence(counts, without_agreement=number)
    assert "{" not in text
    numbers = [int(found) for found in re.findall(r"\d+", text)]
    assert numbers == ([6 * number] + [number] * 6 if number else [])
