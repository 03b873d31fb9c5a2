"""Two thousand actions and five hundred partners take as many queries as twenty actions do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from koersvast.access.changes import load_roles
from koersvast.partners.models import Organisation
from koersvast.programme.changes.several import outcomes
from koersvast.programme.changes.storing import whole
from koersvast.programme.models import Action, Contribution, CostLine, Programme, ProgressReport
from koersvast.programme.queries.actions import ActionFilter, actions, coverage, grouped, priorities_of, three_w
from tests import cast
from tests.unit.programme.action_town import Acting, acting

pytestmark = pytest.mark.django_db
TODAY, NOW = date(2024, 9, 1), datetime(2024, 8, 1, tzinfo=UTC)


def fill(here: Acting, programme: Programme, *, many: int, partners: list[Organisation], first: int) -> None:
    """So many actions, each with an objective, two partners, a cost and a report."""
    municipality = here.town.municipality
    made = Action.objects.bulk_create(
        Action(
            municipality=municipality, programme=programme, number=first + place, title=f"Actie {place}",
            priority=here.town.priority, chain_link=Action.ChainLink.values[place % 5], created_at=NOW, changed_at=NOW,
            owner_organisation=partners[place % len(partners)], starts_on=date(2024, 1, 1), hours=Decimal(2),
        )
        for place in range(many)
    )  # fmt: skip
    through = Action.objectives.through
    through._default_manager.bulk_create(
        through(action_id=one.pk, objective_id=here.town.burglary_objective.pk) for one in made
    )
    Contribution.objects.bulk_create(
        Contribution(action=one, organisation=partners[(place + step) % len(partners)])
        for place, one in enumerate(made)
        for step in (1, 2)
    )
    CostLine.objects.bulk_create(CostLine(action=one, year=2024, euro=Decimal("12.50"), cover="grant") for one in made)
    ProgressReport.objects.bulk_create(
        ProgressReport(action=one, at=NOW, state="running", line="Loopt", way="page", reported_by="user:1")
        for one in made
    )


@pytest.fixture(scope="module")
def here(held_rows: None) -> Iterator[Acting]:
    load_roles(by=cast.OPERATOR)
    dalfsen = cast.municipality("Dalfsen")
    with scope(municipality=dalfsen):
        built = acting(dalfsen)
        partners = Organisation.objects.bulk_create(
            Organisation(municipality=dalfsen, code=f"p{place}", name=f"Partner {place}", kind="other")
            for place in range(500)
        )
        fill(built, built.later, many=20, partners=partners, first=1)
        fill(built, built.programme, many=2000, partners=partners, first=21)
        yield built


def everything(programme: Programme) -> tuple[int, int]:
    """Ask all that the views of a programme ask: the number of actions and of queries."""
    programme = Programme.objects.select_related("plan", "municipality").get(pk=programme.pk)
    with CaptureQueriesContext(connection) as asked:
        lines = actions(programme, chosen=ActionFilter(text="partner", sort="owner"), today=TODAY)
        three_w(programme, lines)
        coverage(lines, priorities_of(programme))
        for by in ("objective", "priority", "partner", "unit", "chain_link"):
            grouped(lines, by)
    return len(lines), len(asked)


def test_views_of_a_programme_take_the_same_few_queries_however_many_actions(here: Acting) -> None:
    few, queries_of_few = everything(here.later)
    many, queries_of_many = everything(here.programme)
    assert (few, many) == (20, 2000)
    assert queries_of_many == queries_of_few <= 8


def test_preview_of_many_changes_takes_the_same_few_queries(here: Acting) -> None:
    counts = []
    for programme in (here.later, here.programme):
        with CaptureQueriesContext(connection) as asked:
            told = outcomes(whole(programme.actions.all()), values={"owner_role": "jurist"})
        assert all(one.changed == ("owner_role",) for one in told)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_sums_of_two_thousand_actions_are_exact(here: Acting) -> None:
    table = three_w(here.programme, actions(here.programme, chosen=ActionFilter(), today=TODAY))
    assert (table.total.euro, table.total.hours) == (Decimal("25000.00"), Decimal(4000))
    assert (table.total.actions, table.total.without_amount) == (2000, 0)
