"""A town with a programme for the tests of actions: two programmes, four organisations, somebody to turn to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from koersvast.access.models import Municipality
from koersvast.partners.models import Contact, Organisation
from koersvast.programme.changes.actions import (
    ActionDraft,
    ContributionEntry,
    CostEntry,
    write_action,
    write_programme,
)
from koersvast.programme.models import Action, CostLine, Programme
from tests import cast
from tests.unit.policy.town import Town, build

COVER = CostLine.Cover


@dataclass(frozen=True, kw_only=True)
class Acting:
    """Everything of the town that a test of actions may want to hold."""

    town: Town
    programme: Programme
    later: Programme
    safety: Organisation
    police: Organisation
    welfare: Organisation
    gone: Organisation
    agent: Contact

    def write(self, title: str = "Buurtpreventie", **fields: object) -> Action:
        """A new action with these fields."""
        draft = ActionDraft(title=title, **fields)  # type: ignore[arg-type]
        return write_action(programme=self.programme, draft=draft, by=cast.OPERATOR)

    def full_draft(self) -> ActionDraft:
        """An action of which everything was said."""
        return ActionDraft(
            title="Avonden over inbraak", text="In elke kern een avond.", mechanism="Wie weet hoe, sluit beter af.",
            priority=self.town.priority, chain_link=Action.ChainLink.PREVENTION, owner_organisation=self.police,
            owner_contact=self.agent, owner_role="wijkagent", starts_on=date(2024, 3, 1), ends_on=date(2024, 11, 30),
            recurrence=Action.Recurrence.MONTHLY, hours=Decimal("40.5"), output_measure="avonden",
            output_planned=Decimal(5), output_unit="avonden", objectives=(self.town.burglary_objective,),
            contributions=(ContributionEntry(organisation=self.welfare, text="zaal", agreed_on=date(2024, 1, 5)),),
            costs=(
                CostEntry(year=2024, euro=Decimal("1250.50"), cover=COVER.PROGRAMME, cover_name="Veiligheid"),
                CostEntry(year=2025, euro=Decimal(500), cover=COVER.UNCOVERED),
            ),
        )  # fmt: skip


def acting(municipality: Municipality) -> Acting:
    """Build it inside the scope of `municipality`."""
    town = build(municipality, by=cast.OPERATOR)
    programme = write_programme(
        municipality=municipality, plan=town.plan, code="up-2024", title="Uitvoeringsprogramma 2024-2025",
        first_day=date(2024, 1, 1), last_day=date(2025, 12, 31), by=cast.OPERATOR,
    )  # fmt: skip
    later = write_programme(
        municipality=municipality, plan=town.plan, code="up-2026", title="Uitvoeringsprogramma 2026-2027",
        first_day=date(2026, 1, 1), last_day=date(2027, 12, 31), predecessor=programme, by=cast.OPERATOR,
    )  # fmt: skip
    organisations = [
        Organisation.objects.create(municipality=municipality, code=code, name=name, kind=kind, is_active=is_active)
        for code, name, kind, is_active in (
            ("veiligheid", "Team Veiligheid", "unit", True),
            ("politie", "Politie", "police", True),
            ("welzijn", "Welzijn", "welfare", True),
            ("oude-stichting", "Oude stichting", "welfare", False),
        )
    ]
    agent = Contact.objects.create(organisation=organisations[1], name="Wijkagent", role="wijkagent")
    return Acting(
        town=town, programme=programme, later=later, safety=organisations[0], police=organisations[1],
        welfare=organisations[2], gone=organisations[3], agent=agent,
    )  # fmt: skip
