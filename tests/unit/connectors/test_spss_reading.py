"""SPSS files: what they hold comes out as it is, as R reads it; a child that dies is one sentence; nothing leaks."""

import json
import logging
import math
import os
import shutil
import struct
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyreadstat
import pytest

from koersvast.connectors import confinement
from koersvast.connectors.microdata import Level, Microdata, ValueKind
from koersvast.connectors.sheets import MIB, FileRefused
from koersvast.connectors.spss_dictionary import read_dictionary
from koersvast.connectors.survey_files import read_survey_file
from koersvast.connectors.survey_limits import SurveyLimits

SHARED_FILES = "reference/opendata/06_survey_microdata/dev/spss"
CANARY = "kanarie-7351-respondent"


def written(folder: Path, table: pl.DataFrame, name: str = "wave.sav", **facts: Any) -> bytes:
    path = folder / name
    pyreadstat.write_sav(table, str(path), **facts)
    data = path.read_bytes()
    path.unlink()
    return data


def with_records(data: bytes, *records: tuple[int, bytes], weight: int = 0) -> bytes:
    """Add records that the writing library does not know, and the place of the weight, to the dictionary of a file."""
    end = data.index(struct.pack("<ii", 999, 0))
    new = b"".join(struct.pack("<4i", 7, kind, 1, len(text)) + text for kind, text in records)
    return data[:76] + struct.pack("<i", weight) + data[80:end] + new + data[end:]


def refused(data: bytes, name: str = "wave.sav", **choices: Any) -> str:
    with pytest.raises(FileRefused) as refusal:
        read_survey_file(data, file_name=name, **choices)
    assert CANARY not in repr(refusal.value) + repr(refusal.value.problem) + str(refusal.value.__context__)
    return refusal.value.problem.name


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Microdata:
    """One file with everything a survey file may have."""
    table = pl.DataFrame({
        "q1": [1.0, 2.0, 9.0, None], "m_zelf": [1.0, 0.0, 1.0, None], "m_buren": [0.0, 0.0, 1.0, None],
        "t_a": ["Ja", "Nee", "Ja", ""], "t_b": ["Nee", "Nee", "Ja", ""], "inkomen": [1500.5, -5.0, 1e6, 99997.0],
        "dag": [date(2017, 9, 1), None, date(1582, 10, 15), date(2021, 2, 28)], "gewicht": [0.5, 1.0, 2.5, 1.25],
        "open": ["Ruzië bij de ‘Brink’", f"regel een\nregel twee\x07 {CANARY}", "x" * 3000, None],
    })  # fmt: skip
    data = written(
        tmp_path_factory.mktemp("rich"), table, file_label="Monitor 2017", note=["SYNTHETISCH", "Tweede regel"],
        column_labels={"q1": "Voelt u zich\tweleens onveilig?", "open": "Waarom?"},
        variable_value_labels={"q1": {1: "Ja", 2: "Nee", 9: "Weet niet"}, "t_a": {"Ja": "Aangekruist"}},
        missing_ranges={"q1": [9], "inkomen": [{"lo": -math.inf, "hi": -1}, 99997], "t_b": ["Nee"]},
        variable_measure={"q1": "nominal", "inkomen": "scale", "t_a": "ordinal"}, variable_format={"gewicht": "F8.3"},
    )  # fmt: skip
    sets = b"$merk=D1 1 13 Welke merkt u m_zelf m_buren\n$tekst=D2 Ja 0  t_a t_b\n$open=C 5 Beide q1 inkomen\n"
    return read_survey_file(with_records(data, (7, sets), weight=8), file_name="wave.sav")


def test_labels_levels_and_missing_codes_come_out(rich: Microdata) -> None:
    q1, income = rich.variable("q1"), rich.variable("inkomen")
    assert (q1.label, q1.level, dict(q1.value_labels)) == (
        "Voelt u zich weleens onveilig?", Level.NOMINAL, {1.0: "Ja", 2.0: "Nee", 9.0: "Weet niet"},
    )  # fmt: skip
    assert (q1.missing.values, income.missing.values, income.missing.ranges) == (
        (9.0,),
        (99997.0,),
        ((-math.inf, -1.0),),
    )
    assert np.array_equal(rich.numbers("q1"), [1, 2, 9, math.nan], equal_nan=True)
    assert np.array_equal(rich.answers("inkomen"), [1500.5, math.nan, 1e6, math.nan], equal_nan=True)
    assert dict(rich.variable("t_a").value_labels) == {"Ja": "Aangekruist"}
    assert rich.variable("t_b").missing.values == ("Nee",)
    assert (rich.file_label, rich.notes, rich.is_synthetic) == ("Monitor 2017", ("SYNTHETISCH", "Tweede regel"), True)


