"""OData 3 as opendata.cbs.nl and dataderden.cbs.nl speak it: a column per measure, keys padded with spaces.

Facts: services' metadata of tables 47018NED, 85984NED and 83474NED; cbsodataR's client for the names of the parts.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from koersvast.connectors.atom import Feed, as_rows, is_markup, read_feed
from koersvast.connectors.metadata_values import moment, number_or_zero, plain_text
from koersvast.connectors.odata_json import Wanted, frame_of, next_address, read_lines, read_list
from koersvast.connectors.open_tables import (
    ATTRIBUTE,
    Dimension,
    Measure,
    Member,
    Protocol,
    TableAddress,
    TableDescription,
    TableProblem,
    role_of,
    status_of,
    table_problem,
)
from koersvast.connectors.untyped import with_amounts, without_attributes

INFOS, PROPERTIES = "TableInfos", "DataProperties"
LINES = "UntypedDataSet"
TYPED_LINES = "TypedDataSet"
_SAYS = re.compile(rb"#(?:[\w.]*\.)?(UntypedDataSet|TypedDataSet)\b")
_NUMERIC = frozenset({"long", "integer", "int", "short", "double", "float", "decimal", "single"})


def first_urls(address: TableAddress) -> dict[str, str]:
    """The parts of the metadata that every table has."""
    return {role: f"{address.root}/{role}?$format=json" for role in (INFOS, PROPERTIES)}


def member_urls(address: TableAddress, properties: bytes) -> dict[str, str]:
    """The lists of members, one per dimension; a list has its dimension's key as its name."""
    dimensions = [row for row in rows_of(properties, address.table) if _is_dimension(row)]
    return {key: f"{address.root}/{key}?$format=json" for key in (_key(row, address.table) for row in dimensions)}


def rows_of(part: bytes, table: str) -> list[dict[str, Any]]:
    """Read a part of the metadata, in JSON or Atom."""
    return as_rows(read_feed(part, table=table)) if is_markup(part) else read_list(part, table=table)


def describe(parts: Mapping[str, bytes], address: TableAddress) -> TableDescription:
    """Read the metadata; raises TableProblem where a part is absent, unreadable or of another table."""
    table = address.table
    for role in (INFOS, PROPERTIES):
        if role not in parts:
            raise table_problem("not_an_answer", table=table, reason="no_" + role)
    infos = rows_of(parts[INFOS], table)
    if len(infos) != 1:
        raise table_problem("not_an_answer", table=table, reason="no_TableInfos")
    info, rows = infos[0], rows_of(parts[PROPERTIES], table)
    if plain_text(info.get("Identifier")).casefold() != table.casefold():
        raise table_problem("not_this_table", table=table, found=plain_text(info.get("Identifier")))
    members = {
        key: _members(rows_of(parts[key], table), key, table)
        for key in (_key(row, table) for row in rows if _is_dimension(row))
        if key in parts
    }
    return TableDescription(
        table=table,
        title=plain_text(info.get("Title")),
        protocol=Protocol.V3,
        modified=moment(info.get("Modified"), table=table),
        period_text=plain_text(info.get("Period")),
        explanation=plain_text(info.get("Description")) or plain_text(info.get("ShortDescription")),
        dimensions=tuple(_dimension(row, members, table) for row in rows if _is_dimension(row)),
        measures=tuple(_measures(rows, table)),
        members=members,
    )


def _key(row: Mapping[str, Any], table: str) -> str:
    key = plain_text(row.get("Key"))
    if not key.isidentifier():
        raise table_problem("not_an_answer", table=table, reason="no_DataProperties")
    return key


def _is_dimension(row: Mapping[str, Any]) -> bool:
    kind = plain_text(row.get("Type"))
    return kind not in {"Topic", "TopicGroup"} and ("Dimension" in kind or kind.startswith("Geo"))


def _dimension(row: Mapping[str, Any], members: Mapping[str, Sequence[Member]], table: str) -> Dimension:
    key = _key(row, table)
    role = role_of(plain_text(row.get("Type")), key, members.get(key, ()))
    return Dimension(key=key, title=plain_text(row.get("Title")), role=role)


