"""The waves of a municipality, and how far each of them is."""

from django.db.models import QuerySet

from koersvast.access.models import Municipality
from koersvast.surveys.models import Wave


def waves_of(municipality: Municipality) -> QuerySet[Wave]:
    """Return the waves of a municipality, newest first, with their sources."""
    return Wave.objects.filter(municipality=municipality).select_related("source", "municipality", "catalogue")
