"""Lists in parts: at most a hundred rows at once, with links to the parts around it."""

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema

LARGEST = 100


class Paging(Schema):
    """Which part of a list is asked."""

    page: Annotated[int, Query(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Query(ge=1, le=LARGEST, alias="pageSize")] = 50


def part_of[Row](rows: Sequence[Row], asked: Paging, request: HttpRequest, response: HttpResponse) -> list[Row]:
    """Return the rows of this part; the links and the total stand in the headers Link and X-Total-Count."""
    last = max(1, -(-len(rows) // asked.page_size))
    places = {"first": 1, "prev": asked.page - 1, "next": asked.page + 1, "last": last}
    links = [f'<{_address(request, page)}>; rel="{name}"' for name, page in places.items() if 1 <= page <= last]
    response["Link"], response["X-Total-Count"] = ", ".join(links), str(len(rows))
    start = (asked.page - 1) * asked.page_size
    return list(rows[start : start + asked.page_size])


def _address(request: HttpRequest, page: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return f"{request.path}?{asked.urlencode()}"
