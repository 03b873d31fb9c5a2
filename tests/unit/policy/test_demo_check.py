"""The demo's plan: the fifteen defects that a reader of the plan would name, and the drift of a later budget.

The table says what the defect is, which rules find it, and at which place. The places are those of the demo's files.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation
from django_scopes import scope

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.indicators.changes import load_reference
from koersvast.policy.changes.packages import import_package
from koersvast.policy.models import Plan
from koersvast.policy.queries.checking import CheckReport, check
from koersvast.policy.queries.ledger import ledger
from koersvast.policy.queries.standing import standing

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parents[3] / "demo"
TODAY = date(2026, 6, 1)

DEFECTS = [
    (1, "percent or percentage points", "P01", "claim:procent-te-hard-rijden"),
    (2, "two definitions of one indicator", "P03", "claim:overlast-omwonenden-doel"),
    (3, "17 % in the table, 13 % in the text: two values", "P03", "claim:jeugdoverlast-2013-tekst"),
    (3, "17 % in the table, 13 % in the text: not the registry", "P04", "claim:jeugdoverlast-2013-tekst"),
    (4, "63 to 61 % told as a decline", "P05", "claim:daling-te-hard-rijden"),
    (5, "24 to 20 % hardly shows with 1,244 people", "P06", "objective:woonoverlast"),
    (6, "baseline is the lowest year", "P08", "objective:woninginbraken"),
    (6, "35 is met by chance alone", "P07", "objective:woninginbraken"),
    (6, "a falling line that jumps", "P09", "claim:trend-woninginbraken"),
    (7, "target measured a year before the plan ends", "P10", "objective:te-hard-rijden"),
    (8, "the survey changed its method in 2021", "P11", "objective:te-hard-rijden"),
    (9, "panel and sample mixed", "P12", "source:veiligheidsmonitor"),
    (10, "youth groups are no longer classed", "P13", "indicator:jeugdgroepen"),
    (11, "regional priority without objective", "P14", "priority:ondermijning"),
    (12, "action without owner, term, cost, objective", "P15", "approach-line:1"),
    (12, "self-reliance measured by less need of information", "P16", "claim:middel-informatie-ziekte"),
    (13, "columns out of order", "P17", "claim:kolommen-tabel-2"),
    (13, "an empty place", "P31", "claim:leeg-verkeersdoden"),
    (14, "article 38 for article 38b", "P18", "claim:politiewet-inleiding"),
    (15, "every two years and every year", "P19", "claim:ritme-jaarplan"),
    (0, "budget of 2021 shifts the years", "P20", "claim:begroting-2021-woninginbraken-2021"),
    (0, "budget of 2021 relabels the share", "P21", "claim:begroting-2021-naam-te-hard-rijden"),
    (0, "22 % ranked above 21 %", "P26", "claim:rangorde-hondenpoep-woninginbraken"),
]


@pytest.fixture
def plan(roles: None, operator: Operator) -> Iterator[Plan]:
    load_reference(by=operator)
    import_package(DEMO, by=operator)
    with scope(municipality=Municipality.objects.get(code="GM0148")):
        yield Plan.objects.get()


def report(plan: Plan, *, language: str = "nl") -> CheckReport:
    with translation.override(language):
        return check(plan, today=TODAY)


def test_all_fifteen_defects_and_the_drift_are_found(plan: Plan) -> None:
    found = {(one.code, one.place_key) for one in report(plan).findings}
    assert {(code, place) for _, _, code, place in DEFECTS} - found == set()
    assert {number for number, *_ in DEFECTS} == set(range(16))


def test_numbers_of_the_defects_are_those_of_the_hand_calculation(plan: Plan) -> None:
    values = {(one.code, one.place_key): one.values for one in report(plan).findings}
    points = values["P01", "claim:procent-te-hard-rijden"]
    assert (points["points_amount"], points["relative_amount"]) == (55.0, 57.34)
    assert values["P06", "objective:woonoverlast"]["power_chance"] == pytest.approx(0.67, abs=0.005)
    assert values["P07", "objective:woninginbraken"]["met_chance"] == pytest.approx(0.24, abs=0.005)
    assert values["P08", "objective:woninginbraken"]["mean_estimate"] == 58.25
    change = values["P05", "claim:daling-te-hard-rijden"]
    assert change["high_change"] == pytest.approx(1.8, abs=0.05)
    assert ("P06", "objective:te-hard-rijden") not in values


def test_two_large_shares_that_do_differ_may_be_ranked(plan: Plan) -> None:
    places = {one.place_key for one in report(plan).findings if one.code == "P26"}
    assert places == {"claim:rangorde-hondenpoep-woninginbraken"}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_finding_reads_as_a_sentence(plan: Plan, language: str) -> None:
    for one in report(plan, language=language).findings:
        for text in (one.title, one.place, one.message, one.remedy, one.basis):
            assert text, one
            assert "{" not in text, one


def test_burglary_has_the_attained_and_the_rest_is_not_measured(plan: Plan) -> None:
    burglary, *others = standing(plan, known_on=TODAY, today=TODAY).objectives
    assert [(one.observed, one.agreed, one.attained) for one in burglary.path] == [
        (40, 35, False), (30, 30, True), (13, 25, True), (28, 20, False),
    ]  # fmt: skip
    assert burglary.baseline == 40
    assert {point.period: point.value for point in burglary.series}["2017"] == 42
    assert len(others) == 6
    assert {one.evidence for one in others} == {EvidenceVerdict.NOT_MEASURED}


def test_drift_of_the_budget_stands_in_the_ledger(plan: Plan) -> None:
    burglary = ledger(plan).entries[0]
    assert [(one.year, one.claimed, one.agreed, one.differs) for one in burglary.drift] == [
        (2021, 30, 25, True), (2022, 25, 20, True), (2023, 20, None, True), (2024, 15, None, True),
    ]  # fmt: skip
    [version] = burglary.versions
    assert version.decision
    assert version.decision.date_is_assumed


def test_whole_check_takes_a_bounded_number_of_queries(plan: Plan, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def] # pytest-django's fixture
    with django_assert_max_num_queries(22):
        check(plan, today=TODAY)
    with django_assert_max_num_queries(10):
        standing(plan, known_on=TODAY, today=TODAY)
