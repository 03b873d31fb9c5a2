"""The house stands: floors, sizes, doors, and what imports cannot say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "koersvast"
LONGEST = 600
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
FACES = ("web", "cli")


def python_files(*places: str) -> list[Path]:
    folders = [SOURCE / place for place in places] or [SOURCE, ROOT / "tests", ROOT / "benchmarks", ROOT / "ops"]
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "migrations" not in path.parts)


def test_imports_of_the_house_point_down() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_not_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def writes_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in WRITES and _is_a_model_write(node.func.value):
            yield f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}("


def _is_a_model_write(owner: ast.expr) -> bool:
    """Return False for dictionaries, hashes and modules of changes, which have methods of the same names."""
    text = ast.unparse(owner)
    return not any(word in text for word in ("changes", "digest", "hash", "context", "kwargs", "values", "headers"))


def test_faces_decide_nothing_they_write_no_rows() -> None:
    assert [write for path in python_files(*FACES) for write in writes_in(path)] == []


def test_finder_of_writes_sees_a_write(tmp_path: Path) -> None:
    sample = ROOT / "tests" / "house" / "sample_of_a_write.txt"
    found = [node for node in ast.walk(ast.parse(sample.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert any(isinstance(node.func, ast.Attribute) and node.func.attr in WRITES for node in found)


def house_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("koersvast.")]


@pytest.mark.parametrize("model", house_models(), ids=lambda model: model._meta.label)
def test_every_field_has_a_privacy_class(model: type[models.Model]) -> None:
    privacy = model.Privacy  # type: ignore[attr-defined] # that it is there is what this test asks
    said: list[set[str]] = [getattr(privacy, name, set()) for name in ("plain", "personal", "bulky")]
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    assert set().union(*said) == fields
    assert sum(len(names) for names in said) == len(fields), "a field has two classes"


def test_no_import_inside_a_function() -> None:
    inside = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "services", "core", "base", "hub"}


def test_no_module_is_a_drawer() -> None:
    assert [path for path in python_files("") if path.stem in FORBIDDEN_NAMES] == []
