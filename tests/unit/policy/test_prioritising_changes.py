"""Scoring apart, closing and deciding: who may, what is refused, and what nobody sees too early."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_scopes import scope

from koersvast.access.conflicts import Changed
from koersvast.access.models import Municipality, User
from koersvast.policy.changes import prioritising as changes
from koersvast.policy.changes.prioritising import Choice, CriterionEntry, OptionEntry, PartyEntry
from koersvast.policy.models import Option, Prioritising, Score
from koersvast.policy.queries.prioritising import outcome_of, parties_of
from koersvast.reference.models import Taxonomy

pytestmark = pytest.mark.django_db
DAY = date(2020, 1, 6)


@pytest.fixture
def found(dalfsen: Municipality, anouk: User, burgemeester: User) -> Iterator[Prioritising]:
    taxonomy = Taxonomy.objects.create(code="proef", name_nl="Proef", name_en="Trial", valid_from=DAY)
    with scope(municipality=dalfsen):
        made = changes.open_round(
            municipality=dalfsen, title="Keuze", taxonomy=taxonomy, by=anouk,
            criteria=[CriterionEntry(name="Omvang", weight=Decimal(2)), CriterionEntry(name="Schade")],
            parties=[PartyEntry(name="Burgemeester", user=burgemeester), PartyEntry(name="Politie")],
        )  # fmt: skip
        changes.write_options(
            prioritising=made, options=[OptionEntry(title="Woninginbraken"), OptionEntry(title="Jeugd")], by=anouk
        )
        made.refresh_from_db()
        yield made


def scored(found: Prioritising, burgemeester: User, anouk: User) -> None:
    parties = {one.code: one for one in found.parties.all()}
    given = {("woninginbraken", "omvang"): Decimal(9), ("jeugd", "omvang"): Decimal(2)}
    changes.give_scores(party=parties["burgemeester"], points=given, by=burgemeester)
    changes.give_scores(party=parties["politie"], points={("woninginbraken", "schade"): Decimal(7)}, by=anouk)


def test_outcome_of_an_open_round_is_kept_from_everybody(found: Prioritising, burgemeester: User, anouk: User) -> None:
    scored(found, burgemeester, anouk)
    assert outcome_of(found) is None
    assert [(one.code, one.given) for one in parties_of(found)] == [("burgemeester", 2), ("politie", 1)]


def test_scores_of_a_party_with_a_person_are_refused_from_another(found: Prioritising, anouk: User) -> None:
    party = found.parties.get(code="burgemeester")
    with pytest.raises(ValidationError) as refused:
        changes.give_scores(party=party, points={("jeugd", "omvang"): Decimal(1)}, by=anouk)
    assert refused.value.code == "party_scores_itself"
    assert not Score.objects.exists()


def test_scores_of_a_paper_party_are_refused_from_who_may_not_edit(found: Prioritising, burgemeester: User) -> None:
    with pytest.raises(PermissionDenied):
        changes.give_scores(party=found.parties.get(code="politie"), points={}, by=burgemeester)


def test_score_taken_back_leaves_no_row(found: Prioritising, burgemeester: User, anouk: User) -> None:
    scored(found, burgemeester, anouk)
    party = found.parties.get(code="burgemeester")
    changes.give_scores(party=party, points={("jeugd", "omvang"): None}, by=burgemeester)
    assert party.scores.count() == 1


def test_closed_round_takes_no_scores_and_gives_an_outcome_with_counts(
    found: Prioritising, burgemeester: User, anouk: User
) -> None:
    scored(found, burgemeester, anouk)
    changes.close_scores(prioritising=found, by=anouk)
    found.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        changes.give_scores(party=found.parties.get(code="politie"), points={}, by=anouk)
    assert refused.value.code == "is_closed"
    outcome = outcome_of(found, top=1)
    assert outcome is not None
    assert [(one.code, one.given, one.asked) for one in outcome.options] == [("woninginbraken", 2, 4), ("jeugd", 1, 4)]


def test_decision_without_a_reason_for_every_option_is_refused(
    found: Prioritising, burgemeester: User, anouk: User
) -> None:
    scored(found, burgemeester, anouk)
    changes.close_scores(prioritising=found, by=anouk)
    choices = [Choice(option="woninginbraken", outcome=Option.Outcome.LOCAL, reason="Veel.")]
    with pytest.raises(ValidationError) as refused:
        changes.decide(prioritising=found, choices=choices, decided_on=DAY, body="college", by=anouk)
    assert refused.value.code == "choice_without_reason"


def test_decided_round_is_frozen_and_a_new_one_starts_from_it(
    found: Prioritising, burgemeester: User, anouk: User, dalfsen: Municipality
) -> None:
    scored(found, burgemeester, anouk)
    changes.close_scores(prioritising=found, by=anouk)
    choices = [
        Choice(option=code, outcome=Option.Outcome.KEPT_IN_VIEW, reason="Nu niet.")
        for code in ("woninginbraken", "jeugd")
    ]
    decided = changes.decide(prioritising=found, choices=choices, decided_on=DAY, body="college", by=anouk)
    with pytest.raises(ValidationError) as refused:
        changes.write_round(prioritising=decided, title="Anders", plan=None, scores_close_on=None, by=anouk)
    assert refused.value.code == "is_decided"
    again = changes.open_round(
        municipality=dalfsen, title="Keuze", taxonomy=decided.taxonomy, predecessor=decided, by=anouk
    )
    assert (again.code, again.options.count(), again.criteria.count()) == ("keuze-2", 2, 2)
    assert not Score.objects.filter(party__prioritising=again).exists()


def test_second_of_two_writers_is_told(found: Prioritising, anouk: User) -> None:
    seen = found.version
    changes.write_round(prioritising=found, title="Een", plan=None, scores_close_on=None, by=anouk, version=seen)
    with pytest.raises(Changed):
        changes.write_round(prioritising=found, title="Twee", plan=None, scores_close_on=None, by=anouk, version=seen)
