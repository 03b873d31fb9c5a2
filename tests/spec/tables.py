"""Read a spec table, and write it the way a page of docs/methods shows it."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

HERE = Path(__file__).parent
PAGES = HERE.parent.parent / "docs" / "methods"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A spec: named input columns, named output columns, rows of text."""

    name: str
    title: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as its page must show it, marked with the name of the spec."""
        lines = [f"<!-- spec: {self.name} -->", _line(self.inputs + self.outputs)]
        lines.append("|" + "|".join(["---"] * len(self.inputs) + ["--:"] * len(self.outputs)) + "|")
        return "\n".join([*lines, *(_line(row) for row in self.rows)])


def read_tables() -> dict[str, Table]:
    """All specs by name."""
    tables = {}
    for path in sorted(HERE.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        table = Table(
            name=path.stem,
            title=raw["title"],
            inputs=tuple(raw["inputs"]),
            outputs=tuple(raw["outputs"]),
            rows=tuple(tuple(row) for row in raw["rows"]),
        )
        assert all(len(row) == len(table.inputs) + len(table.outputs) for row in table.rows), path
        tables[table.name] = table
    return tables


def agrees(shown: str, computed: float | str | None) -> bool:
    """Whether a computed value is what the table shows: rounded to it; `<` and `>=` are bounds; `-` is none."""
    if shown == "-":
        return computed is None
    if computed is None or isinstance(computed, str):
        return shown == computed
    if shown.startswith("<"):
        return computed < float(shown[1:])
    if shown.startswith(">="):
        return computed >= float(shown[2:]) - 5e-3
    if shown == "nan":
        return computed != computed  # noqa: PLR0124 (only nan differs from itself)
    try:
        exponent = Decimal(shown).as_tuple().exponent
    except InvalidOperation:
        return False
    assert isinstance(exponent, int)
    return abs(computed - float(shown)) <= 0.5 * 10.0**exponent + 1e-12


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
