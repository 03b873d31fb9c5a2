"""Read the Atom form of OData 3, which a service gives where JSON was not asked for.

Every entry has its columns as elements; an empty cell has `null="true"`, a typed one the name of its type. Document
type declarations and entities are refused before anything is expanded. Grammar: OData 3, Atom format; RFC 4287.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from koersvast.connectors.open_tables import check_values, table_problem

ATOM = "{http://www.w3.org/2005/Atom}"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
META = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
_BOM = b"\xef\xbb\xbf"
_WHOLE = ("Byte", "SByte", "Int16", "Int32", "Int64")
_NUMBERS = frozenset({f"Edm.{name}" for name in (*_WHOLE, "Single", "Double", "Decimal")})


@dataclass(frozen=True, kw_only=True)
class Feed:
    """The entries of a feed, each a value per column (text, or null), the numeric columns, and the next address."""

    entries: tuple[Mapping[str, str | None], ...]
    numeric: frozenset[str]
    next_address: str | None


def is_markup(data: bytes) -> bool:
    """Whether an answer begins as XML does, and not as JSON."""
    return data.removeprefix(_BOM).lstrip()[:1] == b"<"


def read_feed(data: bytes, *, table: str) -> Feed:
    """Read a feed; raises TableProblem for anything else, an error message of the service included."""
    root = _parsed(data, table)
    if root.tag in {META + "error", "error"}:
        message = next((part.text or "" for part in root.iter() if part.tag.endswith("message")), "")
        raise table_problem("service_says_no", table=table, message=message)
    if root.tag != ATOM + "feed":
        raise table_problem("not_an_answer", table=table, reason="markup")
    numeric: set[str] = set()
    entries = tuple(_columns(entry, table, numeric) for entry in root.findall(ATOM + "entry"))
    links = [link.get("href", "") for link in root.findall(ATOM + "link") if link.get("rel") == "next"]
    if len(links) > 1:
        raise table_problem("name_twice", table=table, twice="link")
    return Feed(entries=entries, numeric=frozenset(numeric), next_address=links[0] if links else None)


def _parsed(data: bytes, table: str) -> Element:
    check_values(data.count(b"<"), table=table)
    try:
        # The bytes, not a text: the declaration at the top names the character set, and the parser holds it to that.
        root: Element = fromstring(data.lstrip(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise table_problem("declarations_in_answer", table=table) from None
    except (ParseError, LookupError, ValueError, UnicodeError):
        raise table_problem("not_an_answer", table=table, reason="markup") from None
    except RecursionError:
        raise table_problem("too_deep", table=table) from None
    return root


def _columns(entry: Element, table: str, numeric: set[str]) -> Mapping[str, str | None]:
    found: dict[str, str | None] = {}
    for cell in _cells(entry, table):
        name = cell.tag.removeprefix(DATA)
        if name in found:
            raise table_problem("name_twice", table=table, twice=name)
        if len(cell):
            raise table_problem("cell_of_wrong_kind", table=table, field=name, found="markup")
        is_null = cell.get(META + "null", "").strip().lower() in {"true", "1"}
        if is_null and cell.text:
            raise table_problem("cell_of_wrong_kind", table=table, field=name, found=cell.text)
        found[name] = None if is_null else cell.text or ""
        if cell.get(META + "type") in _NUMBERS:
            numeric.add(name)
    return found


def _cells(entry: Element, table: str) -> Iterator[Element]:
    contents = entry.findall(ATOM + "content")
    parts = [part for content in contents for part in content.findall(META + "properties")]
    if len(parts) != 1:
        raise table_problem("not_an_answer", table=table, reason="markup")
    for cell in parts[0]:
        if not cell.tag.startswith(DATA):
            raise table_problem("not_an_answer", table=table, reason="markup")
        yield cell


def as_rows(feed: Feed) -> list[dict[str, Any]]:
    """The entries as plain dictionaries of texts, as metadata is read."""
    return [dict(entry) for entry in feed.entries]
