"""Read CSV files that somebody delivers by hand: columns by the table's own list, and nothing guessed.

A column that the table does not know refuses the file; so does a code, period or number that cannot be read. Absent
rows stay absent: only a table service can say that absence means nought.
"""

import io
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from koersvast.connectors.captures import Capture
from koersvast.connectors.delimited import decode, find_delimiter
from koersvast.connectors.sheets import FileRefused
from koersvast.connectors.snapshot import DamagedSnapshot, NoSuchSnapshot, SnapshotStore
from koersvast.connectors.statline import Slice, folded, missing_reason
from koersvast.engine.quantities import Certainty, Missing, Unit
from koersvast.registers.codes import LEVEL_OF_PREFIX, Level, bare_key, level_of, margin_of, period_code
from koersvast.registers.filling import CERTAINTIES, NUMBER, PART_OF, STATE_OF, UNSAID, VALUE
from koersvast.registers.grid import Grid, GridTooLarge, Numbers
from koersvast.registers.source import MEMBERS, CaptureUnreadable, Rows, Source, as_rows, certainty_by_year
from koersvast.registers.tables import FileLayout, RegisterTable

ROWS_A_PAGE = 200_000
_PIECE_BYTES = 1 << 20
# From so many areas of a level on, a file stands for the level as a whole: two thirds of what there are in 2024.
_WHOLE_LEVEL = {Level.MUNICIPALITY: 230, Level.WIJK: 2_200, Level.BUURT: 9_700}
_AREA = re.compile(r"[A-Z]{2}\d{2,8}", re.ASCII)
_PERIOD_IN_NAME = re.compile(r"\{(\w+)\}")
_STATUSES = {
    "": UNSAID,
    "definitief": CERTAINTIES.index(Certainty.FINAL),
    "final": CERTAINTIES.index(Certainty.FINAL),
    "voorlopig": CERTAINTIES.index(Certainty.PROVISIONAL),
    "nadervoorlopig": CERTAINTIES.index(Certainty.PROVISIONAL),
    "provisional": CERTAINTIES.index(Certainty.PROVISIONAL),
    "herzien": CERTAINTIES.index(Certainty.REVISED),
    "revised": CERTAINTIES.index(Certainty.REVISED),
}
_MISSING_WORDS = ("", ".", "..", "-", "x", "X")
_BROKEN = re.compile(r"-?\d{1,15}[.,]\d{1,15}", re.ASCII)
# Beyond this a whole number is no longer exact as it is kept, and nothing in the country is counted so far.
_LARGEST = 2**53
# "1.234" in a column of counts is a thousand to one reader and one and a bit to another: it is refused.
_THOUSANDS = re.compile(r"[.,]\d{3}\Z")


