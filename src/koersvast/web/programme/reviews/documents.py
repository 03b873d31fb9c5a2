"""A review as a document to take along."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from koersvast.access.permissions import Permission
from koersvast.publications.blocks import Language
from koersvast.publications.review_files import review_file as made_file
from koersvast.publications.writers import Format
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.reviews.views import chosen_moment


@permitted(GET=Permission.DOCUMENT_MAKE)
def review_file(_request: TenantRequest, moment: int, fmt: str) -> HttpResponse:
    """The review of a moment as a file; it can be made as soon as the review began."""
    row = chosen_moment(moment)
    if row.known_on is None or fmt not in {one.value for one in Format}:
        raise Http404
    made = made_file(row, Format(fmt), today=timezone.localdate(), language=Language(get_language() or "nl"))
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
