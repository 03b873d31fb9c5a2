"""Database triggers: every row change leaves a line, and adopted or audited rows cannot be rewritten.

A model names the condition under which its rows are frozen (`FROZEN_WHEN`), and the foreign key to a parent that takes
no further rows once it is frozen itself (`CLOSED_WITH`).

They catch what model code cannot see: bulk writes, raw SQL, another program on the same database. Laid again after
every migration, since SQLite drops a table's triggers when it rebuilds the table. Columns named in a model's
`Privacy.personal` or `Privacy.bulky` never enter the audit: only that the row changed.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

# Tables whose rows are only ever added.
APPEND_ONLY = ("access_auditrecord", "access_rowchange")
# The audit's own tables are not audited by themselves, a failed sign-in is forgotten within the hour, and how far a
# retrieval or computation is changes by the second.
UNWATCHED = {
    "access_auditrecord",
    "access_rowchange",
    "access_currentchange",
    "access_signinattempt",
    "indicators_retrievalprogress",
    "surveys_computationprogress",
}
ROW_CHANGE_COLUMNS = "at, table_name, row_id, operation, token, before, after"


def lay_triggers(*, using: str = "default", **_: Any) -> None:
    """Lay all triggers on database `using`; safe to repeat."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    if not set(APPEND_ONLY) <= present:
        return
    lay = _lay_sqlite if connection.vendor == "sqlite" else _lay_postgresql
    lay(connection, [model for model in _watched_models() if model._meta.db_table in present])


def _watched_models() -> Iterable[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("koersvast.") and model._meta.db_table not in UNWATCHED:
            yield model


def audited_columns(model: type[models.Model]) -> list[str]:
    """Return the columns of `model` that may stand in the audit."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    if model._meta.auto_created:  # a table of a many-to-many relation holds keys only
        return list(columns.values())
    plain: set[str] = model.Privacy.plain  # type: ignore[attr-defined] # a house test says every model has it
    return [column for name, column in columns.items() if name in plain]


def frozen_when(model: type[models.Model]) -> str:
    """Return the SQL condition on OLD under which a row may no longer change, or an empty string."""
    return str(getattr(model, "FROZEN_WHEN", ""))


def closed_with(model: type[models.Model]) -> tuple[str, str, str, str] | None:
    """Return how rows of `model` find the parent that closes with them: own column, parent's table, key, condition.

    The condition is SQL on the parent under the name `parent`. None for a model without such a parent.
    """
    name = getattr(model, "CLOSED_WITH", "")
    if not name:
        return None
    field = cast("models.ForeignKey[Any, Any]", model._meta.get_field(name))
    parent = field.related_model
    condition = frozen_when(parent).replace("OLD.", "parent.")
    return str(field.column), parent._meta.db_table, str(parent._meta.pk.column), condition


def _lay_sqlite(connection: BaseDatabaseWrapper, watched: list[type[models.Model]]) -> None:
    statements: list[str] = []
    for table in APPEND_ONLY:
        for operation in ("UPDATE", "DELETE"):
            statements += _sqlite_trigger(
                f"keep_{table}_{operation.lower()}",
                f"BEFORE {operation} ON {table}",
                f"SELECT RAISE(ABORT, '{table} is append-only');",
            )
    for model in watched:
        statements += _sqlite_watch(model)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite_trigger(name: str, moment: str, body: str, *, when: str = "") -> list[str]:
    condition = f"WHEN {when} " if when else ""
    return [f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {moment} {condition}BEGIN {body} END"]


def _sqlite_watch(model: type[models.Model]) -> list[str]:
    table, key = model._meta.db_table, model._meta.pk.column
    statements: list[str] = []
    for operation, row in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
        before = _sqlite_json(model, "OLD") if operation != "insert" else "NULL"
        after = _sqlite_json(model, "NEW") if operation != "delete" else "NULL"
        statements += _sqlite_trigger(
            f"audit_{table}_{operation}",
            f"AFTER {operation.upper()} ON {table}",
            f"INSERT INTO access_rowchange ({ROW_CHANGE_COLUMNS}) VALUES ("  # noqa: S608 names from the models
            f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), '{table}', {row}.{key}, '{operation}', "
            f"(SELECT token FROM access_currentchange LIMIT 1), {before}, {after});",
        )
    if frozen_when(model):
        for operation in ("UPDATE", "DELETE"):
            statements += _sqlite_trigger(
                f"frozen_{table}_{operation.lower()}",
                f"BEFORE {operation} ON {table}",
                f"SELECT RAISE(ABORT, '{table}: adopted values never change in place');",
                when=frozen_when(model),
            )
    if closing := closed_with(model):
        column, parent, parent_key, condition = closing
        for operation in ("INSERT", "UPDATE"):
            statements += _sqlite_trigger(
                f"closed_{table}_{operation.lower()}",
                f"BEFORE {operation} ON {table}",
                f"SELECT RAISE(ABORT, '{table}: nothing is added to adopted values') FROM {parent} parent "  # noqa: S608
                f"WHERE parent.{parent_key} = NEW.{column} AND ({condition});",
            )
    return statements


def _sqlite_json(model: type[models.Model], row: str) -> str:
    pairs = ", ".join(f"'{column}', {row}.\"{column}\"" for column in audited_columns(model))
    return f"json_object({pairs})"


POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION koersvast_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := NULL; new_row jsonb := NULL; key text;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_row := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN new_row := to_jsonb(NEW); END IF;
    key := coalesce(new_row, old_row) ->> TG_ARGV[0];
    INSERT INTO access_rowchange ({ROW_CHANGE_COLUMNS}) VALUES (
        to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        TG_TABLE_NAME, key, lower(TG_OP), nullif(current_setting('koersvast.change', true), ''),
        (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(old_row) e WHERE e.key = ANY (TG_ARGV[1:]))::text,
        (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(new_row) e WHERE e.key = ANY (TG_ARGV[1:]))::text
    );
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION koersvast_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION koersvast_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: adopted values never change in place', TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION koersvast_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed boolean;
BEGIN
    -- The lock makes this wait for a decision that is being recorded at the same moment.
    EXECUTE format('SELECT %s FROM %I parent WHERE parent.%I = $1 FOR SHARE', TG_ARGV[3], TG_ARGV[1], TG_ARGV[2])
        INTO closed USING (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    IF closed THEN RAISE EXCEPTION '%: nothing is added to adopted values', TG_TABLE_NAME; END IF;
    RETURN NEW;
END $$;
"""  # noqa: S608 the only thing filled in is a constant of this file


def _lay_postgresql(connection: BaseDatabaseWrapper, watched: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_FUNCTIONS)
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION koersvast_append_only()"
            )
        for model in watched:
            table = model._meta.db_table
            arguments = ", ".join(f"'{name}'" for name in [model._meta.pk.column, *audited_columns(model)])
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER audit_{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION koersvast_row_change({arguments})"
            )
            if frozen_when(model):
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER frozen_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
                    f"WHEN ({frozen_when(model)}) EXECUTE FUNCTION koersvast_frozen()"
                )
            if closing := closed_with(model):
                named = ", ".join(f"'{argument}'" for argument in closing)
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER closed_{table} BEFORE INSERT OR UPDATE ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION koersvast_closed({named})"
                )