@dataclass(frozen=True, kw_only=True)
class _Column:
    """A column of the file, found by one of its names; `period` is what its own name says."""

    name: str
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One file with its layout and the columns that hold each thing."""

    name: str
    data: bytes
    delimiter: str
    layout: FileLayout
    columns: Mapping[str, _Column]
    measures: Mapping[str, _Column]
    edition_year: int | None

    def pages(self, *, with_measures: bool = True) -> Iterator[pl.DataFrame]:
        """The file in pieces: the columns that are used, every cell a text as it stands there."""
        used = [column.name for role, column in self.columns.items() if role != "ignored"]
        if with_measures or not used:
            used += [column.name for column in self.measures.values()]
        lines = _scan(self.data, self.delimiter).select(pl.col(used).fill_null(""))
        try:
            yield from lines.collect_batches(chunk_size=ROWS_A_PAGE, maintain_order=True)
        except pl.exceptions.PolarsError as error:
            raise CaptureUnreadable("not_a_csv_file", file=self.name, problem=str(error)[:200]) from error


def _scan(data: bytes, delimiter: str) -> pl.LazyFrame:
    return pl.scan_csv(io.BytesIO(data), separator=delimiter, infer_schema=False, truncate_ragged_lines=False)


def open_files(
    capture: Capture, snapshots: SnapshotStore, table: RegisterTable, *, area_codes: Mapping[str, str]
) -> Source:
    """Open files delivered by hand. `area_codes` gives the code of an area that the file only names."""
    if not table.layouts:
        raise CaptureUnreadable("no_file_columns_known", table=table.code)
    parts = [part for part in capture.parts if part.role == "file"]
    try:
        files = [
            _open(part.url or f"file {number}", snapshots.read(part.sha256), table)
            for number, part in enumerate(parts, start=1)
        ]
    except (NoSuchSnapshot, DamagedSnapshot) as error:
        raise CaptureUnreadable("capture_damaged", table=table.code) from error
    try:
        return _Files(files, table, capture, area_codes).source()
    except GridTooLarge as error:
        raise CaptureUnreadable("too_many_cells", table=table.code, found=error.args[0]) from error


def _open(name: str, data: bytes, table: RegisterTable) -> _Table:
    data, delimiter = _as_utf8(name, data)
    try:
        header = _scan(data, delimiter).collect_schema().names()
    except pl.exceptions.PolarsError as error:
        raise CaptureUnreadable("not_a_csv_file", file=name, problem=str(error)[:200]) from error
    unknown: list[tuple[FileLayout, list[str]]] = []
    for layout in table.layouts:
        matched = {column: _meanings(layout, column) for column in header}
        if table.other_measures_by_key:
            # A survey has a column for every question; each is kept under its own key.
            matched = {column: roles or {f"measure:{bare_key(column)}": ""} for column, roles in matched.items()}
        if not all(any(_matches(wanted, column) is not None for column in header) for wanted in layout.signature):
            continue
        if not (strange := [column for column, meanings in matched.items() if not meanings]):
            return _resolved(name, data, delimiter, layout, matched)
        unknown.append((layout, strange))
    if unknown:
        layout, strange = min(unknown, key=lambda found: len(found[1]))
        raise CaptureUnreadable("unknown_columns", file=name, columns=_some(strange), layout=layout.name)
    expected = " | ".join(", ".join(layout.signature) for layout in table.layouts)
    raise CaptureUnreadable("columns_not_recognised", file=name, found=_some(header), expected=expected)


def _as_utf8(name: str, data: bytes) -> tuple[bytes, str]:
    """The bytes as UTF-8 with the delimiter that cuts the first lines best. One column is a table too."""
    try:
        first, _ = decode(data[:65_536].rpartition(b"\n")[0] or data)
        text = data if _is_utf8(data) else decode(data)[0].encode()
    except FileRefused as error:
        raise CaptureUnreadable("not_a_csv_file", file=name, problem=error.problem.code) from error
    if not first.strip():
        raise CaptureUnreadable("not_a_csv_file", file=name, problem="F03")
    return text, find_delimiter(first) or ";"


def _is_utf8(data: bytes) -> bool:
    """Piece by piece: a file of hundreds of megabytes is not to be in memory twice."""
    decoder, view = getincrementaldecoder("utf-8")(), memoryview(data)
    try:
        for first in range(0, len(view), _PIECE_BYTES):
            decoder.decode(view[first : first + _PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _meanings(layout: FileLayout, column: str) -> dict[str, str]:
    """What a column is in a layout, as role to the period that its name says; empty when the layout has no place."""
    roles = {
        "area": layout.area_columns,
        "area_name": layout.area_name_columns,
        "kind": layout.kind_columns,
        "period": layout.period_columns,
        "status": layout.status_columns,
        "margin": layout.margin_columns,
        **{f"measure:{code}": names for code, names in layout.measures.items()},
        "ignored": layout.ignored,
    }
    for role, names in roles.items():
        for wanted in names:
            if (found := _matches(wanted, column)) is not None:
                return {role: found}
    return {}


def _matches(wanted: str, column: str) -> str | None:
    """Whether a column goes by a name: the period in its own name ("" if none), or None when it does not."""
    if "{" not in wanted:
        # A number behind a name is a release's own (…_1), but four digits are a year and part of the name.
        same = folded(wanted) == folded(column) and not re.search(r"_\d{4}\Z", column.strip())
        return "" if same or wanted.casefold() == column.strip().casefold() else None
    pattern = _PERIOD_IN_NAME.sub(r"(?P<\1>\\d{4})", wanted)
    found = re.fullmatch(pattern, column.strip(), re.IGNORECASE)
    if found is None:
        return None
    years = found.groupdict()
    return years["year"] if "year" in years else f"{years['first']}/{years['last']}"


def _resolved(
    name: str, data: bytes, delimiter: str, layout: FileLayout, matched: Mapping[str, Mapping[str, str]]
) -> _Table:
    columns: dict[str, _Column] = {}
    measures: dict[str, _Column] = {}
    for column, meanings in matched.items():
        for role, period in meanings.items():
            kept, key = (measures, role.removeprefix("measure:")) if ":" in role else (columns, role)
            if key in kept and role != "ignored":
                raise CaptureUnreadable("unknown_columns", file=name, columns=column, layout=layout.name)
            kept[key] = _Column(name=column, period=period)
    if not measures:
        raise CaptureUnreadable(
            "columns_not_recognised", file=name, found=_some(list(matched)), expected=_some(list(layout.measures))
        )
    year = columns["area_name"].period if "area_name" in columns else ""
    return _Table(
        name=name,
        data=data,
        delimiter=delimiter,
        layout=layout,
        columns=columns,
        measures=measures,
        edition_year=int(year) if year else None,
    )


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:12]) + (" …" if len(texts) > 12 else "")


@dataclass(frozen=True, kw_only=True)
class _Numbering:
    """Turns the texts of an axis, as a file spells them, into places on the axis: one look-up for each text."""

    texts: pl.Enum
    places: Numbers

    @classmethod
    def of(cls, meaning: Mapping[str, str], axis: pl.Enum) -> "_Numbering":
        codes = pl.Series(list(meaning.values()), dtype=pl.String).cast(axis)
        return cls(texts=pl.Enum(list(meaning)), places=codes.to_physical().to_numpy())

    def of_texts(self, found: pl.Series) -> Numbers:
        """For each text its place on the axis."""
        places: Numbers = self.places[found.cast(self.texts).to_physical().to_numpy()]
        return places


class _Files:
    """The files of one capture, with what their texts stand for."""

    def __init__(
        self, files: list[_Table], table: RegisterTable, capture: Capture, area_codes: Mapping[str, str]
    ) -> None:
        self._files, self._table, self._capture = files, table, capture
        self._area_codes = {folded(name): code for name, code in area_codes.items()}
        self._kind_titles = {folded(title): code for code, title in table.kinds.items()}
        self._names: dict[str, str] = {}
        self._meaning: list[dict[str, dict[str, str]]] = [self._understood(file) for file in files]

    def source(self) -> Source:
        grid = Grid.of(
            areas=self._codes("area"),
            kinds=self._codes("kind"),
            periods=self._codes("period"),
            measures=(code for file in self._files for code in file.measures),
        )
        if not grid.areas or not grid.periods:
            raise CaptureUnreadable("nothing_in_it", table=self._table.code)
        year = self._capture.finished_at.year
        provisional = self._table.latest_provisional_years
        editions = {file.edition_year for file in self._files if file.edition_year}
        return Source(
            grid=grid,
            members=self._members(grid),
            slice=covered(grid, self._table),
            absent_is_zero=frozenset(),
            certainties=certainty_by_year(grid.periods, year=year, latest_provisional_years=provisional),
            edition_year=self._table.year or max(editions, default=None),
            pages=partial(self._rows, grid),
            remarks=(),
            left_out={},
        )

    def _codes(self, axis: str) -> Iterator[str]:
        return (code for meaning in self._meaning for code in meaning[axis].values())

    def _members(self, grid: Grid) -> pl.DataFrame:
        lines = [("area", area, self._names.get(area, ""), "", "") for area in grid.areas]
        lines += [("kind", kind, self._table.kinds.get(kind, ""), "", "") for kind in grid.kinds if kind]
        lines += [("period", period, period, "", "") for period in grid.periods]
        return pl.DataFrame(lines, schema=MEMBERS, orient="row")

    def _understood(self, file: _Table) -> dict[str, dict[str, str]]:
        """For area, kind, period and margin: what each text in the file stands for. Refuses what is not understood."""
        texts = {axis: set[str]() for axis in ("area", "area_name", "kind", "period", "status", "margin")}
        for page in file.pages(with_measures=False):
            for axis, column in file.columns.items():
                if axis in texts:
                    texts[axis].update(page[column.name].unique().to_list())
            self._note_names(file, page)
        return {
            "area": self._areas(file, texts),
            "kind": self._each(file, "kind", texts["kind"], self._kind) if "kind" in file.columns else {"": ""},
            "period": self._periods(file, texts["period"]),
            "status": self._each(file, "status", texts["status"], _status),
            "margin": self._each(file, "margin", texts["margin"], _margin),
        }

    def _note_names(self, file: _Table, page: pl.DataFrame) -> None:
        if {"area", "area_name"} <= set(file.columns):
            pairs = page.select(file.columns["area"].name, file.columns["area_name"].name).unique()
            self._names |= {str(code).strip(): str(name).strip() for code, name in pairs.iter_rows()}

    def _areas(self, file: _Table, texts: Mapping[str, set[str]]) -> dict[str, str]:
        if "area" in file.columns:
            return self._each(file, "area", texts["area"], _area)
        if "area_name" in file.columns:
            return self._each(file, "area_name", texts["area_name"], lambda name: self._area_codes.get(folded(name)))
        if not file.layout.area:
            raise CaptureUnreadable(
                "columns_not_recognised", file=file.name, found=_some(list(file.columns)), expected="area"
            )
        return {"": file.layout.area}

    def _periods(self, file: _Table, texts: set[str]) -> dict[str, str]:
        if "period" in file.columns:
            return self._each(file, "period", texts, period_code)
        named = next((column.period for column in file.measures.values() if column.period), "")
        period = file.layout.period or named
        if not period:
            raise CaptureUnreadable(
                "columns_not_recognised", file=file.name, found=_some(list(file.columns)), expected="period"
            )
        return {"": period}

    def _kind(self, text: str) -> str | None:
        known = self._table.kinds
        first = text.split(" ", 1)[0]
        if not known:
            return text or None
        return next((code for code in (text, first) if code in known), self._kind_titles.get(folded(text)))

    def _each(
        self, file: _Table, axis: str, texts: set[str], understand: Callable[[str], str | None]
    ) -> dict[str, str]:
        found = {text: understand(text.strip()) for text in texts}
        if strange := sorted(text for text, code in found.items() if code is None):
            code = {
                "area": "area_not_understood",
                "area_name": "area_name_not_known",
                "kind": "kind_not_known",
                "period": "period_not_understood",
                "status": "status_not_known",
                "margin": "margin_not_known",
            }[axis]
            raise CaptureUnreadable(code, file=file.name, found=_some(strange), count=len(strange))
        return {text: code for text, code in found.items() if code is not None}

    def _rows(self, grid: Grid) -> Iterator[Rows]:
        for file, meaning in zip(self._files, self._meaning, strict=True):
            numberings = {axis: _Numbering.of(meaning[axis], grid.types[axis]) for axis in ("area", "kind", "period")}
            for page in file.pages():
                yield from self._of_page(grid, file, meaning, numberings, page)

    def _of_page(
        self,
        grid: Grid,
        file: _Table,
        meaning: Mapping[str, Mapping[str, str]],
        numberings: "Mapping[str, _Numbering]",
        page: pl.DataFrame,
    ) -> Iterator[Rows]:
        def numbered(axis: str) -> Numbers:
            column = file.columns.get(axis) or file.columns.get(f"{axis}_name")
            return numberings[axis].of_texts(page[column.name] if column else pl.repeat("", page.height, eager=True))

        places = {axis: numbered(axis) for axis in numberings}
        for code, column in file.measures.items():
            amount, state = self._numbers(file, page, code, column.name)
            yield as_rows(
                grid=grid,
                measure=grid.measures.index(code),
                amount=amount,
                state=state,
                part=_small(page, file, meaning, "margin", VALUE),
                certainty=_small(page, file, meaning, "status", UNSAID),
                **places,
            )

    def _numbers(
        self, file: _Table, page: pl.DataFrame, code: str, column: str
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.uint8]]]:
        """The amounts of a column and why one is missing; refuses what is no number for certain."""
        known = self._table.measure_of.get(code)
        texts = page[column].str.strip_chars()
        whole = texts.cast(pl.Int64, strict=False)
        whole = whole.set(~whole.is_between(-_LARGEST, _LARGEST), None)
        others = texts.filter(whole.is_null()).unique().to_list()
        strange = [
            text for text in others if not _is_number(text, is_count=known is not None and known.unit is Unit.COUNT)
        ]
        if strange:
            count = int(texts.is_in(strange).sum())
            raise CaptureUnreadable(
                "number_not_understood", file=file.name, column=column, found=_some(sorted(strange)), count=count
            )
        amount = whole.cast(pl.Float64).to_numpy(writable=True)
        state = np.full(len(amount), NUMBER, dtype=np.uint8)
        if others:
            # Few cells are no whole number, and only those are looked at again.
            rest, at = texts.filter(whole.is_null()), np.flatnonzero(whole.is_null().to_numpy())
            amount[at], state[at] = _read_otherwise(rest, others)
        return amount, state


def _read_otherwise(texts: pl.Series, distinct: list[str]) -> tuple[Numbers, Numbers]:
    """The amounts and states of texts that are no whole numbers: broken numbers, and signs for none."""
    broken = {text: float(text.replace(",", ".")) for text in distinct if text not in _MISSING_WORDS}
    amount = texts.replace_strict(broken, default=None, return_dtype=pl.Float64).to_numpy()
    # A blank in a file that a person made says no more than that the number is not there.
    words = {word: STATE_OF[Missing(missing_reason(word).value)] for word in _MISSING_WORDS if word}
    missing = texts.replace_strict(words, default=STATE_OF[Missing.NOT_KNOWN], return_dtype=pl.UInt8).to_numpy()
    return amount, np.where(np.isnan(amount), missing, NUMBER)


def _is_number(text: str, *, is_count: bool) -> bool:
    """Whether a text that is no whole number is another number, or a sign for none."""
    if text in _MISSING_WORDS:
        return True
    return bool(_BROKEN.fullmatch(text)) and not (is_count and _THOUSANDS.search(text))


def _small(
    page: pl.DataFrame, file: _Table, meaning: Mapping[str, Mapping[str, str]], axis: str, default: int
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    if axis not in file.columns:
        return np.full(page.height, default, dtype=np.uint8)
    numbers = {text: int(code) for text, code in meaning[axis].items()}
    return page[file.columns[axis].name].replace_strict(numbers, return_dtype=pl.UInt8).to_numpy()


def _area(text: str) -> str | None:
    return text if _AREA.fullmatch(text) and (text[:2] in LEVEL_OF_PREFIX or text[:2].isalpha()) else None


def _status(text: str) -> str | None:
    found = _STATUSES.get(re.sub(r"\s", "", text).casefold())
    return None if found is None else str(found)


def _margin(text: str) -> str | None:
    found = margin_of(text, text)
    return None if found is None else str(PART_OF[found])


def covered(grid: Grid, table: RegisterTable) -> Slice:
    """What a file speaks for: its own areas (or whole levels when it has most of them), kinds and years.

    A vintage answers for its slice and leaves the rest to the vintages before it.
    """
    areas: list[str] = []
    for prefix, level in LEVEL_OF_PREFIX.items():
        mine = [area for area in grid.areas if area.startswith(prefix)]
        whole = len(mine) >= _WHOLE_LEVEL.get(level, len(grid.areas) + 1)
        areas += [prefix] if whole else mine
    areas += [area for area in grid.areas if level_of(area) is Level.OTHER]
    kinds = () if set(table.kinds) <= set(grid.kinds) else tuple(kind for kind in grid.kinds if kind)
    return Slice(areas=tuple(areas), kinds=kinds, years=tuple(sorted({int(period[:4]) for period in grid.periods})))
