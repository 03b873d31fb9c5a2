"""From a source on loopback to the register of a municipality: what is taken over by itself, and what waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.changes import load_roles
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.connectors import captures
from koersvast.indicators import changes, queries
from koersvast.indicators.changes import feed_deliveries, load_reference, retrievals
from koersvast.indicators.changes.retrievals import ask_retrieval, retrieve, slice_of, sweep_stuck
from koersvast.indicators.models import Delivery, Observation, Retrieval, RetrievalProgress
from koersvast.indicators.queries.national import register_store
from koersvast.indicators.queries.retrievals import table_states
from koersvast.indicators.queries.revisions import revisions
from tests import cast
from tests.unit.connectors.fault_client import fetcher_to
from tests.unit.connectors.faults import Ask, FaultServer, Reply
from tests.unit.indicators.national import CODE, FIRST, NEXT_YEAR, SECOND, THIRD, WAITS, Town, build_town

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving
        serving.shutdown()


@pytest.fixture(scope="module")
def land(held_rows: None) -> None:
    """Roles, themes and areas, once for all tests here."""
    load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)


@pytest.fixture
def town(land: None, server: FaultServer, settings: Any, tmp_path: Path) -> Town:
    settings.REGISTERS = tmp_path / "registers"
    return build_town(server)


def broken(_: Ask, reply: Reply) -> Reply:
    return Reply(status=503, body=b"")


def on_new_borders(_: Ask, reply: Reply) -> Reply:
    return reply.with_text("indeling 2024", "indeling 2025") if b"indeling 2024" in reply.body else reply


def waits_because(delivery: Delivery) -> list[str]:
    return list(delivery.staged["waits_because"])


# --- the walk of a figure


def test_first_delivery_waits_and_stores_nothing(town: Town) -> None:
    town.follow()
    done = town.retrieve(FIRST)
    [delivery] = town.deliveries()
    assert (done.state, done.vintage, done.problems) == ("done", 1, [])
    assert (delivery.state, delivery.snapshot, delivery.vintage) == ("staged", done.capture, 1)
    assert waits_because(delivery) == ["W16"]
    assert town.figures("woninginbraken") == {}


def test_figures_are_those_of_the_source_and_stand_on_its_borders(town: Town) -> None:
    town.follow()
    delivery = town.first()
    expected = {str(year): (town.published("1.1.1", year), "final") for year in range(2019, 2025)}
    assert town.figures("woninginbraken") == expected
    wijk = {str(year): (town.published("1.1.1", year, "WK990101"), "final") for year in range(2019, 2025)}
    assert town.figures("woninginbraken", "WK990101") == wijk
    with scope(municipality=town.municipality):
        rows = Observation.objects.filter(delivery=delivery).select_related("area", "source")
        assert {row.area.code for row in rows} == {CODE, "WK990101", "BU99010101"}
        assert {row.source.code for row in rows} == {"politie-47018ned"}
        assert {row.as_of for row in rows} == {FIRST}


def test_later_delivery_without_surprises_is_taken_over_by_itself(town: Town) -> None:
    town.follow()
    town.first()
    before = town.published("1.1.1", 2023)
    town.change("1.1.1", 2023, before + 3)
    town.change("1.1.1", 2023, town.published("1.1.1", 2023, "NL00") + 3, area="NL00")
    town.retrieve(SECOND)
    delivery = town.deliveries()[-1]
    assert (delivery.state, delivery.closed_by) == ("stored", "operator:feeds")
    assert (delivery.revised, delivery.new, delivery.withdrawn) == (1, 0, 0)
    assert town.figures("woninginbraken")["2023"] == (before + 3, "revised")
    with scope(municipality=town.municipality):
        [found] = revisions(town.municipality).indicators
        [row] = found.own
    assert (row.period, row.kind) == ("2023", "revised")
    assert [int(one.amount or 0) for one in (row.before, row.after)] == [before, before + 3]


def test_revised_figure_that_stays_is_no_new_revision(town: Town) -> None:
    town.follow()
    town.first()
    town.change("1.1.1", 2023, town.published("1.1.1", 2023) + 3)
    town.retrieve(SECOND)
    town.change("1.2.3", 2022, town.published("1.2.3", 2022) + 1)
    town.retrieve(THIRD)
    last = town.deliveries()[-1]
    assert (last.revised, last.new) == (1, 0)
    assert town.figures("woninginbraken")["2023"][1] == "revised"


def test_same_bytes_twice_are_one_vintage_and_one_delivery(town: Town) -> None:
    town.follow()
    town.first()
    stored = len(town.figures("woninginbraken"))
    town.retrieve(SECOND)
    assert (len(town.deliveries()), town.vintages()) == (1, ["accepted"])
    assert len(town.figures("woninginbraken")) == stored


def test_figure_that_becomes_secret_waits_and_then_counts_as_withheld(town: Town) -> None:
    town.follow()
    town.first()
    town.upstream = replace(town.upstream, cells={**town.upstream.cells, ("1.1.1 ", "BU99010101", "2021JJ00"): "."})
    town.retrieve(SECOND)
    delivery = town.deliveries()[-1]
    assert (delivery.state, waits_because(delivery)) == ("staged", ["W09"])
    with scope(municipality=town.municipality):
        changes.take_over(delivery, by=town.officer)
        rows = Observation.objects.filter(indicator__code="woninginbraken", area__code="BU99010101", period="2021")
        old, new = rows.order_by("as_of")
    assert (old.amount is None, old.withdrawn_at) == (False, None)
    assert (new.amount, new.missing) == (None, "withheld")


def test_area_that_is_gone_is_withdrawn_and_keeps_its_old_figures(town: Town) -> None:
    town.follow()
    town.first()
    cells = {key: value for key, value in town.upstream.cells.items() if key[1] != "BU99010101"}
    areas = {code: said for code, said in town.upstream.areas.items() if code != "BU99010101"}
    areas["BU99010102"] = ("Súdhoeke-Noord", CODE)
    moved = {
        (kind, "BU99010102", period): value
        for (kind, area, period), value in town.upstream.cells.items()
        if area == "BU99010101"
    }
    town.upstream = replace(town.upstream, cells=cells | moved, areas=areas)
    town.retrieve(NEXT_YEAR, fault=on_new_borders)
    delivery = town.deliveries()[-1]
    assert (delivery.state, delivery.withdrawn > 0, delivery.new > 0) == ("staged", True, True)
    with scope(municipality=town.municipality):
        lines = queries.staged_lines(delivery, outcome="withdrawn").lines
        assert {line.key.area for line in lines if line.key} == {"BU99010101"}
        assert {line.warnings[0].code for line in lines} == {"W13"}
        changes.take_over(delivery, by=town.officer)
        rows = Observation.objects.filter(area__code="BU99010101", period="2021", indicator__code="woninginbraken")
        assert [row.amount is None for row in rows.order_by("as_of")] == [False, True]


def test_who_wants_to_look_first_always_does(town: Town) -> None:
    town.follow(takes_over=WAITS)
    town.first()
    town.change("1.1.1", 2023, town.published("1.1.1", 2023) + 1)
    town.retrieve(SECOND)
    delivery = town.deliveries()[-1]
    assert (delivery.state, waits_because(delivery)) == ("staged", ["W18"])


def test_newer_delivery_puts_aside_the_one_that_waited(town: Town) -> None:
    town.follow(takes_over=WAITS)
    town.retrieve(FIRST)
    town.change("1.1.1", 2023, town.published("1.1.1", 2023) + 1)
    town.retrieve(SECOND)
    assert [one.state for one in town.deliveries()] == ["discarded", "staged"]


# --- what goes wrong


def test_thousandfold_is_put_apart_with_its_reason_and_nothing_changes(town: Town) -> None:
    town.follow()
    town.first()
    before = town.figures("woninginbraken")
    good = town.upstream
    town.upstream = replace(good, cells={key: int(str(value)) * 1000 for key, value in good.cells.items()})
    done = town.retrieve(SECOND)
    assert (done.state, "scaled" in {one["code"] for one in done.problems}) == ("quarantined", True)
    assert (town.vintages(), len(town.deliveries())) == (["quarantined", "accepted"], 1)
    assert town.figures("woninginbraken") == before
    with scope(municipality=town.municipality):
        [state] = [one for one in table_states(town.municipality) if one.table.code == "47018NED"]
    assert state.quarantined
    assert state.held
    assert state.held.as_of == FIRST


def test_accepted_after_all_needs_a_reason_and_waits_for_a_person(town: Town) -> None:
    town.follow()
    town.first()
    town.upstream = replace(
        town.upstream, cells={key: int(str(value)) * 1000 for key, value in town.upstream.cells.items()}
    )
    done = town.retrieve(SECOND)
    with scope(municipality=town.municipality):
        with pytest.raises(ValueError, match="reason"):
            retrievals.accept_quarantined(done, because=" ", by=town.officer, municipality=town.municipality)
        retrievals.accept_quarantined(done, because="Nagevraagd.", by=town.officer, municipality=town.municipality)
    assert register_store().vintages("47018NED")[0].accepted_because == "Nagevraagd."
    assert town.deliveries()[-1].state == "staged"
    assert "W18" in waits_because(town.deliveries()[-1])
    assert AuditRecord.objects.filter(event="vintage.accepted").get().detail["reason"] == "Nagevraagd."


def test_kind_that_the_source_drops_blocks_no_other_and_keeps_its_last_figures(town: Town) -> None:
    town.follow()
    town.first()
    before = town.figures("woninginbraken")
    dropped = "1.1.1 "
    town.upstream = replace(
        town.upstream,
        kinds={kind: title for kind, title in town.upstream.kinds.items() if kind != dropped},
        cells={key: value for key, value in town.upstream.cells.items() if key[0] != dropped},
    )
    town.change("2.2.1", 2024, town.published("2.2.1", 2024) + 1)
    done = town.retrieve(SECOND)
    assert (done.state, done.problems[0]["code"]) == ("done", "kind_dropped")
    assert done.problems[0]["values"]["kinds"] == "1.1.1"
    assert town.figures("woninginbraken") == before
    assert town.figures("vernielingen")["2024"][0] == town.published("2.2.1", 2024)
    with scope(municipality=town.municipality):
        state = next(one for one in table_states(town.municipality) if one.table.code == "47018NED")
    assert state.lacking == done


def test_table_that_lost_many_kinds_is_refused_whole(town: Town) -> None:
    town.follow()
    kept = dict(list(town.upstream.kinds.items())[:4])
    town.upstream = replace(
        town.upstream,
        kinds=kept,
        cells={key: value for key, value in town.upstream.cells.items() if key[0] in kept},
    )
    failed = town.retrieve(FIRST)
    assert (failed.state, failed.problems[0]["code"], failed.vintage) == ("failed", "T14", None)


def test_source_that_fails_leaves_everything_and_says_why(town: Town) -> None:
    town.follow()
    town.first()
    before = town.figures("woninginbraken")
    done = town.retrieve(SECOND, fault=broken)
    assert (done.state, [one["code"] for one in done.problems]) == ("failed", ["N32"])
    assert town.figures("woninginbraken") == before
    with scope(municipality=town.municipality):
        [state] = [one for one in table_states(town.municipality) if one.table.code == "47018NED"]
    assert (state.failed is not None, state.held is not None) == (True, True)


def test_process_that_dies_between_capture_and_staging_is_repeated_safely(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.follow()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retrievals, "stage_vintage", die)
        with pytest.raises(KeyboardInterrupt):
            town.retrieve(FIRST)
    assert town.vintages() == ["accepted"]
    assert town.deliveries() == []
    left = Retrieval.objects.get()
    assert left.state == "running"
    [swept] = sweep_stuck(by=cast.OPERATOR, now=timezone.now() + timedelta(hours=1))
    assert (swept.state, swept.problems[0]["code"]) == ("failed", "stopped_halfway")
    town.retrieve(FIRST)
    assert (town.vintages(), [one.state for one in town.deliveries()]) == (["accepted"], ["staged"])


def test_process_that_dies_between_staging_and_taking_over_is_repeated_safely(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.follow()
    town.first()
    town.change("1.1.1", 2023, town.published("1.1.1", 2023) + 3)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(feed_deliveries, "take_over", die)
        with pytest.raises(KeyboardInterrupt):
            town.retrieve(SECOND)
    assert [one.state for one in town.deliveries()] == ["stored", "staged"]
    sweep_stuck(by=cast.OPERATOR, now=timezone.now() + timedelta(hours=1))
    town.retrieve(SECOND)
    assert [one.state for one in town.deliveries()] == ["stored", "stored"]


def test_retrieval_with_a_sign_of_life_is_not_stuck(town: Town) -> None:
    asked = ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    running = retrievals._begin(asked)
    moment = timezone.now() + timedelta(hours=1)
    RetrievalProgress.objects.create(retrieval=running, step="pages", last_sign_at=moment - timedelta(minutes=1))
    assert sweep_stuck(by=cast.OPERATOR, now=moment) == []


# --- one at a time, by whom, from what


def test_asking_twice_is_one_retrieval(town: Town) -> None:
    first = ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    assert ask_retrieval("47018NED", by=cast.OPERATOR, queued=False).pk == first.pk


def test_database_lets_no_second_one_run(town: Town) -> None:
    first = ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Retrieval.objects.create(
            table=first.table,
            slice=first.slice,
            slice_key=first.slice_key,
            asked_at=timezone.now(),
            asked_by="operator:other",
        )


def test_retrieval_is_done_once(town: Town) -> None:
    asked = ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    town.server.reset(town.upstream)
    retrieve(asked, fetcher=fetcher_to(town.server), on=FIRST)
    with pytest.raises(retrievals.AlreadyRunning):
        retrieve(asked, fetcher=fetcher_to(town.server), on=FIRST)


def test_who_may_not_bring_in_figures_may_not_fetch(town: Town, raadslid: User, dalfsen: Municipality) -> None:
    with pytest.raises(PermissionDenied):
        ask_retrieval("47018NED", by=raadslid, municipality=dalfsen)
    with pytest.raises(PermissionDenied):
        ask_retrieval("47018NED", by=town.officer, municipality=dalfsen)
    assert Retrieval.objects.count() == 0


def test_asked_part_holds_own_neighbourhoods_and_all_municipalities(town: Town) -> None:
    town.follow(["woninginbraken"])
    wanted = slice_of("47018NED")
    assert wanted.areas == ("NL", "GM", "WK9901", "BU9901")
    assert {"0.0.0", "1.1.1", "1.4.2"} <= set(wanted.kinds)
    assert slice_of("70072ned").areas == ()


def test_offline_works_from_what_is_kept_and_asks_no_source(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.follow()
    town.retrieve(FIRST)
    monkeypatch.setattr(captures, "capture_table", None)
    asked = ask_retrieval("47018NED", by=cast.OPERATOR, is_offline=True, queued=False)
    town.server.reset(town.upstream)
    done = retrieve(asked)
    assert (done.state, done.vintage, town.server.asks) == ("done", 1, [])


def test_offline_without_anything_kept_says_so(town: Town) -> None:
    asked = ask_retrieval("47018NED", by=cast.OPERATOR, is_offline=True, queued=False)
    assert retrieve(asked).problems[0]["code"] == "nothing_kept"


def test_everything_that_happened_stands_in_the_audit(town: Town) -> None:
    town.follow()
    town.first()
    found = audit.verify()
    assert (found.is_whole, found.unnamed) == (True, 0)
    events = set(AuditRecord.objects.values_list("event", flat=True))
    assert {"feed.followed", "retrieval.asked", "retrieval.started", "retrieval.finished"} <= events
