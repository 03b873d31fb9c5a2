"""The one door to the open tables of Statistics Netherlands and the police, whichever version of OData they speak.

Pure: bytes in, values out. Asking for a table goes in four steps, none of which touches the network: `metadata_urls`
until it gives no more, `describe`, `page_urls`, and per page `read_page` and `next_url`; then `join_pages`. What comes
back is a line per combination of members with one Float64 column per measure; a cell without a number is null, never
zero, and `<measure>__attribute` tells what stood in its place (see `missing_reason`).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import polars as pl

from koersvast.connectors import odata_v3, odata_v4, partitions
from koersvast.connectors.atom import is_markup
from koersvast.connectors.open_tables import (
    ATTRIBUTE,
    UNKNOWN_PLACES,
    ColumnMissing,
    Dimension,
    Measure,
    Member,
    Protocol,
    Slice,
    TableAddress,
    TableDescription,
    TableProblem,
    folded,
    missing_reason,
    period_code,
    table_problem,
)

__all__ = [
    "ATTRIBUTE",
    "EVERYTHING",
    "UNKNOWN_PLACES",
    "ColumnMissing",
    "Dimension",
    "Measure",
    "Member",
    "Protocol",
    "Slice",
    "TableAddress",
    "TableDescription",
    "TableProblem",
    "describe",
    "folded",
    "join_pages",
    "metadata_urls",
    "missing_reason",
    "next_url",
    "page_urls",
    "period_code",
    "read_page",
]

EVERYTHING = Slice()


def metadata_urls(address: TableAddress, parts: Mapping[str, bytes] | None = None) -> dict[str, str]:
    """Return the parts of the metadata still to be fetched, by role; empty when `parts` is complete.

    Which lists of members a table has is only known once its columns have been read, so ask twice: with nothing, and
    with what the first round brought.
    """
    parts = parts or {}
    is_v4 = address.protocol is Protocol.V4
    urls = odata_v4.first_urls(address) if is_v4 else odata_v3.first_urls(address)
    columns = odata_v4.DIMENSIONS if is_v4 else odata_v3.PROPERTIES
    if columns in parts:
        members = odata_v4.member_urls if is_v4 else odata_v3.member_urls
        urls |= members(address, parts[columns])
    return {role: url for role, url in urls.items() if role not in parts}


def describe(parts: Mapping[str, bytes], address: TableAddress) -> TableDescription:
    """Read the metadata of a table, part by part under its role; raises TableProblem."""
    is_v4 = address.protocol is Protocol.V4
    found = odata_v4.describe(parts, address) if is_v4 else odata_v3.describe(parts, address)
    # Without keys all lines are one, and without figures there is nothing to read.
    if not (found.dimensions and found.measures):
        columns = odata_v4.DIMENSIONS if is_v4 else odata_v3.PROPERTIES
        raise table_problem("not_an_answer", table=address.table, reason=f"no_{columns}")
    return found


def page_urls(
    address: TableAddress, description: TableDescription, wanted: Slice = EVERYTHING, *, typed: bool = False
) -> tuple[str, ...]:
    """Return the first page of every part of a slice; pages that follow are found with `next_url`.

    OData 3 is asked for texts, because only there a withheld cell differs from an empty one; `typed` asks for numbers.
    Raises TableProblem (not_in_table) for an area, kind or year that the table does not have.
    """
    set_name = odata_v4.LINES
    if address.protocol is Protocol.V3:
        set_name = odata_v3.TYPED_LINES if typed else odata_v3.LINES
    return partitions.lines_of(address, description, wanted, set_name=set_name)


def next_url(page: bytes, address: TableAddress) -> str | None:
    """Return the address of the page after this one, or None after the last.

    It must stay with this host and table; options that the service repeats are asked for once. Raises TableProblem.
    """
    found = odata_v4.next_link(page, address) if address.protocol is Protocol.V4 else odata_v3.next_link(page, address)
    if not found:
        return None
    try:
        parts = urlsplit(urljoin(f"{address.root}/", found))
    except ValueError:
        raise table_problem("next_page_strange", table=address.table, address=found) from None
    roots = {root.casefold(): root for root in (address.path, address.path.replace("/ODataApi/", "/ODataFeed/"))}
    path, _, set_name = parts.path.rpartition("/")
    root = roots.get(path.casefold(), "")
    is_home = parts.scheme == "https" and parts.netloc.casefold() == address.host.casefold()
    if not (is_home and root and set_name.isascii() and set_name.isidentifier()) or parts.fragment:
        raise table_problem("next_page_strange", table=address.table, address=found)
    options = _options_once(parts.query, address.table, found)
    if address.protocol is Protocol.V3 and not is_markup(page):
        options.setdefault("$format", "json")
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='(),')}" for name, value in options.items())
    return f"https://{address.host}{root}/{set_name}" + (f"?{query}" if query else "")


def _options_once(query: str, table: str, address: str) -> dict[str, str]:
    """Take each option once; one that is repeated with another value makes the address worthless."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if options.setdefault(name, value) != value:
            raise table_problem("next_page_strange", table=table, address=address)
    return options


def read_page(page: bytes, description: TableDescription) -> pl.DataFrame:
    """Read one page: a String column per dimension (stripped), per measure a Float64 column and its attribute column.

    JSON or Atom, typed or untyped, wide or long: the columns are the same. Raises TableProblem; nothing else escapes.
    """
    if description.protocol is Protocol.V4:
        return odata_v4.read_page(page, description)
    return odata_v3.read_page(page, description)


def join_pages(pages: Sequence[pl.DataFrame], description: TableDescription) -> pl.DataFrame:
    """Join the pages of a slice: a combination that the end of a page cut in two becomes one line again.

    Raises TableProblem (cell_twice) where the same cell came twice, be it with the same value: a page was then given
    twice, or the table changed while it was read.
    """
    keys = [dimension.key for dimension in description.dimensions]
    if not pages:
        raise table_problem("not_an_answer", table=description.table, reason="no_pages")
    lines = pl.concat(pages, rechunk=True)
    twice = lines.select(keys).is_duplicated()
    if not twice.any():
        return lines
    cells = [column for column in lines.columns if column not in keys]
    repeated = lines.filter(twice)
    if description.protocol is Protocol.V4:
        joined = repeated.group_by(keys, maintain_order=True).agg(pl.col(cells).drop_nulls())
        if not any((joined[column].list.len() > 1).any() for column in cells):
            whole = joined.with_columns(pl.col(cells).list.first())
            return pl.concat([lines.filter(~twice), whole])
    raise table_problem("cell_twice", table=description.table, key=" ".join(repeated.select(keys).row(0)))