def test_days_long_answers_and_signs_that_steer_a_screen_come_out_plain(rich: Microdata) -> None:
    assert rich.variable("dag").kind is ValueKind.DAY
    assert rich.table.column("dag").to_pylist() == [date(2017, 9, 1), None, date(1582, 10, 15), date(2021, 2, 28)]
    assert rich.texts("open") == ["Ruzië bij de ‘Brink’", f"regel een\nregel twee {CANARY}", "x" * 3000, None]
    assert rich.variable("gewicht").decimals == 3


def test_weight_and_sets_of_the_file_are_named(rich: Microdata) -> None:
    assert rich.weight_variable == "gewicht"
    assert [(s.name, s.label, s.variables, s.counted) for s in rich.sets] == [
        ("merk", "Welke merkt u", ("m_zelf", "m_buren"), 1.0), ("tekst", "", ("t_a", "t_b"), "Ja"),
        ("open", "Beide", ("q1", "inkomen"), None),
    ]  # fmt: skip


def test_dictionary_that_cannot_be_walked_is_empty() -> None:
    for data in (b"", b"$FL2" + bytes(400), b"$FL2" + bytes(60) + b"\2\0\0\0" + bytes(108) + struct.pack("<2i", 2, -5)):
        assert (read_dictionary(data).weight, read_dictionary(data).sets) == ("", ())


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_texts_in_another_encoding_than_the_file_names_are_read(tmp_path: Path, encoding: str) -> None:
    data = written(tmp_path, pl.DataFrame({"kern": ["Ruziën", "Dalfsen"]}))
    if encoding == "cp1252":  # what old programs write: one byte for a letter, and a file that says UTF-8
        data = data.replace("Ruziën".encode(), "Ruziën".encode("cp1252") + b" ")
    assert read_survey_file(data, file_name="a.sav").texts("kern") == ["Ruziën", "Dalfsen"]


def test_dropped_column_never_arrives(tmp_path: Path) -> None:
    table = pl.DataFrame({"naam": [CANARY, "b"], "q1": [1.0, 2.0], "w": [1.0, 1.0]})
    data = with_records(written(tmp_path, table), (7, b"$a=C 0  q1 w\n"), weight=5)
    whole = read_survey_file(data, file_name="a.sav")
    found = read_survey_file(data, file_name="a.sav", drop_columns=["naam", "w"])
    assert [v.name for v in found.variables] == ["q1"]
    assert (found.sets[0].variables, found.weight_variable) == (("q1",), "")
    assert len(whole.variables) == 3
    assert refused(data, drop_columns=["nergens"]) == "unknown_column_to_drop"
    assert refused(data, drop_columns=["naam", "q1", "w"]) == "no_variables"


@pytest.mark.parametrize(("limits", "problem"), [
    (SurveyLimits(rows=1), "too_many_respondents"), (SurveyLimits(variables=1), "too_many_variables"),
    (SurveyLimits(cells=3), "too_many_answers"), (SurveyLimits(file_bytes=99), "file_too_large"),
    (SurveyLimits(text_length=4), "answer_too_long"),
    (SurveyLimits(timeout_seconds=0.01), "took_too_long"), (SurveyLimits(answer_bytes=10), "too_many_cells"),
    (SurveyLimits(label_length=3), "label_too_long"),
])  # fmt: skip
def test_file_beyond_a_limit_is_refused(tmp_path: Path, limits: SurveyLimits, problem: str) -> None:
    table = pl.DataFrame({"variabele": [1.0, 2.0], "open": [CANARY, "b"]})
    assert refused(written(tmp_path, table), limits=limits) == problem


def test_file_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path, pl.DataFrame({f"v{n}": np.arange(40_000) + n / 7 for n in range(8)}))
    assert refused(data, limits=SurveyLimits(memory_bytes=30 * MIB)) == "unreadable_survey_file"
    assert read_survey_file(data, file_name="a.sav").rows == 40_000


@pytest.mark.parametrize(("data", "name", "problem"), [
    (b"", "a.sav", "empty_file"), (b"ENCRYPTEDSAV" + bytes(50), "a.sav", "survey_file_password"),
    (b"$FL2" + bytes(500), "a.sav", "unreadable_survey_file"), (b"%PDF-1.7", "a.sav", "unknown_kind_of_survey_file"),
    (b"<html>", "a.csv", "unknown_kind_of_survey_file"), (b"1 2 3", "a.dat", "syntax_file_instead_of_answers"),
    (b"GET DATA /TYPE=TXT", "a.txt", "syntax_file_instead_of_answers"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "old_excel_format"),
    (b"x;y\n1;2\n", "a.sav", "unknown_kind_of_survey_file"),
])  # fmt: skip
def test_file_of_another_kind_is_refused_by_its_bytes(data: bytes, name: str, problem: str) -> None:
    assert refused(data, name) == problem


