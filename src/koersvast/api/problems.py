"""Every refusal of the interface as problem+json (RFC 9457), without a word of what was sent in."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

VERSION = "1.0.0"


class Refused(Exception):
    """A request that is answered with a problem. `code` is for programs, `detail` says what to do."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Return the answer to a refused request."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
            "code": code, **more}  # fmt: skip
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json", headers=headers)
