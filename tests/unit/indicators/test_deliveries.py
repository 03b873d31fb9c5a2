"""A file is staged, looked at and taken over whole, or it leaves no trace."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Operator
from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.connectors.figures import Layout, Mapping, Role
from koersvast.indicators import changes, queries
from koersvast.indicators.models import Delivery, Observation, RememberedMapping
from koersvast.reference.models import Area
from tests.figures import AS_OF, LATER, Register, amounts, build_register, burglary_file

pytestmark = pytest.mark.django_db


def outcomes(delivery: Delivery) -> dict[str, str]:
    """Outcome by period of the staged lines."""
    return {line.period: line.outcome for line in queries.staged_lines(delivery).lines}


def codes(delivery: Delivery) -> list[str]:
    """Codes of the refused lines."""
    return [line.refusal.code for line in queries.staged_lines(delivery, outcome="refused").lines if line.refusal]


def test_staged_file_stores_nothing_yet(register: Register, anouk: User, snapshots: Path) -> None:
    delivery = register.stage(burglary_file(), by=anouk)
    assert (delivery.state, delivery.new, delivery.refused) == ("staged", 5, 0)
    assert Observation.objects.count() == 0
    assert len(list(snapshots.glob("*/*.bytes"))) == 1


def test_taken_over_file_gives_the_series(register: Register, anouk: User) -> None:
    delivery = register.store(burglary_file(), by=anouk)
    found = queries.series(register.burglary, area=register.area)
    assert amounts(found) == {"2013": 125, "2014": 71, "2015": 46, "2016": 76, "2017": 40}
    assert {value.delivery.number for value in found.values} == {delivery.pk}
    assert [value.delivery.line for value in found.values] == [2, 3, 4, 5, 6]


def test_same_file_twice_changes_nothing_and_is_the_same_delivery(register: Register, anouk: User) -> None:
    first = register.store(burglary_file(), by=anouk)
    again = register.stage(burglary_file(), by=anouk)
    assert (again.pk, again.state) == (first.pk, "stored")
    with pytest.raises(changes.AlreadyClosed):
        changes.take_over(again, by=anouk)
    assert Observation.objects.count() == 5


def test_same_file_staged_twice_is_one_delivery(register: Register, anouk: User) -> None:
    assert register.stage(burglary_file(), by=anouk).pk == register.stage(burglary_file(), by=anouk).pk


def test_same_figures_on_a_later_day_are_all_the_same(register: Register, anouk: User) -> None:
    register.store(burglary_file(), by=anouk)
    later = register.stage(burglary_file(), by=anouk, as_of=LATER)
    assert (later.new, later.revised, later.same) == (0, 0, 5)
    assert [code for code, _ in later.staged["remarks"]] == ["W11", "W02"]
    changes.take_over(later, by=anouk)
    assert Observation.objects.count() == 5


def test_revised_figure_shows_old_and_new_and_keeps_both(register: Register, anouk: User) -> None:
    register.store(burglary_file(), by=anouk)
    later = register.stage(burglary_file({"2017": 42, "2018": 27}), by=anouk, as_of=LATER)
    assert outcomes(later) == {"2017": "changed", "2018": "new"}
    [changed] = queries.staged_lines(later, outcome="changed").lines
    assert changed.old is not None
    assert [changed.old.amount, changed.amount] == [40, 42]
    changes.take_over(later, by=anouk)
    value = queries.series(register.burglary, area=register.area).value("2017")
    assert value is not None
    assert value.amount == 42
    assert [one.amount for one in value.earlier] == [40]


def test_as_known_on_a_day_gives_what_was_known_then(register: Register, anouk: User) -> None:
    register.store(burglary_file(), by=anouk)
    register.store(burglary_file({"2017": 42}), by=anouk, as_of=LATER)
    for day, known in ((date(2018, 12, 31), 40), (LATER, 42), (date(2018, 2, 28), None)):
        found = queries.series(register.burglary, area=register.area, known_on=day)
        assert amounts(found).get("2017") == known


def test_older_file_that_comes_late_does_not_push_out_the_newer_figure(register: Register, anouk: User) -> None:
    register.store(burglary_file({"2017": 42}), by=anouk, as_of=LATER)
    late = register.stage(burglary_file({"2017": 40}), by=anouk)
    [line] = queries.staged_lines(late).lines
    assert (line.outcome, [one.code for one in line.warnings]) == ("new", ["W04"])
    changes.take_over(late, by=anouk)
    assert amounts(queries.series(register.burglary, area=register.area)) == {"2017": 42}
    assert amounts(queries.series(register.burglary, area=register.area, known_on=AS_OF)) == {"2017": 40}


def test_other_value_for_the_same_day_is_refused(register: Register, anouk: User) -> None:
    register.store(burglary_file({"2017": 40}), by=anouk)
    assert codes(register.stage(burglary_file({"2017": 41}), by=anouk)) == ["I10"]


def test_file_with_a_refused_line_is_not_taken_over(register: Register, anouk: User) -> None:
    mixed = register.stage(burglary_file() + "Straatroof;2017;3\n", by=anouk)
    assert (mixed.new, mixed.refused) == (5, 1)
    with pytest.raises(changes.HasRefusedLines):
        changes.take_over(mixed, by=anouk)
    assert Observation.objects.count() == 0
    mixed.refresh_from_db()
    assert mixed.state == "staged"


def test_preview_that_is_overtaken_is_not_taken_over(register: Register, anouk: User) -> None:
    first = register.stage(burglary_file({"2017": 40}), by=anouk)
    register.store(burglary_file({"2017": 41}), by=anouk)
    with pytest.raises(changes.StaleDelivery):
        changes.take_over(first, by=anouk)
    assert amounts(queries.series(register.burglary, area=register.area)) == {"2017": 41}


def test_failure_halfway_leaves_nothing(register: Register, anouk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = register.stage(burglary_file(), by=anouk)
    before = AuditRecord.objects.count()

    def fail(self: Delivery, *args: object, **kwargs: object) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(Delivery, "save", fail)
    with pytest.raises(OperationalError):
        changes.take_over(staged, by=anouk)
    monkeypatch.undo()
    assert Observation.objects.count() == 0
    assert AuditRecord.objects.count() == before
    changes.take_over(staged, by=anouk)
    assert Observation.objects.count() == 5


def test_taking_over_is_one_sealed_record(register: Register, anouk: User) -> None:
    staged = register.stage(burglary_file(), by=anouk)
    before = AuditRecord.objects.count()
    changes.take_over(staged, by=anouk)
    record = AuditRecord.objects.latest("pk")
    assert AuditRecord.objects.count() == before + 1
    assert (record.event, record.rows) == ("delivery.stored", 6)
    assert audit.verify().is_whole


def test_discarded_delivery_stores_nothing_and_stays_in_sight(register: Register, anouk: User) -> None:
    staged = register.stage(burglary_file(), by=anouk)
    changes.discard(staged, by=anouk)
    assert [one.state for one in queries.deliveries(register.municipality)] == ["discarded"]
    with pytest.raises(changes.AlreadyClosed):
        changes.take_over(staged, by=anouk)


def test_withdrawn_figure_makes_way_for_the_one_before(register: Register, anouk: User) -> None:
    register.store(burglary_file({"2017": 40}), by=anouk)
    register.store(burglary_file({"2017": 402}), by=anouk, as_of=LATER)
    wrong = Observation.objects.get(amount=402)
    changes.withdraw(wrong, reason="Typefout in het bestand", by=anouk)
    value = queries.series(register.burglary, area=register.area).value("2017")
    assert value is not None
    assert value.amount == 40
    [taken_back] = value.earlier
    assert taken_back.amount == 402
    assert (taken_back.is_withdrawn, taken_back.withdrawn_because) == (True, "Typefout in het bestand")
    with pytest.raises(changes.AlreadyClosed):
        changes.withdraw(wrong, reason="Nog eens", by=anouk)


def test_corrected_figure_after_a_withdrawal_may_carry_the_same_day(register: Register, anouk: User) -> None:
    register.store(burglary_file({"2017": 402}), by=anouk)
    changes.withdraw(Observation.objects.get(), reason="Typefout", by=anouk)
    register.store(burglary_file({"2017": 40}), by=anouk)
    assert amounts(queries.series(register.burglary, area=register.area)) == {"2017": 40}


def test_import_by_somebody_of_another_municipality_is_denied(register: Register, karim: User, raadslid: User) -> None:
    for visitor in (karim, raadslid):
        with pytest.raises(PermissionDenied):
            register.stage(burglary_file(), by=visitor)
    assert Delivery.objects.count() == 0


def test_two_municipalities_with_the_same_codes_stay_apart(
    register: Register, raalte: Municipality, anouk: User, karim: User
) -> None:
    theirs = build_register(raalte)
    register.store(burglary_file({"2017": 40}), by=anouk)
    theirs.store(burglary_file({"2017": 99}), by=karim)
    assert amounts(queries.series(register.burglary, area=register.area)) == {"2017": 40}
    with scope(municipality=raalte):
        assert amounts(queries.series(theirs.burglary, area=theirs.area)) == {"2017": 99}
        assert queries.deliveries(raalte).count() == 1
        found = queries.indicator_detail("woninginbraken", area=theirs.area)
        assert found is not None
        assert [value.amount for value in found.series[0].values] == [99]


def test_unknown_headings_wait_for_a_mapping_and_are_remembered(register: Register, anouk: User) -> None:
    strange = "Onderwerp A;Wanneer;Hoeveel\nDiefstal/inbraak woning;2017;40\n"
    staged = register.stage(strange, by=anouk, ask_unknown_headers=True)
    assert staged.staged["needs_mapping"]
    with pytest.raises(changes.NeedsMapping):
        changes.take_over(staged, by=anouk)
    mapping = Mapping(
        layout=Layout.LONG, header_row=1, columns={Role.INDICATOR: 1, Role.PERIOD: 2, Role.VALUE: 3}, sheet=""
    )
    staged = changes.map_columns(staged, mapping=mapping, remember_as="Lijst van de wijkagent", by=anouk)
    changes.take_over(staged, by=anouk)
    assert RememberedMapping.objects.get().name == "Lijst van de wijkagent"
    next_year = register.stage(strange.replace("2017;40", "2018;27"), by=anouk, as_of=LATER, ask_unknown_headers=True)
    assert (next_year.staged["mapping_origin"], next_year.staged["needs_mapping"]) == ("remembered", False)
    assert outcomes(next_year) == {"2018": "new"}


def test_file_that_cannot_be_read_is_refused_whole(register: Register, anouk: User) -> None:
    with pytest.raises(changes.FileRefused) as refused:
        register.stage(b"%PDF-1.7 not a table", by=anouk)
    assert [found.code for found in refused.value.problems] == ["F02"]
    assert Delivery.objects.count() == 0


def test_day_in_the_future_is_refused(register: Register, operator: Operator) -> None:
    with pytest.raises(ValueError, match="ahead"):
        register.stage(burglary_file(), by=operator, as_of=date(2999, 1, 1))


def test_two_uploads_of_one_file_are_stored_once(register: Register, anouk: User) -> None:
    strange = "Onderwerp A;Wanneer;Hoeveel\nDiefstal/inbraak woning;2017;40\n"
    mapping = Mapping(layout=Layout.LONG, header_row=1, columns={Role.INDICATOR: 1, Role.PERIOD: 2, Role.VALUE: 3})
    first = register.stage(strange, by=anouk, ask_unknown_headers=True)
    first = changes.map_columns(first, mapping=mapping, remember_as="", by=anouk)
    second = register.stage(strange, by=anouk, ask_unknown_headers=True)
    second = changes.map_columns(second, mapping=mapping, remember_as="", by=anouk)
    assert first.pk != second.pk
    assert first.identity == second.identity
    changes.take_over(first, by=anouk)
    with pytest.raises(changes.AlreadyClosed):
        changes.take_over(second, by=anouk)
    assert Observation.objects.count() == 1


def test_restaged_delivery_shows_what_it_would_do_now(register: Register, anouk: User) -> None:
    overtaken = register.stage(burglary_file({"2017": 40}), by=anouk, as_of=LATER)
    register.store(burglary_file({"2017": 41}), by=anouk)
    again = changes.restage(overtaken, by=anouk)
    assert outcomes(again) == {"2017": "changed"}
    changes.take_over(again, by=anouk)
    assert amounts(queries.series(register.burglary, area=register.area)) == {"2017": 40}


def test_figure_belongs_to_the_area_as_it_was_in_its_year(register: Register, anouk: User) -> None:
    later = Area.objects.create(code="GM0148", name="Dalfsen", kind="municipality", valid_from=2016)
    Area.objects.filter(pk=register.area.pk).update(valid_until=2015)
    register.store(burglary_file({"2015": 46, "2016": 76}), by=anouk)
    found = {row.period: row.area_id for row in Observation.objects.all()}
    assert found == {"2015": register.area.pk, "2016": later.pk}
    assert amounts(queries.series(register.burglary, area=later)) == {"2015": 46, "2016": 76}
