"""Drafting, adopting and revising: what is refused, and what can never change any more."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koersvast.access import audit
from koersvast.access.audit import Operator
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.engine.quantities import TargetKind
from koersvast.policy.changes import targets
from koersvast.policy.changes.targets import Revision
from koersvast.policy.models import Decision, Target, TargetSet
from tests.unit.policy import town as towns
from tests.unit.policy.town import ADOPTED_ON, Town

pytestmark = pytest.mark.django_db


def codes(problem: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    error = problem.value
    groups = error.error_dict.values() if hasattr(error, "error_dict") else [error.error_list]
    return [found.code or "" for group in groups for found in group]


def agreed(town: Town, number: int = 1) -> dict[int, Decimal]:
    found = Target.objects.filter(target_set__objective=town.burglary_objective, target_set__number=number)
    return dict(found.values_list("year", "agreed"))


def test_drafting_again_replaces_the_one_draft(town: Town) -> None:
    targets.draft_targets(
        objective=town.burglary_objective, kind=TargetKind.LEVEL, values={2022: Decimal(22)}, by=town.by
    )
    [draft] = town.burglary_objective.target_sets.all()
    assert (draft.number, draft.kind, agreed(town)) == (1, "level", {2022: Decimal(22)})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": TargetKind.POINTS, "stated_change": Decimal(-6)}, "points_need_a_share"),
        ({"values": {1066: Decimal(20)}}, "year_impossible"),
        ({"values": {2022: Decimal(-1)}}, "agreed_value_below_zero"),
        ({"baseline_period": "vorig jaar"}, "period_unreadable"),
        ({"baseline_period": "2022"}, "baseline_after_target"),
        ({"kind": TargetKind.RELATIVE, "stated_change": Decimal(-20)}, "last_value_contradicts_change"),
        ({"kind": TargetKind.ABSOLUTE, "stated_change": Decimal(-50)}, "agreed_value_below_zero"),
        ({"kind": TargetKind.ZERO}, "last_value_contradicts_change"),
        ({"kind": TargetKind.KEEP}, "last_value_contradicts_change"),
    ],
)
def test_draft_that_means_nothing_is_refused_with_a_code(town: Town, given: dict[str, object], code: str) -> None:
    proposal: dict[str, object] = {
        "kind": TargetKind.LEVEL, "values": {2022: Decimal(20)}, "baseline_amount": Decimal(40),
        "baseline_period": "2017", **given,
    }  # fmt: skip
    with pytest.raises(ValidationError) as problem:
        targets.draft_targets(objective=town.burglary_objective, by=town.by, **proposal)  # type: ignore[arg-type]
    assert codes(problem) == [code]


def test_draft_for_an_objective_without_indicator_is_refused(town: Town) -> None:
    town.burglary_objective.indicator = None
    with pytest.raises(ValidationError) as problem:
        targets.draft_targets(objective=town.burglary_objective, kind=TargetKind.LEVEL, values={}, by=town.by)
    assert codes(problem) == ["objective_without_indicator"]


def test_share_of_more_than_all_is_refused(town: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        targets.draft_targets(
            objective=town.nuisance_objective, kind=TargetKind.LEVEL, values={2021: Decimal(101)}, by=town.by
        )
    assert codes(problem) == ["agreed_value_above_hundred"]


def test_adoption_freezes_every_draft_under_one_decision(adopted: Town) -> None:
    [decision] = Decision.objects.all()
    assert (decision.number, decision.kind, decision.decided_on) == (1, "adoption", ADOPTED_ON)
    assert decision.target_sets.count() == 2
    assert not Target.objects.filter(is_adopted=False).exists()
    assert AuditRecord.objects.latest("pk").event == "targets.decided"
    assert AuditRecord.objects.latest("pk").detail == {"decision": 1, "objectives": ["woninginbraken", "woonoverlast"]}


def test_adoption_without_baseline_or_values_is_refused_and_changes_nothing(town: Town) -> None:
    targets.draft_targets(objective=town.burglary_objective, kind=TargetKind.LEVEL, values={}, by=town.by)
    with pytest.raises(ValidationError) as problem:
        towns.adopt(town)
    assert codes(problem) == ["draft_without_baseline", "draft_without_values"]
    assert "Aantal woninginbraken" in problem.value.messages[0]
    assert not Decision.objects.exists()
    assert not Target.objects.filter(is_adopted=True).exists()


def test_adoption_without_a_draft_is_refused(adopted: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        towns.adopt(adopted)
    assert codes(problem) == ["no_draft"]


def test_decision_of_tomorrow_is_refused(town: Town) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(ValidationError) as problem:
        targets.adopt(plan=town.plan, body="gemeenteraad", decided_on=tomorrow, document="x", by=town.by)
    assert codes(problem) == ["decision_in_future"]


def _raw(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _add_a_year() -> None:
    known = Target.objects.order_by("pk").first()
    assert known
    _raw(
        "INSERT INTO policy_target (target_set_id, year, agreed, is_adopted) "
        f"VALUES ({known.target_set_id}, 2031, 1, {'true' if connection.vendor == 'postgresql' else '1'})"
    )


def _slip_in_a_draft_year() -> None:
    """A year of a draft is moved to the adopted set."""
    adopted = TargetSet.objects.earliest("pk")
    draft = TargetSet.objects.create(objective=adopted.objective, number=9, kind="level")
    year = Target.objects.create(target_set=draft, year=2031, agreed=1)
    _raw(f"UPDATE policy_target SET target_set_id = {adopted.pk} WHERE id = {year.pk}")


@pytest.mark.parametrize(
    "write",
    [
        lambda: _raw("UPDATE policy_target SET agreed = 99"),
        lambda: _raw("DELETE FROM policy_target"),
        lambda: _raw("UPDATE policy_targetset SET kind = 'level'"),
        lambda: _raw("UPDATE policy_targetset SET decision_id = NULL"),
        lambda: _raw("UPDATE policy_decision SET body = 'college'"),
        lambda: _raw("DELETE FROM policy_decision"),
        _add_a_year,
        _slip_in_a_draft_year,
        lambda: Target.objects.bulk_create([Target(target_set=_changed().target_set, year=2031, agreed=1)]),
        lambda: Target.objects.update(agreed=99),
        lambda: Target.objects.bulk_update([_changed()], ["agreed"]),
        lambda: TargetSet.objects.update(note="anders"),
        lambda: Decision.objects.update(document="anders"),
    ],
    ids=[
        "raw target", "raw target away", "raw set", "raw set loose", "raw decision", "raw decision away",
        "raw year added", "raw year moved", "bulk year added",
        "bulk targets", "bulk_update targets", "bulk sets", "bulk decisions",
    ],
)  # fmt: skip
def test_adopted_values_cannot_be_rewritten_by_any_road(adopted: Town, write: Callable[[], None]) -> None:
    before = list(Target.objects.order_by("pk").values_list("agreed", flat=True))
    with pytest.raises(DatabaseError), transaction.atomic():
        write()
    assert list(Target.objects.order_by("pk").values_list("agreed", flat=True)) == before
    assert Decision.objects.get().body == "gemeenteraad"


def _changed() -> Target:
    target = Target.objects.first()
    assert target
    target.agreed = Decimal(99)
    return target


def test_withdrawing_a_draft_leaves_what_was_adopted(adopted: Town) -> None:
    targets.draft_targets(
        objective=adopted.burglary_objective, kind=TargetKind.LEVEL, values={2022: Decimal(28)}, by=adopted.by
    )
    targets.withdraw_draft(objective=adopted.burglary_objective, by=adopted.by)
    [kept] = adopted.burglary_objective.target_sets.all()
    assert kept.decision is not None
    with pytest.raises(ValidationError) as problem:
        targets.withdraw_draft(objective=adopted.burglary_objective, by=adopted.by)
    assert codes(problem) == ["no_draft"]


def revise(town: Town, **more: object) -> Decision:
    values: dict[str, object] = {
        "plan": town.plan, "revisions": [Revision(objective=town.burglary_objective, values={2022: Decimal(25)})],
        "reason": "Een jaar later door uitval van het toezicht.", "body": "gemeenteraad",
        "decided_on": date(2020, 11, 9), "document": "Programmabegroting 2021", "by": town.by, **more,
    }  # fmt: skip
    return targets.revise(**values)  # type: ignore[arg-type]


def test_revision_supersedes_with_reason_and_keeps_the_first_version(adopted: Town) -> None:
    decision = revise(adopted)
    assert (decision.number, decision.kind) == (2, "revision")
    newest = adopted.burglary_objective.target_sets.get(number=2)
    assert newest.supersedes == adopted.burglary_objective.target_sets.get(number=1)
    assert (newest.baseline_amount, newest.baseline_period) == (Decimal(40), "2017")
    assert agreed(adopted) == {2019: 35, 2020: 30, 2021: 25, 2022: 20}
    assert agreed(adopted, 2) == {2019: 35, 2020: 30, 2021: 25, 2022: 25}
    assert adopted.nuisance_objective.target_sets.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": "  "}, "revision_without_reason"),
        ({"revisions": []}, "no_draft"),
        ({"decided_on": date(2018, 1, 1)}, "decision_before_the_last"),
    ],
)
def test_revision_without_what_it_needs_is_refused_whole(adopted: Town, more: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as problem:
        revise(adopted, **more)
    assert codes(problem) == [code]
    assert not TargetSet.objects.filter(decision=None).exists()


def test_revision_while_a_draft_lies_open_or_before_any_adoption_is_refused(town: Town) -> None:
    with pytest.raises(ValidationError) as problem:
        revise(town)
    assert codes(problem) == ["draft_is_open"]
    targets.withdraw_draft(objective=town.burglary_objective, by=town.by)
    with pytest.raises(ValidationError) as problem:
        revise(town)
    assert codes(problem) == ["nothing_adopted"]


def test_adopting_a_draft_over_adopted_values_is_a_revision_and_needs_a_reason(adopted: Town) -> None:
    towns.draft_both(adopted)
    with pytest.raises(ValidationError) as problem:
        towns.adopt(adopted)
    assert codes(problem) == ["revision_without_reason"]


def test_somebody_without_the_permission_is_refused(town: Town, raadslid: User, karim: User) -> None:
    for stranger in (raadslid, karim):
        with pytest.raises(PermissionDenied):
            targets.adopt(plan=town.plan, body="x", decided_on=ADOPTED_ON, document="x", by=stranger)
        with pytest.raises(PermissionDenied):
            targets.draft_targets(objective=town.burglary_objective, kind=TargetKind.LEVEL, values={}, by=stranger)
        with pytest.raises(PermissionDenied):
            targets.withdraw_draft(objective=town.burglary_objective, by=stranger)


def test_same_codes_in_two_municipalities_do_not_touch(adopted: Town, raalte: Municipality, operator: Operator) -> None:
    with scope(municipality=raalte):
        other = towns.build(raalte, by=operator)
        assert TargetSet.objects.exclude(decision=None).count() == 0
        with pytest.raises(ValidationError) as problem:
            revise(adopted, plan=other.plan)
        assert codes(problem) == ["other_plan"]
        towns.adopt(other)
        assert Decision.objects.get().number == 1
    assert audit.verify().broken == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=st.dictionaries(
        st.integers(2018, 2040), st.decimals(0, 5000, places=1, allow_nan=False), min_size=1, max_size=8
    )
)
def test_whatever_is_drafted_is_what_is_adopted(town: Town, values: dict[int, Decimal]) -> None:
    with transaction.atomic():
        targets.draft_targets(
            objective=town.burglary_objective, kind=TargetKind.LEVEL, values=values, baseline_amount=Decimal(40),
            baseline_period="2017", by=town.by,
        )  # fmt: skip
        towns.adopt(town)
        assert agreed(town) == values
        transaction.set_rollback(True)
