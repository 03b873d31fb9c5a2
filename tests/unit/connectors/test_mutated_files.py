"""Five thousand damaged files of each kind: this process lives, each is a sheet or one refusal with a sentence."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from koersvast.connectors import workbooks
from koersvast.connectors.figures import BadMapping, read_figures, suggest_mapping
from koersvast.connectors.sheets import Limits, refuse
from koersvast.connectors.tabular import Opened, open_table
from koersvast.indicators.wording.problems import SENTENCES
from tests.unit.connectors.mutations import CASES, mutants

DATA = Path(__file__).parents[2] / "data" / "tables"
ROOT = Path(__file__).parents[3]
LIMITS = Limits(rows=2_000, columns=60, cells=20_000, unpacked_bytes=4_000_000, part_bytes=2_000_000)
CSV = (
    "Indicator;Bron;Eenheid;2017;2019;voorlopig\r\nDiefstal uit woning;Politie;aantal;1.244;98;ja\r\n"
    "Voelt zich onveilig;VM;%;12,5;.;nee\r\nLeefbaarheid;VM;rapportcijfer;7,4;7,6*;\r\n"
)
LONG = 'indicator,jaar,waarde,"n"\nOverlast,2019,12.5,812\nOverlast,2021,"13,25",790\nVernieling,2019,,\n'
CSV_WORDS = (
    *(
        b";",
        b",",
        b"\t",
        b"|",
        b'"',
        b'""',
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xe9",
        b"%",
    ),
    *(
        b"1.244",
        b"1,244",
        b"12,5",
        b"-",
        b".",
        b"x",
        b"1e9",
        b"NaN",
        b"2019",
        b"2019-Q3",
        b"20190",
        b"=1+1",
        b"sep=;\n",
    ),
    *(b"Indicator", b"Bron", b"aantal", b"waarde", b"jaar", b"9" * 400, b"\xf0\x9f\x98\x80", "½".encode()),
)


def check(opened: Opened, seen: Counter[str], *, to_the_end: bool = True) -> None:
    """One outcome: a sheet with remarks, or no sheet and one refusal; each with a sentence, nothing in between."""
    refusals = [found for found in opened.problems if found.is_refusal]
    assert (opened.sheet is None) == (len(refusals) == 1)
    assert all(found.code in SENTENCES for found in opened.problems)
    seen[refusals[0].code if refusals else "read"] += 1
    if opened.sheet is not None:
        widths = {len(row) for row in opened.sheet.rows}
        assert len(widths) <= 1
        if to_the_end:
            read_all(opened, seen)


def read_all(opened: Opened, seen: Counter[str]) -> None:
    """Take the sheet on to its figures: readings that are whole, problems that have a sentence and a place."""
    assert opened.sheet is not None
    mapping = suggest_mapping(opened.sheet)
    if mapping is None:
        seen["no mapping"] += 1
        return
    try:
        found = read_figures(opened.sheet, mapping, latest_year=2026)
    except BadMapping:
        seen["bad mapping"] += 1
        return
    assert all(problem.code in SENTENCES for problem in found.problems)
    for reading in found.readings:
        assert (reading.value is None) == (reading.missing is not None)
        assert reading.value is None or reading.value.is_finite()
        assert 1 <= reading.line <= len(opened.sheet.rows)
        assert reading.period
    seen["readings"] += len(found.readings)


def test_damaged_csv_is_one_sheet_or_one_refusal() -> None:
    seen = Counter[str]()
    originals = [CSV.encode(), CSV.encode("cp1252"), CSV.encode("utf-16"), LONG.encode(), LONG.encode("utf-8-sig")]
    for data in mutants(originals, CSV_WORDS, seed=30):
        check(open_table(data, limits=LIMITS), seen)
    outcomes = [count for code, count in seen.items() if code == "read" or code in SENTENCES]
    assert sum(outcomes) == CASES
    assert seen["read"] > CASES / 4
    assert seen["readings"] > CASES
    assert len(outcomes) > 4


# --- workbooks


class Batch:
    """One child that takes workbook after workbook; a new one is started when it ends."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self.started = 0

    def ask(self, data: bytes, *, limits: Limits, sheet: str) -> dict[str, Any]:
        """Stand in for the product's way of asking: the same answers, and a child that ended is the same refusal."""
        assert not sheet
        child = self._running(limits)
        child.stdin.write(len(data).to_bytes(4, "big") + data)  # type: ignore[union-attr]  # made with a pipe
        child.stdin.flush()  # type: ignore[union-attr]
        size = child.stdout.read(4)  # type: ignore[union-attr]
        answer = child.stdout.read(int.from_bytes(size, "big")) if size else b""  # type: ignore[union-attr]
        if not answer:
            self.stop()
            raise refuse("unreadable_file", reason="child_ended")
        found: dict[str, Any] = json.loads(answer)
        if "ended_by" in found:
            raise refuse("unreadable_file", reason=f"child_ended_{found['ended_by']}")
        return found

    def _running(self, limits: Limits) -> subprocess.Popen[bytes]:
        if self._child is None:
            self.started += 1
            self._child = subprocess.Popen(
                [sys.executable, "-B", "-m", "tests.unit.connectors.workbook_batch"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
            request = json.dumps(asdict(limits)).encode()
            self._child.stdin.write(len(request).to_bytes(4, "big") + request)  # type: ignore[union-attr]
        return self._child

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    found = Batch()
    monkeypatch.setattr(workbooks, "_ask_child", found.ask)
    yield found
    found.stop()


XML_WORDS = (
    *(b"<", b">", b"/", b'"', b"&", b"&#0;", b"&#49;", b"<!DOCTYPE a>", b"<![CDATA[9]]>", b'r="A1"', b'r="XFD1048576"'),
    *(
        b't="s"',
        b't="e"',
        b't="b"',
        b't="inlineStr"',
        b"<v>",
        b"</v>",
        b"<v>9e999</v>",
        b"<v>NaN</v>",
        b"<c ",
        b"<row ",
    ),
    *(b'r="0"', b's="999999"', b"<f>1/0</f>", b'ref="A1:XFD9999"', b"<mergeCell ", b'hidden="1"', b'state="hidden"'),
    *(
        b'table:number-columns-repeated="99999999"',
        b'office:value="1e400"',
        b'office:value-type="float"',
        b"99999999999",
    ),
)


def kept(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {info.filename: book.read(info) for info in book.infolist() if not info.is_dir()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Write a workbook of these parts, in their order, not compressed: damage then hits the form and not a checksum."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()


def damaged_books(names: list[str], *, seed: int) -> Iterator[bytes]:
    """Damage a part inside a sound archive, four times in five; else the archive itself."""
    books = [(DATA / name).read_bytes() for name in names]
    parts = [kept(book) for book in books]
    inner = [
        (book, name) for book in parts for name, part in book.items() if name.endswith(".xml") and len(part) < 60_000
    ]
    shells = mutants([packed(book) for book in parts], (b"PK\x01\x02", b"PK\x03\x04", b"\0\0\0\0"), seed=seed)
    damaged = mutants([book[name] for book, name in inner], XML_WORDS, seed=seed + 1)
    for number in range(CASES):
        shell, part = next(shells), next(damaged)
        book, name = inner[number % len(inner)]
        yield shell if number % 5 == 0 else packed(book | {name: part})


@pytest.mark.parametrize(
    ("names", "seed"),
    [(["xlsxwriter.xlsx", "openpyxl.xlsx", "libreoffice.xlsx"], 40), (["libreoffice.ods"], 50)],
    ids=["xlsx", "ods"],
)
def test_damaged_workbook_is_one_sheet_or_one_refusal(batch: Batch, names: list[str], seed: int) -> None:
    seen = Counter[str]()
    for number, data in enumerate(damaged_books(names, seed=seed)):
        # What follows the sheet is the same as for a CSV file, of which all five thousand go to the end.
        check(open_table(data, limits=LIMITS), seen, to_the_end=number % 8 == 1)
    outcomes = [count for code, count in seen.items() if code == "read" or code in SENTENCES]
    assert sum(outcomes) == CASES
    assert seen["read"] > CASES / 20
    assert seen["F01"] > CASES / 20
    assert len(outcomes) > 4
    assert batch.started < CASES / 10
