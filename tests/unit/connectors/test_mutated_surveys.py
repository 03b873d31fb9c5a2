"""Damaged survey files by the hundreds: this process lives, and each is microdata that are whole, or one refusal."""

import io
import json
import os
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyreadstat
import pytest

from koersvast.connectors import survey_files
from koersvast.connectors.microdata import ValueKind, from_bytes, to_bytes
from koersvast.connectors.personal_columns import personal_columns
from koersvast.connectors.sheets import MIB, FileRefused
from koersvast.connectors.survey_files import read_survey_file
from koersvast.connectors.survey_limits import SurveyLimits
from tests.unit.connectors.mutations import mutants

ROOT = Path(__file__).parents[3]
# A quarter of two thousand by default, which a run of all tests can spare; KOERSVAST_LONG_RUN does them all.
CASES = 2_000 if os.environ.get("KOERSVAST_LONG_RUN") else 500
SHARES = {"sav": 55, "zsav": 25, "por": 15, "csv": 5}
LIMITS = SurveyLimits(
    rows=5_000, variables=200, cells=200_000, memory_bytes=640 * MIB, cpu_seconds=5, timeout_seconds=20
)
SHARED_FILES = "reference/opendata/06_survey_microdata/dev/spss"
WORDS = (
    *(struct.pack("<i", number) for number in (0, 1, 2, 3, 4, 6, 7, 13, 19, 999, -1, 255, 65_536, 2**31 - 1, -(2**31))),
    *(struct.pack("<d", number) for number in (0.0, 1.0, float("inf"), float("nan"), -1.7976931348623157e308)),
    *(
        b"$FL2",
        b"$FL3",
        b"\xff" * 8,
        b"\0" * 8,
        b"\xfe",
        b"\xfd",
        b"\xfc",
        b"UTF-8",
        b"windows-1252",
        b"V1=lang",
        b"\t",
    ),
    *(b"$a=D1 1 3 lab v1 v2\n", b"$c=C 5 label v1\n", b"SYNTHETISCH", b"\xe9\xeb", b"A" * 300),
)


class Batch:
    """One process that forks a confined child for each file."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "tests.unit.connectors.survey_batch"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "OPENBLAS_NUM_THREADS": "1"},
            cwd=ROOT, start_new_session=True,
        )  # fmt: skip

    def ask(self, _: str, request: dict[str, Any], pieces: tuple[bytes, ...], *, costs: Any) -> tuple[bytes, int]:
        """Stand in for the product's way of asking."""
        assert costs is LIMITS
        asked, given, taken = json.dumps(request).encode(), self._process.stdin, self._process.stdout
        assert given is not None
        assert taken is not None
        given.write(b"".join([len(asked).to_bytes(4, "big"), asked, *pieces]))
        given.flush()
        size, ended = struct.unpack(">II", taken.read(8))
        return taken.read(size), ended

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def batch() -> Iterator[Batch]:
    found = Batch()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """Small files of our own: numbers, texts long and short, dates, labels, missing codes, notes; in three forms."""
    folder = tmp_path_factory.mktemp("surveys")
    table = pl.DataFrame({
        "v1": [1.0, 2.0, None, 9.0], "v2": [0.5, 1.25, 2.5, 3.0], "kern": ["L", "D", None, "Ommen é"],
        "open": ["x" * 300, "", "kort", "é" * 40], "vraag_met_een_lange_naam": [1.0, 1.0, 2.0, 98.0],
    })  # fmt: skip
    labels: dict[str, Any] = {"v1": {1: "Ja", 2: "Nee", 9: "Weet niet"}, "kern": {"L": "Lemelerveld"}}
    pyreadstat.write_sav(
        table, str(folder / "a.sav"), file_label="Proef", note=["een", "twee"], column_labels={"v1": "Onveilig é"},
        variable_value_labels=labels,
        missing_ranges={"v1": [9], "vraag_met_een_lange_naam": [{"lo": 97, "hi": 99}]},
    )  # fmt: skip
    pyreadstat.write_sav(table, str(folder / "b.sav"), row_compress=True, variable_measure={"v1": "ordinal"})
    pyreadstat.write_sav(table, str(folder / "c.zsav"), compress=True)
    short = table.drop("open", "kern").rename({"vraag_met_een_lange_naam": "v4"}).with_columns(k=pl.lit("Ommen"))
    pyreadstat.write_por(short, str(folder / "d.por"), file_label="Proef")
    with_sets = _with_records((folder / "a.sav").read_bytes(), [(7, b"$a=D1 1 3 lab v1 v2\n$c=C 5 label v1 v2\n")])
    return {
        "sav": [(folder / "a.sav").read_bytes(), (folder / "b.sav").read_bytes(), with_sets],
        "zsav": [(folder / "c.zsav").read_bytes()],
        "por": [(folder / "d.por").read_bytes()],
        "csv": [b"id;v1;kern;w\n1;1;L;0,5\n2;9;D;1,5\n3;;;1,0\n", b'"a","b"\n1,"x"\n2,"y"\n'],
    }


def _with_records(data: bytes, records: list[tuple[int, bytes]]) -> bytes:
    end = data.index(struct.pack("<ii", 999, 0))
    new = b"".join(struct.pack("<4i", 7, kind, 1, len(text)) + text for kind, text in records)
    return data[:76] + struct.pack("<i", 2) + data[80:end] + new + data[end:]


