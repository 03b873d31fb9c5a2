"""Judge an answer: its status, its kind, its characters, its packing and its size. Bytes come out, or a problem.

`Passing` is what another attempt may cure; every other failure is a FetchProblem and final.
"""

import re
import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpcore

from koersvast.connectors.problems import FetchProblem, Problem, problem
from koersvast.connectors.unpacking import DamagedPacking, Unpacker, UnpacksTooLarge

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THERE = frozenset({404, 410})
_PACKINGS: Mapping[str, str] = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii"})
_JSON = frozenset({"application/json", "text/json", "application/geo+json", "application/vnd.geo+json"})
_XML = frozenset({"application/xml", "text/xml", "application/atom+xml"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_PAGE_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE
)
# "The query results in more than 10000 records": version 3 refuses so, with status 500.
_TOO_MANY = re.compile(r"10[.,\s]?000\s+(?:records|rows|rijen|regels)", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)"?', re.IGNORECASE)


class Passing(Exception):
    """A failure that another attempt may cure; `asked_seconds` is what the source asked to wait."""

    def __init__(self, found: Problem, asked_seconds: float | None = None) -> None:
        super().__init__(found.name)
        self.problem = found
        self.asked_seconds = asked_seconds


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """Return headers by their name in lower case; one that was sent twice has both values, with a comma."""
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def check_kind(headers: Mapping[str, str], accept: str, host: str) -> str:
    """Return the media type of an answer that is of a kind that was asked for, in UTF-8. Raises FetchProblem."""
    declared = headers.get("content-type", "")
    media_type = declared.partition(";")[0].strip().lower()
    if media_type in _PAGES:
        raise FetchProblem(problem("page_instead_of_figures", host=host))
    if not _is_acceptable(media_type, accept):
        raise FetchProblem(problem("unexpected_kind", host=host, kind=media_type))
    charset = _PARAMETER.search(declared)
    if charset and charset.group(1).lower() not in _UTF8:
        raise FetchProblem(problem("unexpected_characters", host=host, charset=charset.group(1)))
    return media_type


def _is_acceptable(media_type: str, accept: str) -> bool:
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if wanted & _JSON and (media_type in _JSON or media_type.endswith("+json")):
        return True
    if wanted & _XML and (media_type in _XML or media_type.endswith("+xml")):
        return True
    return media_type in wanted or "*/*" in wanted


def read_body(pieces: Iterable[bytes], headers: Mapping[str, str], *, host: str, limit: int) -> bytes:
    """Read and unpack a body of at most `limit` bytes, on the wire and unpacked. Raises FetchProblem or Passing."""
    packing = headers.get("content-encoding", "").strip().lower()
    if packing not in _PACKINGS:
        raise FetchProblem(problem("unknown_packing", host=host, packing=packing))
    too_large = problem("answer_too_large", host=host, limit=limit)
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise FetchProblem(too_large)
    unpacker = Unpacker(_PACKINGS[packing], limit=limit)
    unpacked, taken = bytearray(), 0
    try:
        for piece in pieces:
            taken += len(piece)
            if taken > limit:
                raise FetchProblem(too_large)
            unpacked += unpacker.feed(piece)
        if taken:
            unpacker.finish()
    except UnpacksTooLarge:
        raise FetchProblem(problem("answer_unpacks_too_large", host=host, limit=limit)) from None
    except DamagedPacking:
        raise Passing(problem("damaged_packing", host=host)) from None
    return bytes(unpacked)


def check_contents(data: bytes, host: str) -> None:
    """Refuse an answer that is empty, or a web page whatever it is called. Raises FetchProblem or Passing."""
    if not data.strip():
        raise Passing(problem("empty_answer", host=host))
    if _PAGE_BEGINS.match(data[:4096]):
        raise FetchProblem(problem("page_instead_of_figures", host=host))


def refusal(status: int, text: str, headers: Mapping[str, str], *, host: str, now: datetime) -> FetchProblem | Passing:
    """Return the exception that an answer other than 200 or a redirect deserves."""
    if status in {400, 500} and _TOO_MANY.search(text):
        return FetchProblem(problem("too_many_records", host=host))
    if status in _NOT_THERE:
        return FetchProblem(problem("not_at_source", host=host, status=status))
    if status in PASSING_STATUSES:
        asked = asked_seconds(headers.get("retry-after", ""), now) if status in {429, 503} else None
        return Passing(problem("source_failing", host=host, status=status), asked)
    return FetchProblem(problem("status_refused", host=host, status=status))


def asked_seconds(retry_after: str, now: datetime) -> float | None:
    """Read Retry-After: a number of seconds or a date (RFC 9110, 10.2.3); None where it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):  # a day or a zone of twenty digits is no date either
        return None
    if moment.tzinfo is None:
        return None
    return max((moment - now).total_seconds(), 0.0)


def connection_failure(error: Exception, host: str) -> FetchProblem | Passing:
    """Return what a failed connection deserves: a certificate that does not fit is final, the rest may pass."""
    cause = next((found for found in (*error.args, error.__cause__) if isinstance(found, ssl.SSLError)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return FetchProblem(problem("certificate_refused", host=host, reason=cause.verify_message))
    return Passing(problem("no_connection", host=host))
