"""What a plan says, one objective in full, and what a decision would adopt."""

from datetime import date

import pytest
from django.utils import translation

from koersvast.policy.changes import plans, targets
from koersvast.policy.models import Priority
from koersvast.policy.queries.plans import adoption_preview, current_plan, objective_detail, plan_overview
from tests.unit.policy.town import TODAY, Town

pytestmark = pytest.mark.django_db


def test_overview_has_each_priority_with_its_objectives_and_approach(adopted: Town) -> None:
    plans.write_approach_line(
        plan=adopted.plan, position=1, text="Voorlichting", priority=adopted.priority, owner="Gemeente", by=adopted.by
    )
    plans.write_priority(
        plan=adopted.plan, code="cyber", position=2, reach=Priority.Reach.REGIONAL, title="Cyber", by=adopted.by
    )
    found = plan_overview(adopted.plan)
    [local] = found.local
    assert [one.code for one in local.objectives] == ["woninginbraken", "woonoverlast"]
    assert [(one.text, one.owner, one.cost_text) for one in local.approach_lines] == [("Voorlichting", "Gemeente", "")]
    assert [one.code for one in found.regional] == ["cyber"]
    assert (found.drafts, found.can_be_adopted, len(found.decisions)) == (0, False, 1)
    assert local.objectives[0].state == "adopted"


def test_objective_in_full_has_the_definition_that_was_agreed_on(adopted: Town) -> None:
    found = objective_detail(adopted.burglary_objective, known_on=TODAY, today=TODAY)
    assert found.definition == "woninginbraken: komt voor"
    assert found.standing.headline
    assert found.ledger.versions[0].values[-1].text == "20"
    assert not found.has_draft


def test_preview_names_every_draft_and_what_it_lacks(town: Town) -> None:
    assert adoption_preview(town.plan).can_be_adopted
    targets.withdraw_draft(objective=town.burglary_objective, by=town.by)
    found = adoption_preview(town.plan)
    assert [one.objective_code for one in found.drafts] == ["woonoverlast"]
    assert not found.is_revision


def test_preview_of_a_draft_without_baseline_says_so(town: Town) -> None:
    town.burglary_objective.target_sets.update(baseline_amount=None)
    found = adoption_preview(town.plan)
    assert not found.can_be_adopted
    assert "Aantal woninginbraken" in found.drafts[0].refusals[0]


@pytest.mark.parametrize(("today", "found"), [(date(2020, 1, 1), True), (date(2040, 1, 1), True)])
def test_current_plan_is_the_running_one_or_else_the_newest(town: Town, today: date, found: bool) -> None:
    assert (current_plan(today=today) == town.plan) is found


def test_texts_have_numbers_in_the_reader_s_way(adopted: Town) -> None:
    with translation.override("en"):
        sentence = plan_overview(adopted.plan).local[0].objectives[0].sentence
    assert sentence == "From 40 (2017) to 20 in 2022: −50% of the baseline."


def test_preview_warns_about_what_a_council_should_know_before_it_decides(town: Town) -> None:
    with translation.override("en"):
        burglary, nuisance = adoption_preview(town.plan, today=TODAY).drafts
    assert any("lowest" in text for text in burglary.warnings)
    assert any("67%" in text for text in nuisance.warnings)
    assert adoption_preview(town.plan).drafts[0].warnings == ()
