"""Súdhoeke, an invented municipality that follows national tables from a source of our own on loopback."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Event
from koersvast.access.changes import grant, register_municipality, register_user
from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import take_over
from koersvast.indicators.changes.feeds import follow
from koersvast.indicators.changes.retrievals import ask_retrieval, retrieve
from koersvast.indicators.models import Delivery, Following, Observation, Retrieval
from koersvast.indicators.queries.national import register_store
from koersvast.reference.models import Area
from tests import cast
from tests.unit.connectors.fault_client import fetcher_to
from tests.unit.connectors.faults import Fault, FaultServer, Upstream, honest

CODE = "GM9901"
FEEDS = ("fietsdiefstal", "mishandeling", "vernielingen", "woninginbraken")
FIRST, SECOND, THIRD = date(2025, 4, 16), date(2025, 5, 16), date(2025, 6, 16)
NEXT_YEAR = date(2026, 2, 16)


OTHER_KINDS = (
    "1.1.2",
    "1.2.1",
    "1.2.2",
    "1.2.4",
    "1.4.2",
    "1.4.3",
    "1.4.4",
    "1.4.6",
    "1.4.7",
    "1.6.2",
    "2.5.1",
    "2.5.2",
)


def whole_table() -> Upstream:
    """The source's table with every kind that the catalogue asks for; the total holds them all."""
    upstream = Upstream()
    upstream.kinds |= {f"{kind:<6}": f"{kind} Soort" for kind in OTHER_KINDS}
    totals = {key: value for key, value in upstream.cells.items() if key[0] == "0.0.0 "}
    for (_, area, period), total in totals.items():
        added = 0
        for place, kind in enumerate(OTHER_KINDS):
            count = int(str(total)) * (2 + place % 3) // 100
            upstream.cells[f"{kind:<6}", area, period] = count
            added += count
        upstream.cells["0.0.0 ", area, period] = int(str(total)) + added
    return upstream


@dataclass
class Town:
    """The municipality, who works there, and the source that its figures come from."""

    municipality: Municipality
    officer: User
    server: FaultServer
    upstream: Upstream = field(default_factory=whole_table)

    def follow(self, feeds: Iterable[str] = FEEDS, **more: object) -> None:
        with scope(municipality=self.municipality):
            for feed in feeds:
                follow(self.municipality, feed=feed, by=self.officer, **more)  # type: ignore[arg-type] # as given

    def retrieve(self, on: date, *, fault: Fault = honest, table: str = "47018NED") -> Retrieval:
        """Ask for a table and fetch it, as a worker would."""
        self.server.reset(replace(self.upstream), fault)
        asked = ask_retrieval(table, by=cast.OPERATOR, queued=False)
        return retrieve(asked, fetcher=fetcher_to(self.server), on=on)

    def change(self, kind: str, year: int, amount: int | None, *, area: str = CODE) -> None:
        """Let the source give another figure; None takes it away."""
        key = (f"{kind:<6}", f"{area:<10}", f"{year}JJ00")
        cells = dict(self.upstream.cells)
        if amount is None:
            del cells[key]
        else:
            cells[key] = amount
        self.upstream = replace(self.upstream, cells=cells)

    def first(self) -> Delivery:
        """The first delivery, looked at and taken over."""
        self.retrieve(FIRST)
        with scope(municipality=self.municipality):
            return take_over(self.deliveries()[0], by=self.officer)

    def deliveries(self) -> Sequence[Delivery]:
        with scope(municipality=self.municipality):
            return list(Delivery.objects.exclude(table="").order_by("pk"))

    def figures(self, indicator: str, area: str = CODE) -> dict[str, tuple[int | None, str]]:
        """The figures that count, by period: number and certainty."""
        with scope(municipality=self.municipality):
            rows = Observation.objects.filter(indicator__code=indicator, area__code=area, withdrawn_at=None)
            return {
                row.period: (None if row.amount is None else int(row.amount), row.certainty)
                for row in rows.order_by("as_of")
            }

    def published(self, kind: str, year: int, area: str = CODE) -> int:
        value = self.upstream.cells[f"{kind:<6}", f"{area:<10}", f"{year}JJ00"]
        assert isinstance(value, int)
        return value

    def vintages(self) -> list[str]:
        return [one.state for one in register_store().vintages("47018NED")]


def build_town(server: FaultServer) -> Town:
    """Súdhoeke with an officer; nothing is followed yet. Roles, themes and areas are there already."""
    with audit.recorded(Event.TAXONOMY_LOADED, by=cast.OPERATOR):
        Area.objects.create(code=CODE, name="Súdhoeke", kind=Area.Kind.MUNICIPALITY, valid_from=2009)
    municipality = register_municipality(code=CODE, slug="sudhoeke", name="Súdhoeke", by=cast.OPERATOR)
    officer = register_user(email="officer@sudhoeke.example", name="Fenna Dijkstra", by=cast.OPERATOR)
    grant(officer, "policy_officer", municipality, since=cast.SINCE, by=cast.OPERATOR)
    return Town(municipality=municipality, officer=officer, server=server)


WAITS = Following.TakesOver.AFTER_CONFIRMATION