def test_file_without_respondents_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path, pl.DataFrame({"a": [1.0]}))
    assert refused(written(tmp_path, pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)}))) in {
        "no_respondents", "unreadable_survey_file",
    }  # fmt: skip
    assert read_survey_file(data, file_name="a.sav").rows == 1


@pytest.mark.parametrize("signal", ["SEGV", "ABRT", "BUS", "FPE", "ILL", "KILL", "XCPU", "TERM"])
def test_child_that_is_killed_is_an_unreadable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signal: str
) -> None:
    """All ways in which the library beneath was seen to end a process, and some more."""
    dying = tmp_path / "dying"
    dying.write_text(f"#!/bin/sh\nkill -s {signal} $$\n")
    dying.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert refused(b"$FL2" + CANARY.encode()) == "unreadable_survey_file"


@pytest.mark.parametrize(
    "said", ["", "\\000\\000\\000", "\\000\\000\\000\\002{}", "\\000\\000\\000\\004nullKVMICRO1", "yes"]
)
def test_child_that_talks_nonsense_is_an_unreadable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    talking = tmp_path / "talking"
    talking.write_text(f"#!/bin/sh\nprintf '{said}'\n")
    talking.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(talking))
    assert refused(b"$FL2" + CANARY.encode()) == "unreadable_survey_file"


def test_child_says_what_confines_it(tmp_path: Path) -> None:
    data = written(tmp_path, pl.DataFrame({"a": [1.0]}))
    request = {"kind": "sav", "sizes": [len(data)], "drop_columns": [], "limits": vars(SurveyLimits())}
    answer, _ = confinement.ask("koersvast.connectors.spss_child", request, (data,), costs=SurveyLimits())
    held = json.loads(answer[4 : 4 + int.from_bytes(answer[:4], "big")])["confinement"]
    assert {"cpu", "no_file_writes", "no_core_dump", "no_sockets_or_children"} <= set(held)
    assert "memory" in held or sys.platform == "darwin"