def _measures(rows: Sequence[Mapping[str, Any]], table: str) -> list[Measure]:
    groups = {plain_text(row.get("ID")): row for row in rows if plain_text(row.get("Type")) == "TopicGroup"}
    topics = [row for row in rows if plain_text(row.get("Type")) == "Topic"]
    return [
        Measure(
            key=_key(row, table),
            title=plain_text(row.get("Title")),
            unit=plain_text(row.get("Unit")),
            decimals=number_or_zero(row.get("Decimals")),
            absent_is_zero=plain_text(row.get("Default")).casefold() == "zero",
            group=_path(row, groups),
        )
        for row in topics
        if plain_text(row.get("Datatype")).casefold() in _NUMERIC
    ]


def _path(row: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]]) -> str:
    titles: list[str] = []
    above = plain_text(row.get("ParentID"))
    while above in groups and len(titles) < len(groups):
        titles.insert(0, plain_text(groups[above].get("Title")))
        above = plain_text(groups[above].get("ParentID"))
    return " / ".join(titles)


def _members(rows: Sequence[Mapping[str, Any]], dimension: str, table: str) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    for row in rows:
        raw = row.get("Key")
        if not isinstance(raw, str) or not raw.strip():
            raise table_problem("line_without_key", table=table, field=dimension)
        title = plain_text(row.get("Title"))
        parent = plain_text(row.get("Municipality")) or plain_text(row.get("CategoryGroupID"))
        member = Member(
            key=raw.strip(), raw_key=raw, title=title, status=status_of(row.get("Status"), title), parent=parent
        )
        if found.setdefault(member.key, member) is not member:
            raise table_problem("key_twice", table=table, key=member.key)
    return tuple(found.values())


# --- pages


def read_page(page: bytes, description: TableDescription) -> pl.DataFrame:
    """Read one page of lines, typed or untyped, in JSON or Atom."""
    keys = tuple(dimension.key for dimension in description.dimensions)
    measures = tuple(measure.key for measure in description.measures)
    if is_markup(page):
        return _read_atom(read_feed(page, table=description.table), keys, measures, description.table)
    said = says(page)
    try:
        if said != LINES:
            return _numbers(page, keys, measures, description.table)
    except TableProblem as refusal:
        if said or refusal.problem.name != "cell_of_wrong_kind":
            raise
    return _texts(page, keys, measures, description.table)


def says(page: bytes) -> str:
    """Which form a page says it has, in `odata.metadata` at its beginning; empty where it says nothing."""
    found = _SAYS.search(page[:1000])
    return found[1].decode() if found else ""


def _numbers(page: bytes, keys: tuple[str, ...], measures: tuple[str, ...], table: str) -> pl.DataFrame:
    wanted = Wanted(table=table, keys=keys, figures=measures)
    return _ordered(without_attributes(read_lines(page, wanted).lines, measures), wanted)


def _texts(page: bytes, keys: tuple[str, ...], measures: tuple[str, ...], table: str) -> pl.DataFrame:
    wanted = Wanted(table=table, keys=keys, texts=measures)
    return _ordered(with_amounts(read_lines(page, wanted).lines, measures, table=table), wanted)


def _read_atom(feed: Feed, keys: tuple[str, ...], measures: tuple[str, ...], table: str) -> pl.DataFrame:
    as_texts = Wanted(table=table, keys=keys, texts=measures)
    lines = frame_of(feed.entries, as_texts).with_columns(pl.col(*keys).str.strip_chars())
    for key in keys:
        if lines.height and (lines[key] == "").any():
            raise table_problem("line_without_key", table=table, field=key)
    for measure in feed.numeric & set(measures):
        if (lines[measure].str.strip_chars() == "").any():
            raise table_problem("cell_of_wrong_kind", table=table, field=measure, found="")
    return _ordered(with_amounts(lines, measures, table=table), as_texts)


def _ordered(lines: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    measures = wanted.figures or wanted.texts
    return lines.select(*wanted.keys, *(column for m in measures for column in (m, m + ATTRIBUTE)))


def next_link(page: bytes, address: TableAddress) -> str | None:
    """Return the address of the next page as the service gives it."""
    if is_markup(page):
        return read_feed(page, table=address.table).next_address
    return next_address(page, table=address.table)
