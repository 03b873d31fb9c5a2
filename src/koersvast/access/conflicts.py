"""Two people wrote the same row: what happened in between is kept, and the second is told.

A row that people edit has a `version`. Whoever writes gives the version that they had before them. Only when it is
still the one that stands, is the row written, under the next version.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from koersvast.access.models import AuditRecord, RowChange, User


class Changed(Exception):
    """Somebody else wrote the row in between; nothing was written now. `row` is the row as it is now."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(f"{row._meta.label_lower} {row.pk}")
        self.row = row


@dataclass(frozen=True, kw_only=True)
class LastWriter:
    """Who wrote a row last, and when. `actor` is as the audit names it; `user` when it is somebody who signs in."""

    at: datetime
    actor: str
    user: User | None


def locked[Row: models.Model](row: Row, *, version: int | None, within: models.QuerySet[Row] | None = None) -> Row:
    """Return the row as it is now, held for this transaction; raise `Changed` when its version is another one.

    None for a writer that cannot have seen a version, such as a command. A row that is gone, or that is not `within`
    the rows that it should be among, raises `ValidationError` with code gone.
    """
    rows = type(row)._default_manager.all() if within is None else within
    standing = rows.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if standing is None:
        raise ValidationError(_("Somebody removed this in the meantime. Nothing was saved."), code="gone")
    if version is not None and version != getattr(standing, "version"):  # noqa: B009 every such row has one
        raise Changed(standing)
    return standing


def last_writer(row: models.Model) -> LastWriter | None:
    """Return who wrote this row last, by the audit; None when the audit does not know."""
    changes = RowChange.objects.filter(table_name=row._meta.db_table, row_id=str(row.pk)).order_by("-pk")
    token = changes.values_list("token", flat=True).first()
    record = AuditRecord.objects.filter(token=token).first() if token else None
    if record is None:
        return None
    kind, _colon, number = record.actor.partition(":")
    user = User.objects.filter(pk=int(number)).first() if kind == "user" else None
    return LastWriter(at=record.at, actor=record.actor, user=user)
