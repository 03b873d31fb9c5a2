"""What every change of this package does: ask leave, lock the row as its writer saw it, check it, count its version."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.audit import Actor
from koersvast.access.conflicts import Changed
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.partners.models import Agreement, Organisation


def may_edit(by: Actor, municipality: Municipality) -> None:
    """Let through who may write partners in this municipality."""
    authorise(by, Permission.PARTNERS_EDIT, municipality, on=timezone.localdate())


def locked[Row: models.Model](rows: models.QuerySet[Row], known: Row, *, version: int | None) -> Row:
    """Return the row as it is now, locked until the change ends. `Changed` when its writer saw another version."""
    row = rows.select_for_update().filter(pk=known.pk).first()
    if row is None:
        raise ValidationError(_("Somebody removed this in the meantime. Nothing was saved."), code="gone")
    if version is not None and version != row.version:  # type: ignore[attr-defined] # every row that people edit has one
        raise Changed(row)
    return row


def fill(row: models.Model, **values: object) -> None:
    """Set the values, check the row with everything that its model demands, and save it as its next version."""
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    if row.pk:
        row.version += 1  # type: ignore[attr-defined] # every row that people edit has one
    row.save()


def hold(municipality: Municipality) -> None:
    """Let changes that depend on all organisations of a municipality wait for one another."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)


def own(municipality: Municipality, *parts: Organisation | Agreement | None) -> None:
    """Refuse a part that another municipality owns."""
    if any(part is not None and part.municipality_id != municipality.pk for part in parts):
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")
