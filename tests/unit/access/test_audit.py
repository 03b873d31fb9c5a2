"""The audit sees every write, however it came, and notices when it is tampered with."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from koersvast.access import audit, changes
from koersvast.access.audit import Event, Operator
from koersvast.access.models import AuditRecord, Municipality, RowChange, User

pytestmark = pytest.mark.django_db


def test_named_change_leaves_one_record_sealed_over_its_rows(dalfsen: Municipality, operator: Operator) -> None:
    record = AuditRecord.objects.latest("pk")
    assert (record.event, record.actor, record.rows) == ("municipality.registered", "operator:tests", 1)
    [line] = RowChange.objects.filter(token=record.token)
    assert (line.table_name, line.operation, line.before) == ("access_municipality", "insert", None)
    assert json.loads(line.after or "")["code"] == "GM0148"
    assert audit.verify().is_whole


def test_change_inside_a_change_joins_it(dalfsen: Municipality, operator: Operator) -> None:
    before = AuditRecord.objects.count()
    with audit.recorded(Event.PLAN_WRITTEN, by=operator, municipality=dalfsen):
        changes.register_municipality(code="GM0148", slug="dalfsen", name="Gemeente Dalfsen", by=operator)
    assert AuditRecord.objects.count() == before + 1


def test_refused_change_leaves_nothing(dalfsen: Municipality, operator: Operator) -> None:
    before = AuditRecord.objects.count(), RowChange.objects.count()
    with pytest.raises(RuntimeError), audit.recorded(Event.PLAN_WRITTEN, by=operator, municipality=dalfsen):
        Municipality.objects.filter(pk=dalfsen.pk).update(name="Half")
        raise RuntimeError
    assert (AuditRecord.objects.count(), RowChange.objects.count()) == before
    assert Municipality.objects.get(pk=dalfsen.pk).name == "Dalfsen"


@pytest.mark.parametrize(
    "write",
    [
        lambda: Municipality.objects.update(name="Anders"),
        lambda: Municipality.objects.bulk_update([_renamed()], ["name"]),
        lambda: _raw("UPDATE access_municipality SET name = 'Anders'"),
        lambda: Municipality.objects.bulk_create([Municipality(code="GM9999", slug="nieuw", name="Nieuw")]),
        lambda: _raw("DELETE FROM access_municipality"),
    ],
    ids=["queryset update", "bulk update", "raw update", "bulk create", "raw delete"],
)
def test_write_outside_a_named_change_is_seen(dalfsen: Municipality, write) -> None:  # type: ignore[no-untyped-def] # a lambda
    assert audit.verify().unnamed == 0
    write()
    assert audit.verify().unnamed == 1
    assert RowChange.objects.latest("pk").token is None


def _renamed() -> Municipality:
    municipality = Municipality.objects.get(code="GM0148")
    municipality.name = "Anders"
    return municipality


def _raw(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["access_auditrecord", "access_rowchange"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET token = 'x'", "DELETE FROM {}"])
def test_audit_cannot_be_rewritten(dalfsen: Municipality, table: str, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        _raw(statement.format(table))


def test_audit_cannot_be_replaced_by_sqlite_s_back_door(dalfsen: Municipality, vendor: str) -> None:
    if vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE exists in SQLite only")
    with pytest.raises(DatabaseError), transaction.atomic():
        _raw("INSERT OR REPLACE INTO access_auditrecord SELECT * FROM access_auditrecord")


def _without_guard(statement: str) -> None:
    """What somebody with the database in hands could do: lift the triggers, then write."""
    for table in ("access_auditrecord", "access_rowchange"):
        if connection.vendor == "sqlite":
            _raw(f"DROP TRIGGER IF EXISTS keep_{table}_update")
            _raw(f"DROP TRIGGER IF EXISTS keep_{table}_delete")
        else:
            _raw(f"ALTER TABLE {table} DISABLE TRIGGER keep_{table}")
    _raw(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditrecord SET actor = 'user:9' WHERE id = {first}",
        "UPDATE access_auditrecord SET event = 'plan.written' WHERE id = {first}",
        "UPDATE access_auditrecord SET at = '2001-01-01 00:00:00' WHERE id = {first}",
        "DELETE FROM access_auditrecord WHERE id = {first}",
        "UPDATE access_rowchange SET after = '{{}}' WHERE token = '{token}'",
        "DELETE FROM access_rowchange WHERE token = '{token}'",
    ],
)
def test_tampering_with_lifted_triggers_breaks_the_chain(
    dalfsen: Municipality, raalte: Municipality, statement: str
) -> None:
    first = AuditRecord.objects.filter(event="municipality.registered").earliest("pk")
    assert audit.verify().is_whole
    _without_guard(statement.format(first=first.pk, token=first.token))
    assert not audit.verify().is_whole


def test_personal_columns_stay_out_of_the_audit(anouk: User) -> None:
    told = " ".join(filter(None, RowChange.objects.values_list("after", flat=True)))
    assert "anouk" not in told.lower()
    assert "argon2" not in told
    assert AuditRecord.objects.filter(actor__icontains="anouk").count() == 0
