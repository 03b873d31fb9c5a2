"""The ledger: versions side by side, what changed and why, and what later documents make of it."""

from datetime import date
from decimal import Decimal

import pytest

from koersvast.engine.quantities import TargetKind
from koersvast.policy.changes import plans, targets
from koersvast.policy.changes.targets import Revision
from koersvast.policy.models import Claim
from koersvast.policy.queries.ledger import Drift, LedgerEntry, ledger
from tests.unit.policy import town as towns
from tests.unit.policy.town import Town

pytestmark = pytest.mark.django_db


def burglary(town: Town) -> LedgerEntry:
    return ledger(town.plan).entries[0]


def revise(town: Town) -> None:
    targets.revise(
        plan=town.plan, revisions=[Revision(objective=town.burglary_objective, values={2022: Decimal(25)})],
        reason="Het toezicht viel een jaar uit.", body="gemeenteraad", decided_on=date(2020, 11, 9),
        document="Programmabegroting 2021", by=town.by,
    )  # fmt: skip


def test_draft_is_marked_and_has_no_decision(town: Town) -> None:
    found = ledger(town.plan)
    assert (found.drafts, found.decisions) == (2, ())
    [version] = burglary(town).versions
    assert (version.state, version.decision) == ("draft", None)


def test_revision_stands_beside_the_first_version_with_difference_and_reason(adopted: Town) -> None:
    revise(adopted)
    first, second = burglary(adopted).versions
    assert (first.state, second.state) == ("superseded", "adopted")
    assert second.decision
    assert (second.decision.number, second.decision.reason) == (2, "Het toezicht viel een jaar uit.")
    assert [
        (one.year, one.text, one.previous_text, one.difference_text) for one in second.values if one.is_changed
    ] == [(2022, "25", "20", "+5")]
    assert not any(one.is_changed for one in first.values)


def test_open_draft_stands_behind_what_was_adopted(adopted: Town) -> None:
    towns.draft_both(adopted)
    assert [one.state for one in burglary(adopted).versions] == ["adopted", "draft"]


def test_assumed_day_of_a_decision_is_said(town: Town) -> None:
    targets.adopt(
        plan=town.plan, body="gemeenteraad", decided_on=date(2018, 12, 17), date_is_assumed=True, document="Plan",
        by=town.by,
    )  # fmt: skip
    [decision] = ledger(town.plan).decisions
    assert decision.objectives == 2
    assert decision.date_text not in {"17 december 2018", "17 December 2018"}


def claim(town: Town, year: str, amount: int) -> Drift:
    plans.write_claim(
        plan=town.plan, code=f"begroting-{year}", position=1, document="Programmabegroting 2021", place="Veiligheid",
        kind=Claim.Kind.TARGET, subject="Woninginbraken", objective=town.burglary_objective, period=year,
        amount=Decimal(amount), by=town.by,
    )  # fmt: skip
    [drift] = burglary(town).drift
    return drift


def test_later_document_with_another_value_is_drift_and_says_for_which_year_it_was(adopted: Town) -> None:
    drift = claim(adopted, "2021", 30)
    assert (drift.differs, drift.agreed, drift.claimed, drift.difference_text) == (True, 25, 30, "+5")
    assert "2020" in drift.sentence


def test_later_document_with_the_same_value_is_no_drift(adopted: Town) -> None:
    assert not claim(adopted, "2021", 25).differs


def test_later_document_for_a_year_without_agreement_is_drift(adopted: Town) -> None:
    drift = claim(adopted, "2024", 15)
    assert (drift.differs, drift.agreed, drift.agreed_text) == (True, None, "")


def test_values_of_shares_differ_in_points(adopted: Town) -> None:
    targets.draft_targets(
        objective=adopted.nuisance_objective, kind=TargetKind.LEVEL, values={2021: Decimal(22)}, by=adopted.by
    )
    [value] = ledger(adopted.plan).entries[1].versions[1].values
    assert value.difference_text.startswith("+2 ")
    assert "%" not in value.difference_text


def test_queries_do_not_grow_with_versions(adopted: Town, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def] # pytest-django's fixture
    revise(adopted)
    towns.draft_both(adopted)
    with django_assert_max_num_queries(6):
        ledger(adopted.plan)
