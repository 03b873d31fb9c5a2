"""What is known of organisations: for choice lists, as an overview, and each one in full."""

from django.db.models import QuerySet

from koersvast.partners.models import Organisation


def organisations(*, with_archive: bool = False) -> QuerySet[Organisation]:
    """Return the organisations and units of the municipality in scope, by name; without those in the archive."""
    every = Organisation.objects.order_by("name")
    return every if with_archive else every.filter(is_active=True)