def test_nothing_of_an_answer_is_left_in_files_logs_or_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """After reading, and after refusals of every kind, no file in a folder for temporary files holds an answer."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    for name in ("TMPDIR", "HOME", "KOERSVAST_HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    shared_memory = Path("/dev/shm")  # noqa: S108 (looked at, not used)
    before = set(shared_memory.glob("*"))
    good = written(tmp_path, pl.DataFrame({"open": [CANARY, "b"], "q": [1.0, 2.0]}))
    with caplog.at_level(logging.DEBUG):
        assert read_survey_file(good, file_name="a.sav").texts("open")[0] == CANARY
        for data, name in (
            (good[:500], "a.sav"), (good[:100] + good[200:], "a.sav"), (CANARY.encode(), "a.sav"),
            (b"q1;q1\n" + CANARY.encode() + b";1\n", "a.csv"), (b'q1\n"' + CANARY.encode() + b"\n", "a.csv"),
        ):  # fmt: skip
            refused(data, name)
        codebook = b"variabele;soort\nopen;getal\n"
        assert refused(b"open\n1\n" + CANARY.encode() + b"\n", "a.csv", codebook=codebook) == "cell_not_a_number"
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    new = [path for path in set(shared_memory.glob("*")) - before if path.is_file()]
    assert not [path for path in new if CANARY.encode() in path.read_bytes()]
    said = capfd.readouterr()
    assert CANARY not in caplog.text + said.out + said.err


# --- files of other programs


@pytest.mark.shared
def test_real_files_are_read_as_the_library_reads_them(shared: Path) -> None:
    for path in sorted((shared / SHARED_FILES).iterdir()):
        found = read_survey_file(path.read_bytes(), file_name=path.name)
        options: dict[str, Any] = {} if path.suffix == ".por" else {"user_missing": True}
        reader: Any = pyreadstat.read_por if path.suffix == ".por" else pyreadstat.read_sav
        cells, facts = reader(str(path), output_format="dict", disable_datetime_conversion=True, **options)
        assert [v.name for v in found.variables] == facts.column_names
        for variable in found.variables:
            assert variable.label == (facts.column_names_to_labels[variable.name] or "").strip()
            if variable.kind is ValueKind.NUMBER:
                expected = [math.nan if cell is None else cell for cell in cells[variable.name]]
                assert np.array_equal(found.numbers(variable.name), expected, equal_nan=True), (
                    path.name,
                    variable.name,
                )
                assert dict(variable.value_labels) == facts.variable_value_labels.get(variable.name, {})
            elif variable.kind is ValueKind.TEXT:
                assert found.texts(variable.name) == [cell or None for cell in cells[variable.name]]


_NEEDS_HAVEN = 'if (!requireNamespace("haven", quietly = TRUE)) quit(status = 77)'


def _r(script: str, *arguments: str) -> str:
    if not shutil.which("Rscript"):
        pytest.skip("Rscript is not here")
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", _NEEDS_HAVEN, "-e", script,
         *arguments],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("R's package haven is not here")
    assert done.returncode == 0, done.stderr
    return done.stdout


_READ = """
for (path in commandArgs(TRUE)) {
  frame <- haven::read_sav(path, user_na = TRUE)
  for (name in names(frame)) {
    column <- frame[[name]]
    if (is.numeric(column) && !inherits(column, c("Date", "POSIXct", "hms"))) {
      labels <- attr(column, "labels")
      cat(basename(path), name, length(column), sum(is.na(unclass(column))),
          format(sum(unclass(column), na.rm = TRUE), digits = 15), length(labels),
          paste(attr(column, "na_values"), collapse = ","), paste(attr(column, "na_range"), collapse = ","),
          paste(names(labels), collapse = "|"), sep = "\\t")
      cat("\\n")
    }
  }
}
"""


@pytest.mark.shared
def test_real_files_are_read_as_r_reads_them(shared: Path) -> None:
    paths = [path for path in sorted((shared / SHARED_FILES).iterdir()) if path.suffix != ".por"]
    said = [line.split("\t") for line in _r(_READ, *map(str, paths)).splitlines()]
    files = {path.name: read_survey_file(path.read_bytes(), file_name=path.name) for path in paths}
    assert len(said) > 40
    for file, name, rows, absent, total, labels, codes, limits, words in said:
        found = files[file]
        numbers, variable = found.numbers(name), found.variable(name)
        assert (len(numbers), variable.name) == (int(rows), name)
        declared = variable.missing
        # R counts a missing code that the file declares as missing, also when it is kept as a value.
        kept = numbers[~np.isnan(numbers)].tolist()
        assert np.isnan(numbers).sum() in {int(absent), int(absent) - sum(map(declared.holds, kept))}
        assert math.fsum(kept) == pytest.approx(float(total), rel=1e-12)
        assert len(variable.value_labels) == int(labels)
        assert list(variable.value_labels.values()) == [word.strip() for word in words.split("|") if words]
        assert sorted(map(float, filter(None, codes.split(",")))) == sorted(map(float, declared.values)) or limits
        assert [tuple(map(float, limits.split(",")))] == [*declared.ranges] if limits else not declared.ranges


_WRITE = """
set.seed(7)
n <- 40
frame <- data.frame(
  q1 = haven::labelled_spss(sample(c(1, 2, 9, NA), n, TRUE), c(Ja = 1, Nee = 2, "Weet niet \\u00e9" = 9), na_values = 9,
                            label = "Voelt u zich weleens onveilig?"),
  leeftijd = haven::labelled_spss(c(18:55, 998, 999), na_range = c(997, Inf)),
  kern = haven::labelled(sample(c("L", "D"), n, TRUE), c("Lemelerveld" = "L")),
  dag = as.Date("2017-09-01") + 0:39,
  moment = as.POSIXct("2017-09-01 13:00:00", tz = "UTC") + 3600 * 0:39,
  gewicht = runif(n, .2, 4))
for (path in commandArgs(TRUE)) haven::write_sav(frame, path, compress = if (grepl("zsav", path)) "zsav" else "none")
cat(sum(frame$gewicht == frame$gewicht[1]), format(sum(frame$gewicht), digits = 15), sum(is.na(unclass(frame$q1))))
"""


def test_files_that_r_wrote_are_read_whole(tmp_path: Path) -> None:
    paths = [tmp_path / "r.sav", tmp_path / "r.zsav"]
    _, total, absent = _r(_WRITE, *map(str, paths)).split()
    for path in paths:
        found = read_survey_file(path.read_bytes(), file_name=path.name)
        assert found.numbers("gewicht").sum() == pytest.approx(float(total), rel=1e-14)
        assert np.isnan(found.numbers("q1")).sum() == int(absent)
        assert dict(found.variable("q1").value_labels) == {1.0: "Ja", 2.0: "Nee", 9.0: "Weet niet é"}
        assert found.variable("q1").missing.values == (9.0,)
        assert found.variable("leeftijd").missing.ranges == ((997.0, math.inf),)
        assert np.isnan(found.answers("leeftijd")).sum() == 2
        assert found.table.column("dag").to_pylist()[:2] == [date(2017, 9, 1), date(2017, 9, 2)]
        assert found.table.column("moment").to_pylist()[10:12] == [date(2017, 9, 1), date(2017, 9, 2)]
        assert set(found.texts("kern")) == {"L", "D"}
