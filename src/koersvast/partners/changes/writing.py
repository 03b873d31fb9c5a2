"""What every change of this package does: ask leave, check the row, count its version."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.audit import Actor
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.partners.models import Agreement, Organisation

# Words that the pages use themselves: a page at `partners/nieuw/` would hide the organisation with that code.
RESERVED = frozenset({"nieuw", "export", "plakken"})


def may_edit(by: Actor, municipality: Municipality) -> None:
    """Let through who may write partners in this municipality."""
    authorise(by, Permission.PARTNERS_EDIT, municipality, on=timezone.localdate())


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
