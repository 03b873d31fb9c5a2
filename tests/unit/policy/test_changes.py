"""Writing a plan: what belongs elsewhere is refused, and what was adopted keeps its judge."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django_scopes import scope

from koersvast.access.audit import Operator
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.policy.changes import plans
from koersvast.policy.changes.plans import PrincipleText
from koersvast.policy.models import Claim, Objective, Plan, Priority
from koersvast.reference.models import Field, Taxonomy, Theme
from tests.unit.policy import town as towns
from tests.unit.policy.town import Town

pytestmark = pytest.mark.django_db


def test_writing_twice_changes_the_one_plan(town: Town) -> None:
    again = plans.write_plan(
        municipality=town.municipality, code="ivb-2019", title="Andere titel", first_year=2019, last_year=2022,
        analysis_first_year=2013, analysis_last_year=2017, taxonomy=town.plan.taxonomy, area=town.area, by=town.by,
    )  # fmt: skip
    assert Plan.objects.get() == again
    assert again.title == "Andere titel"
    assert AuditRecord.objects.latest("pk").event == "plan.written"


def test_principles_are_replaced_as_a_whole(town: Town) -> None:
    plans.write_principles(plan=town.plan, principles=[PrincipleText(title="A"), PrincipleText(title="B")], by=town.by)
    plans.write_principles(plan=town.plan, principles=[PrincipleText(title="C")], by=town.by)
    assert [one.title for one in town.plan.principles.all()] == ["C"]


def test_plan_that_ends_before_it_begins_is_refused(town: Town) -> None:
    with pytest.raises((ValidationError, IntegrityError)):
        plans.write_plan(
            municipality=town.municipality, code="x", title="X", first_year=2022, last_year=2019,
            analysis_first_year=2013, analysis_last_year=2017, taxonomy=town.plan.taxonomy, area=town.area,
            by=town.by,
        )  # fmt: skip


def test_adopted_objective_keeps_its_indicator_and_source(adopted: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        plans.write_objective(
            plan=adopted.plan, code="woninginbraken", position=1, title="Aantal", indicator=adopted.burglary,
            source=adopted.police, by=adopted.by,
        )  # fmt: skip
    assert problem.value.code == "objective_is_adopted"
    renamed = plans.write_objective(
        plan=adopted.plan, code="woninginbraken", position=1, title="Andere titel", indicator=adopted.burglary,
        source=adopted.published, by=adopted.by,
    )  # fmt: skip
    assert Objective.objects.get(pk=renamed.pk).title == "Andere titel"


def test_theme_of_another_list_is_refused(town: Town) -> None:
    other = Taxonomy.objects.create(code="anders", name_nl="A", name_en="A", valid_from="2021-01-01")
    theme = Theme.objects.create(
        field=Field.objects.create(taxonomy=other, code="1", name_nl="V", name_en="F"), code="1", name_nl="T",
        name_en="T",
    )  # fmt: skip
    with pytest.raises(ValidationError) as problem:
        plans.write_priority(
            plan=town.plan, code="x", position=2, reach=Priority.Reach.LOCAL, title="X", themes=[theme], by=town.by
        )
    assert problem.value.code == "other_taxonomy"


def test_parts_of_another_municipality_are_refused(town: Town, raalte: Municipality, operator: Operator) -> None:
    with scope(municipality=raalte):
        other = towns.build(raalte, by=operator)
    with pytest.raises(ValidationError) as problem:
        plans.write_objective(plan=town.plan, code="x", position=3, title="X", indicator=other.burglary, by=town.by)
    assert problem.value.code == "other_municipality"
    with pytest.raises(ValidationError) as problem:
        plans.write_approach_line(plan=town.plan, position=1, text="X", objective=other.burglary_objective, by=town.by)
    assert problem.value.code == "other_plan"


def test_claim_with_a_period_that_is_none_is_refused(town: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        plans.write_claim(
            plan=town.plan, code="x", position=1, document="D", place="1", kind=Claim.Kind.FIGURE, subject="S",
            period="ooit", amount=Decimal(1), by=town.by,
        )  # fmt: skip
    assert problem.value.code == "period_unreadable"


WRITES: dict[str, Callable[[Town, User], object]] = {
    "principles": lambda town, by: plans.write_principles(plan=town.plan, principles=[], by=by),
    "priority": lambda town, by: plans.write_priority(
        plan=town.plan, code="x", position=9, reach=Priority.Reach.LOCAL, title="X", by=by
    ),
    "objective": lambda town, by: plans.write_objective(plan=town.plan, code="x", position=9, title="X", by=by),
    "line": lambda town, by: plans.write_approach_line(plan=town.plan, position=9, text="X", by=by),
    "claim": lambda town, by: plans.write_claim(
        plan=town.plan, code="x", position=9, document="D", place="1", kind=Claim.Kind.PROXY, subject="S", by=by
    ),
}


@pytest.mark.parametrize("what", WRITES)
def test_only_who_may_edit_writes_and_every_write_leaves_one_record(
    town: Town, anouk: User, raadslid: User, karim: User, what: str
) -> None:
    for stranger in (raadslid, karim):
        with pytest.raises(PermissionDenied):
            WRITES[what](town, stranger)
    before = AuditRecord.objects.count()
    WRITES[what](town, anouk)
    assert AuditRecord.objects.count() == before + 1
    assert AuditRecord.objects.latest("pk").actor == f"user:{anouk.pk}"
