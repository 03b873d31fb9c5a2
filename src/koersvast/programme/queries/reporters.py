"""Who reports: the organisations with open actions, how those stand, and the contacts who can be asked by a link."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from koersvast.partners.models import Contact, Organisation
from koersvast.programme.models import Action, Programme
from koersvast.programme.queries.links import works_there
from koersvast.programme.queries.standing import ActionStanding, standings
from koersvast.programme.staleness import Signal


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """An organisation that carries out open actions: how many, how many late or silent, and whom to turn to there."""

    organisation: Organisation
    open: int
    late: int
    silent: int
    contacts: tuple[Contact, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether something there is late or silent."""
        return bool(self.late or self.silent)


def reporters(programme: Programme | None, *, today: date) -> list[Reporter]:
    """The organisations with open actions in a programme, those where something waits first; three queries."""
    if programme is None:
        return []
    actions = Action.objects.filter(programme=programme).prefetch_related("contributions")
    by_organisation: dict[int, list[ActionStanding]] = defaultdict(list)
    for one in standings(actions, today=today):
        for number in () if one.is_settled else _who(one.action):
            by_organisation[number].append(one)
    rows = Organisation.objects.filter(pk__in=by_organisation).prefetch_related("contacts")
    found = [_reporter(row, by_organisation[row.pk], today=today) for row in rows]
    return sorted(found, key=lambda one: (-one.late - one.silent, one.organisation.name))


def _who(action: Action) -> set[int]:
    owner = {action.owner_organisation_id} if action.owner_organisation_id else set[int]()
    return owner | {one.organisation_id for one in action.contributions.all()}


def _reporter(row: Organisation, found: Iterable[ActionStanding], *, today: date) -> Reporter:
    signals = [one.signals for one in found]
    return Reporter(
        organisation=row, open=len(signals), late=sum(Signal.LATE in one for one in signals),
        silent=sum(Signal.SILENT in one for one in signals),
        contacts=tuple(one for one in row.contacts.all() if works_there(one, on=today)),
    )  # fmt: skip
