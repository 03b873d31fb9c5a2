"""The reference of open tables names every table that is known, with its measures, and every code of refusal."""

from pathlib import Path

import pytest

from koersvast.connectors.problems import CODES
from koersvast.registers.tables import TABLES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "open-tables.md").read_text()
ROWS = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| ")}


@pytest.mark.parametrize("code", sorted(TABLES))
def test_known_table_stands_in_the_reference_with_its_measures_and_levels(code: str) -> None:
    table, row = TABLES[code], ROWS[code]
    assert table.title_nl in row
    assert [measure.code for measure in table.measures if f"`{measure.code}`" not in row] == []
    assert [level.value for level in table.levels if level.value not in row] == []
    assert ("| zero" in row) == table.zeros


@pytest.mark.parametrize("code", sorted(code for code in CODES if code.startswith("T")))
def test_code_about_open_tables_stands_in_the_reference(code: str) -> None:
    (line,) = [line for first, line in ROWS.items() if code in first.split(", ")]
    assert f"`{CODES[code].name}`" in line
