"""What the council asked or was promised about the thing that a page shows: a block that several pages carry.

It stands outside the pages of the council, since pages of the plan carry it too.
"""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from koersvast.access.permissions import Permission
from koersvast.programme.council import Place
from koersvast.programme.queries.council import council_at
from koersvast.web.gate import Entry


def council_here(entry: Entry, place: Place) -> dict[str, Any]:
    """The items about a place with their badges, and where a question about it is asked; one query at most."""
    slug = entry.municipality.slug
    if Permission.COUNCIL_VIEW not in entry.permissions:
        return {}
    ask = f"{reverse('council-ask', kwargs={'municipality': slug})}?{urlencode({'over': str(place)})}"
    return {
        "council_here": [
            (line, reverse("council-item", kwargs={"municipality": slug, "council_item": line.item.number}))
            for line in council_at(place, today=timezone.localdate())
        ],
        "council_ask": ask if Permission.COUNCIL_ASK in entry.permissions else "",
    }
