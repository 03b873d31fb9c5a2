"""Whatever a plan says, every rule answers, every answer has words in both languages, and no place is named twice."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Direction, Reading, TargetKind, Unit
from koersvast.engine.series import Series
from koersvast.policy.checks import run
from koersvast.policy.checks.facts import (
    ClaimFact,
    DecisionFact,
    IndicatorFact,
    LineFact,
    ObjectiveFact,
    PlanFacts,
    PriorityFact,
    SourceFact,
    TargetSetFact,
    WaveFact,
)
from koersvast.policy.checks.findings import Found
from koersvast.policy.rulebook import law_entries
from koersvast.policy.wording import findings as wording
from tests.unit.policy.test_checks import SPEAKS

KINDS = [
    "figure", "change", "trend", "target", "label", "citation", "rhythm", "ranking", "table", "sum", "promise",
    "programme", "proxy",
]  # fmt: skip
CODES = st.sampled_from(["a", "b", "c", ""])
PERIODS = st.sampled_from(["2013", "2016", "2017", "2018", "2020-Q2", "2021", "2022", "9998", "ooit", ""])
AMOUNTS = st.one_of(st.none(), st.sampled_from([0.0, 1e-9, 12.0, 40.0, 100.0, 101.0]), st.floats(-1e6, 1e7))
TEXTS = st.sampled_from(["", "6%", "6 procentpunt", "2014, 2013, 2014", "artikel 38 Politiewet", "2 + 4", "x {y}"])
DAYS = st.dates(date(1990, 1, 1), date(2050, 1, 1))
COUNTS = st.integers(0, 3)


def numbered[T](strategy: st.SearchStrategy[T], *, at_most: int = 4) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=at_most).map(tuple)


TARGET_SETS = st.builds(
    TargetSetFact,
    kind=st.sampled_from(TargetKind),
    values=st.dictionaries(st.sampled_from([0, 2017, 2019, 2021, 2022, 2030, 12000]), st.floats(-10, 1e6), max_size=4),
    stated_change=AMOUNTS,
    baseline_amount=AMOUNTS,
    baseline_period=PERIODS,
    baseline_source=CODES,
    is_adopted=st.booleans(),
)
WAVES = st.builds(
    WaveFact,
    period=PERIODS,
    is_planned=st.booleans(),
    respondents=st.one_of(st.none(), st.sampled_from([0, 1, 5, 1244])),
    design_effect=st.sampled_from([0.5, 1.0, 2.0]),
)


@st.composite
def figures(draw: st.DrawFn, unit: Unit) -> Series:
    years = draw(st.lists(st.integers(2010, 2024), unique=True, max_size=8))
    highest = {Unit.PERCENT: 100.0, Unit.SCALE_0_10: 10.0, Unit.MARK_1_10: 10.0}.get(unit, 1e5)
    values = st.one_of(st.sampled_from([1.0, 5.0, highest]), st.floats(1.0, highest))
    respondents = draw(st.one_of(st.none(), st.integers(1, 5000)))
    return Series(
        readings=tuple(
            Reading(period=Period.of_year(year), value=draw(values), unit=unit, respondents=respondents)
            for year in years
        )
    )


@st.composite
def plans(draw: st.DrawFn) -> PlanFacts:
    indicators = tuple(
        IndicatorFact(
            code=code,
            name=code,
            unit=draw(st.sampled_from(Unit)),
            direction=draw(st.sampled_from(Direction)),
            source=draw(CODES),
            wordings=(draw(TEXTS),),
            breaks=tuple(
                Break(on=on, kind=draw(st.sampled_from(["mode", "definition", "anders"])), factor=draw(
                    st.sampled_from([None, 1.1])
                ))
                for on in draw(st.lists(DAYS, max_size=2))
            ),
            discontinued_on=draw(st.one_of(st.none(), DAYS)),
        )
        for code in draw(st.lists(st.sampled_from("abc"), unique=True))
    )  # fmt: skip
    sources = tuple(
        SourceFact(
            code=code,
            name=code,
            is_survey=draw(st.booleans()),
            is_probability_sample=draw(st.sampled_from([None, True, False])),
            waves=draw(numbered(WAVES)),
        )
        for code in draw(st.lists(st.sampled_from("abc"), unique=True))
    )
    objectives = tuple(
        ObjectiveFact(
            code=f"o{place}", title=draw(TEXTS), priority=draw(CODES), wording=draw(TEXTS), indicator=draw(CODES),
            source=draw(CODES), agreed=draw(st.one_of(st.none(), TARGET_SETS)),
        )
        for place in range(draw(COUNTS))
    )  # fmt: skip
    claims = tuple(
        ClaimFact(
            code=f"c{place}", kind=draw(st.sampled_from(KINDS)), document=draw(TEXTS), place=draw(TEXTS),
            subject=draw(TEXTS), indicator=draw(CODES), objective=draw(st.sampled_from(["o0", "o1", ""])),
            period=draw(PERIODS), amount=draw(AMOUNTS), unit=draw(st.one_of(st.none(), st.sampled_from(Unit))),
            compared_period=draw(PERIODS), compared_amount=draw(AMOUNTS), label=draw(TEXTS),
        )
        for place in range(draw(st.integers(0, 8)))
    )  # fmt: skip
    first = draw(st.integers(2000, 2030))
    return PlanFacts(
        code="plan", title="Plan", first_year=first, last_year=first + draw(COUNTS), today=draw(DAYS),
        legal_basis=draw(TEXTS), has_successor=draw(st.booleans()), priorities_at_most=draw(COUNTS),
        priorities=tuple(
            PriorityFact(code=code, title=code, reach=draw(st.sampled_from(["local", "regional", "kept_in_view"])))
            for code in draw(st.lists(st.sampled_from("abc"), unique=True))
        ),
        objectives=objectives,
        lines=tuple(
            LineFact(position=place, text="x", priority=draw(CODES), objective=draw(CODES), owner=draw(TEXTS))
            for place in range(draw(COUNTS))
        ),
        decisions=tuple(
            DecisionFact(number=place, kind=draw(st.sampled_from(["adoption", "revision"])), body=draw(
                st.sampled_from(["gemeenteraad", "college"])
            ), decided_on=draw(DAYS))
            for place in range(draw(COUNTS))
        ),
        claims=claims, indicators=indicators, sources=sources,
        series={(one.code, source.code): draw(figures(one.unit)) for one in indicators for source in sources},
        law=law_entries(),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(facts=plans())
def test_rules_are_total_and_every_place_is_named_once(facts: PlanFacts) -> None:
    found = run(facts)
    places = [(one.code, one.place.key) for one in found]
    assert len(places) == len(set(places))
    for one in found:
        _has_words(one)


def _has_words(found: Found) -> None:
    for text in (wording.message(found), wording.remedy(found), wording.place(found.place)):
        assert isinstance(text, str)
        assert "nan" not in text.split()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("place", range(len(SPEAKS)))
def test_every_finding_has_a_sentence_and_a_remedy(language: str, place: int) -> None:
    code, facts, variant = SPEAKS[place]
    with translation.override(language):
        for found in run(facts, [code]):
            texts = (wording.message(found), wording.remedy(found), wording.place(found.place))
            assert all(text and "{" not in text and "None" not in text for text in texts), texts
            assert variant in {one.variant for one in run(facts, [code])}


def test_every_sentence_belongs_to_a_variant_that_a_rule_can_give() -> None:
    spoken = {(found.code, found.variant) for _, facts, _ in SPEAKS for found in run(facts)}
    rare = {
        ("P01", ""), ("P05", "no_figure"), ("P06", ""), ("P08", "zero"), ("P09", "chance"), ("P11", ""),
        ("P11", "definition"), ("P11", "registration"), ("P11", "boundary"),
    }  # fmt: skip
    assert set(wording.MESSAGES) - spoken <= rare
    assert {code for code, _ in wording.MESSAGES} == set(wording.REMEDIES)
