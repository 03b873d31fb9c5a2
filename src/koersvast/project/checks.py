"""Checks at the start of the server: what would lose or leak data is refused before the first request."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from koersvast.access.triggers import APPEND_ONLY
from koersvast.connectors.sealed import SealedStore

SQLITE_MUST = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "recursive_triggers": 1, "foreign_keys": 1}


def database_is_safe(*, databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    """Check how the database was opened: SQLite's five settings, or PostgreSQL's role without special powers."""
    for alias in databases or ():
        connection = connections[alias]
        yield from (_sqlite if connection.vendor == "sqlite" else _postgresql)(connection)


def _sqlite(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    in_memory = "mode=memory" in str(connection.settings_dict["NAME"]) or connection.settings_dict["NAME"] == ":memory:"
    with connection.cursor() as cursor:
        for pragma, must in SQLITE_MUST.items():
            cursor.execute(f"PRAGMA {pragma}")
            found = cursor.fetchone()[0]
            if found != must and not (pragma == "journal_mode" and in_memory):
                yield Error(f"SQLite: {pragma} is {found}, must be {must}.", id="koersvast.E001")


def _postgresql(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            yield Error(
                "PostgreSQL: the role is a superuser or may bypass row security.",
                hint="Give Koersvast a role of its own: CREATE ROLE koersvast LOGIN NOSUPERUSER NOBYPASSRLS.",
                id="koersvast.E002",
            )


def triggers_are_laid(*, databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    """Check that the audit's own tables are guarded, once they exist."""
    for alias in databases or ():
        connection = connections[alias]
        if not set(APPEND_ONLY) <= set(connection.introspection.table_names()):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
                if connection.vendor == "sqlite"
                else "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            )
            guarded = {row[0] for row in cursor.fetchall()}
        if not set(APPEND_ONLY) <= guarded:
            yield Error("The audit's triggers are missing.", hint="Run koersvast migrate.", id="koersvast.E003")


def microdata_can_be_opened(**_: Any) -> Iterable[CheckMessage]:
    """Check that the master key is the one with which the answers of respondents were sealed."""
    store = SealedStore(settings.MICRODATA, settings.MICRODATA_KEY, earlier_keys=tuple(settings.MICRODATA_EARLIER_KEYS))
    if count := len(store.names_under_another_key()):
        yield Error(
            f"Microdata: {count} sealed file(s) do not open with KOERSVAST_MICRODATA_KEY.",
            hint="Put the earlier key back, or give it as KOERSVAST_MICRODATA_EARLIER_KEY.",
            id="koersvast.E004",
        )
