"""Registers are shared by all municipalities: what one brings in by hand never changes the figures of another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope

from koersvast.access.audit import Event
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.connectors.captures import load_capture
from koersvast.indicators.changes import load_reference, take_over
from koersvast.indicators.changes.feeds import follow
from koersvast.indicators.changes.retrievals import accept_quarantined, import_register_files
from koersvast.indicators.models import Delivery, Observation, Retrieval
from koersvast.indicators.queries.national import column, register_store
from koersvast.indicators.queries.retrievals import last_success, table_states
from koersvast.web.indicators.parts.comparing import sources
from tests import cast

pytestmark = pytest.mark.django_db
TABLE, FIRST, SECOND = "47018NED", date(2025, 4, 16), date(2025, 5, 16)
PLACES = {"GM0148": 210, "GM0177": 330}


def table(*, times: int = 1, newest: int = 0) -> bytes:
    """An invented table of one kind and six years for both municipalities; `newest` is added to the last year."""
    lines = ["SoortMisdrijf,gemeentecode,gemeentenaam_2024,jaar,GeregistreerdeMisdrijven,status"]
    for code, size in PLACES.items():
        for year in range(2012, 2018):
            amount = times * (size - 9 * (year - 2012) + (newest if year == 2017 else 0))
            lines.append(f"2.2.1,{code},Plaats,{year},{amount},definitief")
    return "\n".join(lines).encode()


@pytest.fixture
def both(dalfsen: Municipality, raalte: Municipality, anouk: User, karim: User) -> tuple[Municipality, Municipality]:
    """Dalfsen and Raalte follow vandalism by themselves and have taken over a first delivery."""
    load_reference(by=cast.OPERATOR)
    for place, officer in ((dalfsen, anouk), (raalte, karim)):
        with scope(municipality=place):
            follow(place, feed="vernielingen", by=officer)
    import_register_files(TABLE, [("a.csv", table())], by=cast.OPERATOR, as_of=FIRST)
    for place, officer in ((dalfsen, anouk), (raalte, karim)):
        with scope(municipality=place):
            take_over(Delivery.objects.get(state=Delivery.State.STAGED), by=officer)
    return dalfsen, raalte


@pytest.fixture(autouse=True)
def registers(settings: Any, tmp_path: Path) -> None:
    settings.REGISTERS = tmp_path / "registers"


def deliver(place: Municipality, officer: User, data: bytes, *, name: str = "tabel.csv") -> Retrieval:
    with scope(municipality=place):
        return import_register_files(TABLE, [(name, data)], by=officer, municipality=place, as_of=SECOND)


def newest(place: Municipality) -> Delivery:
    with scope(municipality=place):
        return Delivery.objects.filter(municipality=place).latest("pk")


def count(place: Municipality) -> int:
    """The figure of 2017 that counts."""
    with scope(municipality=place):
        rows = Observation.objects.filter(indicator__municipality=place, period="2017", withdrawn_at=None)
        return int(rows.latest("as_of").amount or 0)


def test_file_of_one_municipality_counts_there_and_waits_at_the_other(
    both: tuple[Municipality, Municipality], anouk: User, karim: User
) -> None:
    dalfsen, raalte = both
    before = count(raalte)
    deliver(dalfsen, anouk, table(newest=3))
    assert (newest(dalfsen).state, count(dalfsen)) == (Delivery.State.STORED, 210 - 45 + 3)
    assert (newest(raalte).state, newest(raalte).staged["waits_because"]) == (Delivery.State.STAGED, ["W19"])
    assert count(raalte) == before
    with scope(municipality=raalte):
        take_over(newest(raalte), by=karim)
    assert count(raalte) == before + 3


def test_what_one_municipality_lets_count_waits_everywhere(
    both: tuple[Municipality, Municipality], anouk: User
) -> None:
    dalfsen, raalte = both
    before = count(dalfsen), count(raalte)
    apart = deliver(dalfsen, anouk, table(times=1000))
    assert apart.state == Retrieval.State.QUARANTINED
    with scope(municipality=dalfsen):
        accept_quarantined(apart, because="Nagevraagd.", by=anouk, municipality=dalfsen)
    assert {newest(place).state for place in both} == {Delivery.State.STAGED}
    assert "W19" in newest(raalte).staged["waits_because"]
    assert (count(dalfsen), count(raalte)) == before


def test_neighbour_sees_no_name_of_who_asked_nor_of_the_file(
    both: tuple[Municipality, Municipality], anouk: User
) -> None:
    dalfsen, _ = both
    name = "Anouk Veldkamp eigen lijst.csv"
    good, bad = (
        deliver(dalfsen, anouk, table(newest=3), name=name),
        deliver(dalfsen, anouk, b"iets;anders\n", name=name),
    )
    assert bad.state == Retrieval.State.FAILED
    assert "Anouk" not in str(bad.problems)
    capture = load_capture(register_store().snapshots, good.capture)
    assert [part.url for part in capture.parts] == ["47018NED-1.csv"]
    asked = AuditRecord.objects.filter(event=Event.RETRIEVAL_ASKED, municipality_code="GM0148")
    assert {tuple(record.detail["files"]) for record in asked} == {(name,)}


def test_freshness_goes_by_the_day_of_the_source_not_of_the_import(
    both: tuple[Municipality, Municipality], anouk: User
) -> None:
    dalfsen, _ = both
    deliver(dalfsen, anouk, table(newest=3))
    with scope(municipality=dalfsen):
        shortly, later = (table_states(dalfsen, on=day)[0] for day in (date(2025, 6, 1), timezone.localdate()))
    assert (shortly.is_out_of_date, later.is_out_of_date) == (False, True)
    assert last_success(TABLE) == SECOND


def test_figures_brought_in_by_hand_say_so_wherever_they_are_compared(
    both: tuple[Municipality, Municipality],
) -> None:
    found = column(TABLE, measure="registered", kinds=("2.2.1",))
    assert found is not None
    assert (found.note.by_hand, found.note.vintage) == (True, 1)
    assert "met de hand aangeleverd" in str(sources(found.note)[0].note)
