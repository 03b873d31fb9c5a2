"""OData 4 as datasets.cbs.nl speaks it: a line per observation, which is turned into a column per measure here.

Facts: cbsodata4's client and its guide for the names of the parts and of `ValueAttribute` ("None" where a value
stands).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from koersvast.connectors.metadata_values import moment, number_or_zero, plain_text
from koersvast.connectors.odata_json import Wanted, next_address, read_lines, read_list, read_object
from koersvast.connectors.open_tables import (
    ATTRIBUTE,
    Dimension,
    Measure,
    Member,
    Protocol,
    TableAddress,
    TableDescription,
    role_of,
    status_of,
    table_problem,
)

PROPERTIES, DIMENSIONS, MEASURES, GROUPS = "Properties", "Dimensions", "MeasureCodes", "MeasureGroups"
LINES = "Observations"
_MEASURE, _VALUE, _ATTRIBUTE = "Measure", "Value", "ValueAttribute"


def first_urls(address: TableAddress) -> dict[str, str]:
    """The parts of the metadata that every table has."""
    return {role: f"{address.root}/{role}" for role in (PROPERTIES, DIMENSIONS, MEASURES)}


def member_urls(address: TableAddress, dimensions: bytes) -> dict[str, str]:
    """The lists of members, one per dimension: the codes of a dimension stand under its key."""
    keys = [_key(row, address.table) for row in read_list(dimensions, table=address.table)]
    return {key: f"{address.root}/{key}Codes" for key in keys}


def describe(parts: Mapping[str, bytes], address: TableAddress) -> TableDescription:
    """Read the metadata; raises TableProblem where a part is absent, unreadable or of another table."""
    table = address.table
    for role in (PROPERTIES, DIMENSIONS, MEASURES):
        if role not in parts:
            raise table_problem("not_an_answer", table=table, reason="no_" + role)
    info = read_object(parts[PROPERTIES], table=table)
    if plain_text(info.get("Identifier")).casefold() != table.casefold():
        raise table_problem("not_this_table", table=table, found=plain_text(info.get("Identifier")))
    rows = read_list(parts[DIMENSIONS], table=table)
    members = {
        key: _members(read_list(parts[key], table=table), key, table)
        for key in (_key(row, table) for row in rows)
        if key in parts
    }
    groups = read_list(parts[GROUPS], table=table) if GROUPS in parts else []
    return TableDescription(
        table=table,
        title=plain_text(info.get("Title")),
        protocol=Protocol.V4,
        modified=moment(info.get("ObservationsModified") or info.get("Modified"), table=table),
        period_text=plain_text(info.get("TemporalCoverage")),
        explanation=plain_text(info.get("LongDescription")) or plain_text(info.get("Description")),
        dimensions=tuple(_dimension(row, members, table) for row in rows),
        measures=tuple(_measures(read_list(parts[MEASURES], table=table), groups, table)),
        members=members,
    )


def _key(row: Mapping[str, Any], table: str) -> str:
    key = plain_text(row.get("Identifier"))
    if not key.isidentifier():
        raise table_problem("not_an_answer", table=table, reason="no_Dimensions")
    return key


def _dimension(row: Mapping[str, Any], members: Mapping[str, Sequence[Member]], table: str) -> Dimension:
    key = _key(row, table)
    return Dimension(
        key=key,
        title=plain_text(row.get("Title")),
        role=role_of(plain_text(row.get("Kind")), key, members.get(key, ())),
    )


def _measures(rows: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], table: str) -> list[Measure]:
    titles = {plain_text(group.get("Id")): group for group in groups}
    found: dict[str, Measure] = {}
    for row in rows:
        key = plain_text(row.get("Identifier"))
        if not key or key in found:
            raise table_problem("key_twice" if key else "line_without_key", table=table, **_named(key))
        found[key] = Measure(
            key=key,
            title=plain_text(row.get("Title")),
            unit=plain_text(row.get("Unit")),
            decimals=number_or_zero(row.get("Decimals")),
            group=_path(plain_text(row.get("MeasureGroupId")), titles),
        )
    return list(found.values())


def _named(key: str) -> dict[str, str]:
    return {"key": key} if key else {"field": MEASURES}


def _path(group: str, groups: Mapping[str, Mapping[str, Any]]) -> str:
    titles: list[str] = []
    while group in groups and len(titles) < len(groups):
        titles.insert(0, plain_text(groups[group].get("Title")))
        group = plain_text(groups[group].get("ParentId"))
    return " / ".join(titles)


def _members(rows: Sequence[Mapping[str, Any]], dimension: str, table: str) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    for row in rows:
        raw = row.get("Identifier")
        if not isinstance(raw, str) or not raw.strip():
            raise table_problem("line_without_key", table=table, field=dimension)
        title = plain_text(row.get("Title"))
        member = Member(
            key=raw.strip(),
            raw_key=raw,
            title=title,
            status=status_of(row.get("Status"), title),
            parent=plain_text(row.get("DimensionGroupId")),
        )
        if found.setdefault(member.key, member) is not member:
            raise table_problem("key_twice", table=table, key=member.key)
    return tuple(found.values())


# --- pages


def read_page(page: bytes, description: TableDescription) -> pl.DataFrame:
    """Read one page of observations into a line per combination of members and a column per measure.

    A combination may be cut in two by the end of a page: join pages with `statline.join_pages`, not by stacking.
    """
    table = description.table
    keys = tuple(dimension.key for dimension in description.dimensions)
    wanted = Wanted(table=table, keys=(*keys, _MEASURE), figures=(_VALUE,), texts=(_ATTRIBUTE,))
    lines = read_lines(page, wanted).lines
    lines = _with_words(lines, table)
    known = tuple(measure.key for measure in description.measures)
    strange = lines.filter(~pl.col(_MEASURE).is_in(known))
    if strange.height:
        raise table_problem("not_in_table", table=table, asked=strange[_MEASURE][0])
    if (twice := lines.select(*keys, _MEASURE).is_duplicated()).any():
        raise table_problem("cell_twice", table=table, key=" ".join(lines.filter(twice).row(0)[: len(keys) + 1]))
    return _widened(lines, keys, known)


def _with_words(lines: pl.DataFrame, table: str) -> pl.DataFrame:
    """Leave the attribute null beside a number, and let an observation without a number keep its word, be it "none".

    So an observation that is on the page differs from one that is not. A number must not stand beside a word that says
    there is none: the word is worth more than the number.
    """
    word, has_number = pl.col(_ATTRIBUTE).str.to_lowercase().fill_null("none"), pl.col(_VALUE).is_not_null()
    lines = lines.with_columns(pl.when(~(has_number & (word == "none"))).then(word).alias(_ATTRIBUTE))
    against = lines.filter(pl.col(_VALUE).is_not_null() & pl.col(_ATTRIBUTE).is_not_null())
    if against.height:
        row = against.row(0, named=True)
        raise table_problem("value_against_attribute", table=table, field=row[_MEASURE], attribute=row[_ATTRIBUTE])
    return lines


def _widened(lines: pl.DataFrame, keys: tuple[str, ...], measures: tuple[str, ...]) -> pl.DataFrame:
    per_measure = [
        column.filter(pl.col(_MEASURE) == measure).first().alias(name)
        for measure in measures
        for column, name in ((pl.col(_VALUE), measure), (pl.col(_ATTRIBUTE), measure + ATTRIBUTE))
    ]
    return lines.group_by(*keys, maintain_order=True).agg(per_measure).select(*keys, *_names(measures))


def _names(measures: tuple[str, ...]) -> list[str]:
    return [name for measure in measures for name in (measure, measure + ATTRIBUTE)]


def next_link(page: bytes, address: TableAddress) -> str | None:
    """Return the address of the next page as the service gives it."""
    return next_address(page, table=address.table)
