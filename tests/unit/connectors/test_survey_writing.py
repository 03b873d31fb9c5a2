"""What is written as a .sav file for the demo is read back the same; real answers are never written."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from koersvast.connectors.microdata import Level, Microdata, MissingCodes, ValueKind, Variable
from koersvast.connectors.survey_files import read_survey_file
from koersvast.connectors.survey_writing import NotSynthetic, write_sav


def invented(label: str = "SYNTHETISCH: niemand antwoordde") -> Microdata:
    return Microdata(
        variables=(
            Variable(
                name="onveilig", label="Voelt u zich weleens onveilig?", value_labels={1.0: "Ja", 2.0: "Nee", 9.0: "?"},
                level=Level.NOMINAL, missing=MissingCodes(values=(9.0,)),
            ),
            Variable(name="leeftijd", level=Level.SCALE, missing=MissingCodes(ranges=((997.0, 999.0),))),
            Variable(name="kern", kind=ValueKind.TEXT, value_labels={"L": "Lemelerveld"}, level=Level.NOMINAL),
            Variable(name="dag", kind=ValueKind.DAY, level=Level.SCALE),
            Variable(name="gewicht", decimals=6, level=Level.SCALE),
        ),
        table=pa.table(
            {
                "onveilig": pa.array([1.0, 2.0, 9.0, None]),
                "leeftijd": pa.array([18.0, 998.0, None, 83.0]),
                "kern": pa.array(["L", "D", None, "Ommerkanaal ë"]),
                "dag": pa.array([date(2017, 9, 1), None, date(2017, 10, 31), date(1950, 2, 3)]),
                "gewicht": pa.array([0.734512, 1.2, 2.5, 0.1]),
            }
        ),
        kind_of_file="sav",
        file_label=label,
        notes=("SYNTHETISCH", "Regel twee, met een é."),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "compress"), [("wave.sav", False), ("wave.zsav", True)])
def test_written_file_is_read_back_the_same(tmp_path: Path, name: str, *, compress: bool) -> None:
    given = invented()
    write_sav(given, tmp_path / name, compress=compress)
    found = read_survey_file((tmp_path / name).read_bytes(), file_name=name)
    assert found.variables == given.variables
    assert found.table.equals(given.table)
    assert (found.file_label, found.notes, found.kind_of_file) == (given.file_label, given.notes, name[5:])
    assert found.is_synthetic


def test_real_answers_are_not_written(tmp_path: Path) -> None:
    given = invented("Veiligheidsmonitor")
    object.__setattr__(given, "notes", ())
    with pytest.raises(NotSynthetic):
        write_sav(given, tmp_path / "wave.sav")
    assert list(tmp_path.iterdir()) == []