def check(data: bytes, name: str, seen: Counter[str]) -> None:
    """One outcome: microdata of which every part is what it says, or one refusal with a code."""
    try:
        found = read_survey_file(data, file_name=name, limits=LIMITS)
    except FileRefused as refusal:  # Problem checks its own code and values
        seen[refusal.problem.name if refusal.problem.is_refusal else "remark"] += 1
        return
    seen["read"] += 1
    assert 1 <= found.rows <= LIMITS.rows
    assert 1 <= len(found.variables) <= LIMITS.variables
    found.table.validate(full=True)
    for variable in found.variables:
        if variable.kind is ValueKind.NUMBER:
            numbers = found.numbers(variable.name)
            assert np.isfinite(numbers[~np.isnan(numbers)]).all()
    assert from_bytes(to_bytes(found)).table.equals(found.table)
    personal_columns(found)


@pytest.mark.parametrize(
    ("kind", "cases", "seed"), [(kind, CASES * share // 100, 60 + share) for kind, share in SHARES.items()]
)
def test_damaged_survey_file_is_whole_microdata_or_one_refusal(
    batch: Batch, originals: dict[str, list[bytes]], monkeypatch: pytest.MonkeyPatch, kind: str, cases: int, seed: int
) -> None:
    monkeypatch.setattr(survey_files, "ask", batch.ask)
    seen = Counter[str]()
    for data in mutants(originals[kind], WORDS, seed=seed, cases=cases):
        check(data, f"wave.{kind}", seen)
    assert (seen.total(), seen["remark"]) == (cases, 0)
    assert seen["read"] > cases / 50
    assert seen["unreadable_survey_file"] > (cases / 50 if kind != "csv" else -1)


# Damage that ended a process of the library beneath with a segmentation fault (pyreadstat 1.3.7). A newer one may
# refuse these files itself: the outcome for a user stays the same.
_FIRST_VARIABLE = struct.pack("<5i", 2, 0, 1, 1, 0x050802)
_LABEL_LINK = struct.pack("<4i", 4, 1, 1, 3)
CRASHES: dict[str, tuple[bytes, bytes]] = {
    "number declared a text": (_FIRST_VARIABLE, struct.pack("<5i", 2, 160, 1, 1, 0x050802)),
    "number declared a very long text": (_FIRST_VARIABLE, struct.pack("<5i", 2, 2**31 - 1, 1, 1, 0x050802)),
    "format without a kind": (_FIRST_VARIABLE, struct.pack("<5i", 2, 0, 1, 1, 100_000)),
    "labels for a variable that is not there": (_LABEL_LINK, struct.pack("<4i", 4, 1, 100_000, 3)),
    "labels for a variable below zero": (_LABEL_LINK, struct.pack("<4i", 4, 1, -1, 3)),
    "code that is no text": (b"L       \x0bLem", b"\xff       \x0bLem"),
}


@pytest.mark.parametrize("damage", sorted(CRASHES))
def test_damage_that_ends_the_library_is_one_refusal(originals: dict[str, list[bytes]], damage: str) -> None:
    sound, damaged = CRASHES[damage]
    data = originals["sav"][0]
    assert sound in data
    with pytest.raises(FileRefused) as refusal:
        read_survey_file(data.replace(sound, damaged, 1), file_name="wave.sav")
    assert refusal.value.problem.name == "unreadable_survey_file"


@pytest.mark.shared
def test_damaged_file_of_another_program_is_whole_microdata_or_one_refusal(
    batch: Batch, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_files, "ask", batch.ask)
    seen = Counter[str]()
    files = [path for path in sorted((shared / SHARED_FILES).iterdir()) if path.stat().st_size < 40_000]
    for path in files:
        for data in mutants([path.read_bytes()], WORDS, seed=70, cases=25):
            check(data, path.name, seen)
    assert seen["read"] > 10
    assert seen["unreadable_survey_file"] > 10


def test_damaged_answer_of_a_child_is_microdata_or_one_refusal(originals: dict[str, list[bytes]], batch: Batch) -> None:
    """A child that was taken over says whatever it likes; nothing of it may pass unchecked or end this process."""
    request = {"kind": "sav", "sizes": [len(originals["sav"][0])], "drop_columns": [], "limits": vars(LIMITS)}
    whole, ended = batch.ask("", request, (originals["sav"][0],), costs=LIMITS)
    assert ended == 0
    seen = Counter[str]()
    words = (
        b"1e999",
        b"NaN",
        b"-1",
        b"null",
        b'"text"',
        b'"number"',
        b"[]",
        b"\xff" * 8,
        b"\x00",
        b"99999999",
        b"\\u0000",
    )
    for data in mutants([whole], words, seed=71, cases=1_500):
        try:
            found = survey_files.checked(data, 0, LIMITS)
        except FileRefused as refusal:
            seen[refusal.problem.name] += 1
        else:
            found.table.validate(full=True)
            seen["read"] += 1
    assert seen["read"] > 20
    assert seen["unreadable_survey_file"] > 1_000


def test_own_files_are_read_undamaged(originals: dict[str, list[bytes]]) -> None:
    for kind, files in originals.items():
        for data in files:
            assert read_survey_file(io.BytesIO(data).getvalue(), file_name=f"wave.{kind}").rows in {2, 3, 4}
