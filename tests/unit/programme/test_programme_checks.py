"""The rules about the programme: each speaks where it should and is silent where it should, and raises nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.access.models import Municipality, User
from koersvast.partners.models import Agreement
from koersvast.policy.changes.answers import answer_finding, withdraw_answer
from koersvast.policy.models import Plan
from koersvast.policy.queries import checking as of_plan
from koersvast.programme.changes import actions as changes
from koersvast.programme.changes.actions import ContributionEntry
from koersvast.programme.checks import (
    RULES,
    ActionFact,
    ContributionFact,
    Named,
    ProgrammeFact,
    ProgrammeFacts,
    judged_of,
    run,
)
from koersvast.programme.models import Action, CheckMoment
from koersvast.programme.queries.checking import check, programme_facts, rule_entries
from koersvast.programme.wording.checking import MESSAGES, REMEDIES, message, place, remedy
from tests import cast
from tests.unit.programme.action_town import Acting, acting

TODAY = date(2024, 9, 1)
RUNNING = ProgrammeFact(code="up", title="UP", first_day=date(2024, 1, 1), last_day=date(2025, 12, 31))
PARTNER = ContributionFact(partner_code="politie", partner_name="Politie", agreed_on=date(2024, 1, 5))
GOOD = ActionFact(
    number=1, title="Avonden", priority="inbraak", objectives=("inbraak",), chain_link="prevention",
    output_measure="avonden", contributions=(PARTNER,),
)  # fmt: skip
FINE = ProgrammeFacts(
    today=TODAY, first_year=2024, last_year=2025, programmes=(RUNNING,), judged=RUNNING,
    actions=(GOOD, replace(GOOD, number=2, chain_link="repression")),
    objectives=(Named(code="inbraak", title="Inbraak"),),
    priorities=(Named(code="inbraak", title="Inbraak", reach="local"),), checked_years=frozenset({2024}),
)  # fmt: skip


def with_first(**fields: object) -> ProgrammeFacts:
    """The fine programme with another first action."""
    return replace(FINE, actions=(replace(GOOD, **fields), FINE.actions[1]))  # type: ignore[arg-type]


OVER = replace(RUNNING, last_day=date(2024, 6, 30))
ENDED_PACT = replace(PARTNER, agreement_code="c", agreement_title="C", agreement_ends_on=date(2024, 8, 31))
SPEAKS: list[tuple[str, str, ProgrammeFacts]] = [
    ("U01", "plan:programme", replace(FINE, programmes=(), judged=None, actions=())),
    ("U02", "programme:up", replace(FINE, programmes=(OVER,), judged=OVER)),
    ("U02", "programme:up", replace(FINE, last_year=2027)),
    ("U03", "programme:up", replace(FINE, programmes=(replace(RUNNING, state="draft"),))),
    ("U04", "action:1", with_first(has_owner=False)),
    ("U04", "action:1", with_first(has_term=False)),
    ("U04", "action:1", with_first(cost_is_known=False)),
    ("U04", "action:1", with_first(objectives=())),
    ("U05", "programme:up", with_first(has_mechanism=False)),
    ("U06", "programme:up", with_first(chain_link="")),
    ("U07", "objective:tweede", replace(FINE, objectives=(*FINE.objectives, Named(code="tweede", title="T")))),
    ("U08", "priority:inbraak", with_first(chain_link="repression")),
    ("U09", "organisation:politie", with_first(contributions=(replace(PARTNER, agreed_on=None),))),
    ("U10", "programme:up", with_first(uncovered_euro=Decimal("12.50"))),
    ("U11", "plan:check_moments", replace(FINE, checked_years=frozenset())),
    ("U12", "agreement:c", with_first(contributions=(ENDED_PACT,))),
    ("U13", "programme:up", with_first(has_output_planned=False)),
]
SILENT: list[tuple[str, ProgrammeFacts]] = [
    ("U02", replace(FINE, last_year=2023, plan_has_successor=True, programmes=(OVER,))),
    ("U03", replace(FINE, programmes=(replace(RUNNING, state="draft", first_day=date(2024, 9, 2)),))),
    ("U04", with_first(objectives=(), status="stopped")),
    ("U04", with_first(objectives=(), needs_objective=False)),
    ("U08", replace(FINE, actions=(GOOD,))),
    ("U08", replace(with_first(chain_link="repression"), priorities=(Named(code="inbraak", title="I",
                                                                            reach="kept_in_view"),))),
    ("U11", replace(FINE, last_year=2030, programmes=(replace(RUNNING, last_day=date(2030, 12, 31)),))),
    ("U12", with_first(contributions=(replace(ENDED_PACT, agreement_ends_on=TODAY),))),
    (
        "U12",
        replace(
            with_first(contributions=(ENDED_PACT,)), judged=replace(OVER), programmes=(OVER,), today=date(2026, 1, 1)
        ),
    ),
    ("U13", with_first(output_measure="", has_output_planned=False)),
]  # fmt: skip


def test_programme_that_says_everything_gets_no_findings() -> None:
    assert run(FINE) == ()
    assert {code for code, *_ in SPEAKS} == set(RULES)


@pytest.mark.parametrize(("code", "key", "facts"), SPEAKS)
def test_rule_speaks_once_and_at_its_place(code: str, key: str, facts: ProgrammeFacts) -> None:
    assert [(one.code, one.place.key) for one in run(facts)] == [(code, key)]


@pytest.mark.parametrize(("code", "facts"), SILENT)
def test_rule_is_silent_where_nothing_is_wrong(code: str, facts: ProgrammeFacts) -> None:
    assert list(RULES[code](facts)) == []


def test_many_actions_with_the_same_gap_are_one_finding_that_names_the_first() -> None:
    bare = tuple(replace(GOOD, number=number, has_mechanism=False) for number in range(1, 41))
    [found] = RULES["U05"](replace(FINE, actions=bare))
    assert found.values == {"number": 40, "total": 40, "numbers": "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …"}


days = st.dates(date(2015, 1, 1), date(2035, 1, 1))
short = st.text("abc", max_size=2)
contributions = st.builds(
    ContributionFact, partner_code=short, partner_name=short, agreed_on=st.none() | days, agreement_code=short,
    agreement_ends_on=st.none() | days,
)  # fmt: skip
action_facts = st.builds(
    ActionFact, number=st.integers(1, 99), title=short, priority=short, objectives=st.lists(short).map(tuple),
    has_owner=st.booleans(), has_term=st.booleans(), cost_is_known=st.booleans(), has_mechanism=st.booleans(),
    uncovered_euro=st.decimals(0, 999, places=2), has_output_planned=st.booleans(), output_measure=short,
    chain_link=st.sampled_from(["", *Action.ChainLink.values]), status=st.sampled_from(Action.Status.values),
    contributions=st.lists(contributions, max_size=3).map(tuple),
)  # fmt: skip
programmes_given = st.builds(
    lambda code, title, ends, state: ProgrammeFact(
        code=code, title=title, first_day=min(ends), last_day=max(ends), state=state
    ),
    short, short, st.tuples(days, days), st.sampled_from(["draft", "adopted", "closed"]),
)  # fmt: skip


@settings(deadline=None)
@given(
    facts=st.builds(
        ProgrammeFacts,
        today=days,
        first_year=st.integers(2000, 2030),
        last_year=st.integers(2000, 2030),
        programmes=st.lists(programmes_given, max_size=3).map(tuple),
        actions=st.lists(action_facts, max_size=4).map(tuple),
        objectives=st.lists(st.builds(Named, code=short, title=short), max_size=3).map(tuple),
        priorities=st.lists(st.builds(Named, code=short, title=short, reach=short), max_size=3).map(tuple),
    )
)
def test_whatever_the_facts_every_finding_can_be_said(facts: ProgrammeFacts) -> None:
    judged = judged_of(facts.programmes, today=facts.today)
    whole = replace(facts, judged=judged, actions=facts.actions if judged else ())
    found = run(whole)
    if not facts.programmes:
        assert [one.code for one in found] == ["U01"]
    for language in ("nl", "en"):
        with translation.override(language):
            for one in found:
                assert "{" not in message(one) + remedy(one) + place(one.place)


def test_every_rule_has_its_words_and_its_entry() -> None:
    assert list(rule_entries()) == list(RULES) == [f"U{number:02d}" for number in range(1, 14)]
    assert set(REMEDIES) == {code for code, _ in MESSAGES} == set(RULES)


@pytest.fixture
def here(dalfsen: Municipality) -> Iterator[Acting]:
    with scope(municipality=dalfsen):
        yield acting(dalfsen)


def codes_at(here: Acting) -> set[tuple[str, str]]:
    return {
        (one.code, one.place_key) for one in check(here.town.plan, today=TODAY).findings if one.code.startswith("U")
    }


@pytest.mark.django_db
def test_check_of_a_programme_finds_what_its_actions_do_not_say_until_they_say_it(here: Acting) -> None:
    # The plan is of 2019-2022; the programmes are of later years, and both are drafts.
    action = here.write("Alleen een titel")
    assert codes_at(here) == {
        ("U03", "programme:up-2024"), ("U04", "action:1"), ("U05", "programme:up-2024"),
        ("U06", "programme:up-2024"), ("U07", "objective:woninginbraken"), ("U07", "objective:woonoverlast"),
        ("U11", "plan:check_moments"),
    }  # fmt: skip
    pact = Agreement.objects.create(
        municipality=here.town.municipality, code="pact", title="Pact", kind="covenant", purpose="Samen",
        ends_on=date(2024, 8, 31),
    )  # fmt: skip
    full = replace(
        here.full_draft(), contributions=(ContributionEntry(organisation=here.welfare, agreement=pact),),
        objectives=(here.town.burglary_objective, here.town.nuisance_objective), output_planned=None,
    )  # fmt: skip
    changes.write_action(programme=here.programme, draft=full, by=cast.OPERATOR, action=action)
    for year in range(2019, 2023):
        CheckMoment.objects.create(
            municipality=here.town.municipality, plan=here.town.plan, kind="year", title=str(year), period=str(year),
            planned_on=date(year + 1, 2, 1),
        )  # fmt: skip
    assert codes_at(here) == {
        ("U03", "programme:up-2024"), ("U09", "organisation:welzijn"), ("U10", "programme:up-2024"),
        ("U12", "agreement:pact"), ("U13", "programme:up-2024"),
    }  # fmt: skip
    with translation.override("nl"):
        told = {one.code: one.message for one in check(here.town.plan, today=TODAY).findings}
    assert told["U10"] == "Voor €\N{NO-BREAK SPACE}500 is er geen dekking. Acties: 1."


@pytest.mark.django_db
def test_plan_without_a_programme_gets_one_finding_and_all_those_of_the_plan(here: Acting) -> None:
    here.later.delete()
    here.programme.delete()
    whole, plan_only = check(here.town.plan, today=TODAY), of_plan.check(here.town.plan, today=TODAY)
    assert [one.code for one in whole.findings if one not in plan_only.findings] == ["U01"]
    assert [rule.code for rule in whole.rules if rule not in plan_only.rules] == list(RULES)


@pytest.mark.django_db
def test_finding_about_the_programme_is_answered_like_any_other(here: Acting, anouk: User) -> None:
    here.write("Alleen een titel")
    answer_finding(plan=here.town.plan, rule="U04", place="action:1", text="Wordt in maart ingevuld.", by=anouk)
    report = check(here.town.plan, today=TODAY)
    answered = {one.code: one.answer.text for one in report.findings if one.answer}
    assert answered == {"U04": "Wordt in maart ingevuld."}
    assert report.stale_answers == ()
    changes.remove_action(action=Action.objects.get(), by=anouk)
    assert check(here.town.plan, today=TODAY).stale_answers == ("U04@action:1",)
    withdraw_answer(plan=here.town.plan, rule="U04", place="action:1", by=anouk)
    assert check(here.town.plan, today=TODAY).stale_answers == ()


@pytest.mark.django_db
def test_check_takes_as_many_queries_for_twenty_actions_as_for_one(here: Acting) -> None:
    counts = []
    for many in (1, 19):
        for number in range(many):
            here.write(f"Actie {number}", owner_organisation=here.police, costs=here.full_draft().costs)
        with CaptureQueriesContext(connection) as asked:
            programme_facts(Plan.objects.get(), today=TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
