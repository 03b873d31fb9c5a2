"""What a command left behind: JSON that fits its schema, and the files of a directory."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.conftest import ROOT

SCHEMAS = ROOT / "src" / "koersvast" / "cli" / "schemas"


def valid(name: str, output: str) -> Any:
    """Return JSON output after holding it against the published schema."""
    said = json.loads(output)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(said)
    return said


def contents(directory: Path) -> dict[str, bytes]:
    """The files of a package by name; a programme that lies beside them is taken in on its own."""
    found = (path for path in directory.rglob("*") if path.is_file() and path.parent.name != "uitvoering")
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}
