"""The notebook guide is run from its first line to its last; what it shows must come out."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.blocks import Block, agrees, blocks

GUIDE = ROOT / "docs" / "guides" / "notebook.md"


def run(block: Block, names: dict[str, Any]) -> str:
    """Run a block of code as a cell of a notebook; return what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(block.body, f"{GUIDE.name}, line {block.line}", "exec"), names)  # noqa: S102 -- our own page
    return said.getvalue()


def test_notebook_guide_run_from_top_to_bottom_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "notebook"}
    said, ran, shown, differences = "", 0, 0, list[str]()
    for block in blocks(GUIDE):
        if block.kind == "csv":
            (tmp_path / block.name).write_text(block.body, encoding="utf-8")
        elif block.kind == "python" and block.name != "no-run":
            said, ran = run(block, names), ran + 1
        elif block.kind == "text":
            shown += 1
            if not agrees(block.body, said):
                differences.append(f"line {block.line}, shown:\n{block.body}\nsaid:\n{said}")
    assert not differences, "\n\n".join(differences)
    assert ran > shown > 8


def test_only_what_needs_the_internet_is_left_out_of_the_run() -> None:
    left_out = [block.body for block in blocks(GUIDE) if block.name == "no-run"]
    assert len(left_out) == 1
    assert ".fetch(" in left_out[0]
