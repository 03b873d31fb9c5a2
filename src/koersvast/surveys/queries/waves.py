"""The waves of a municipality, with the file, codebook and choice of weights that count now."""

from django.db.models import QuerySet

from koersvast.access.models import Municipality
from koersvast.surveys.models import CodebookEntry, MicrodataFile, Wave, WeightingChoice


def waves_of(municipality: Municipality) -> QuerySet[Wave]:
    """Return the waves of a municipality, newest first, with their sources."""
    return Wave.objects.filter(municipality=municipality).select_related("source", "municipality", "catalogue")


def current_file(wave: Wave) -> MicrodataFile | None:
    """The file that counts, its answers there or destroyed; None while none came in."""
    return MicrodataFile.objects.filter(wave=wave, superseded_at=None).select_related("wave__municipality").first()


def current_choice(wave: Wave) -> WeightingChoice | None:
    """The choice of weights that counts."""
    return WeightingChoice.objects.filter(wave=wave, superseded_at=None).first()


def codebook_of(wave: Wave, *, waiting: bool = False) -> QuerySet[CodebookEntry]:
    """The lines of the codebook in the order of the file; with `waiting` only those that nobody confirmed yet."""
    rows = CodebookEntry.objects.filter(wave=wave).order_by("position", "code")
    return rows.filter(confirmed_at=None) if waiting else rows
