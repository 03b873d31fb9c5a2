"""The reference pages say what the product has: rules, roles, permissions, commands, settings, schemas."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from django.utils import translation

from koersvast.access.permissions import Permission
from koersvast.cli.main import app
from koersvast.policy.rulebook import rule_entries
from koersvast.policy.wording.findings import REMEDIES
from koersvast.programme.queries.checking import rule_entries as programme_rules
from koersvast.programme.wording.checking import REMEDIES as PROGRAMME_REMEDIES
from tests.conftest import ROOT

REFERENCE = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "koersvast"
SEVERITIES = {"error": "fout", "warning": "waarschuwing", "note": "opmerking"}
OUTPUT_SCHEMAS = sorted((SOURCE / "cli" / "schemas").glob("*.json"))
PACKAGE_SCHEMAS = sorted((SOURCE / "policy" / "schemas").glob("*.json"))


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows of a page."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_rule_stands_on_the_page_as_the_rulebook_has_it() -> None:
    shown = {cells[0]: cells for cells in rows(page("plan-check.md")) if re.fullmatch(r"[PU]\d\d", cells[0])}
    rules, remedies = {**rule_entries(), **programme_rules()}, {**REMEDIES, **PROGRAMME_REMEDIES}
    with translation.override("nl"):
        for code, rule in rules.items():
            basis = re.sub(r"docs/(\S+?)/(\S+)\.md", r"[\2](../\1/\2.md)", rule.basis_nl)
            remedy = re.sub(r"\{\w+\}", "…", str(remedies[code]()))
            severity, title, finds = SEVERITIES[rule.severity], rule.title_nl, shown.get(code, [""] * 4)[3]
            wanted = [code, severity, title, finds, basis, rule.valid_from.isoformat(), remedy]
            assert shown.get(code) == wanted, f"the row should be: | {' | '.join(wanted)} |"
            assert len(finds) > 20, f"{code}: say what it finds"
    assert list(shown) == list(rules)


def test_every_role_holds_on_the_page_what_it_holds_in_the_product() -> None:
    roles = tomllib.loads((SOURCE / "access" / "roles.toml").read_text(encoding="utf-8"))
    shown = {quoted(cells[0])[0]: cells for cells in rows(page("roles.md")) if len(cells) == 4 and quoted(cells[0])}
    held = {code: (cells[1], cells[2], quoted(cells[3])) for code, cells in shown.items()}
    assert held == {code: (role["name_nl"], role["name_en"], role["permissions"]) for code, role in roles.items()}


def test_every_permission_is_explained() -> None:
    shown = {quoted(cells[0])[0]: cells[1] for cells in rows(page("roles.md")) if len(cells) == 2 and quoted(cells[0])}
    assert list(shown) == [permission.value for permission in Permission]
    assert all(len(said) > 20 for said in shown.values())


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented_with_its_options(name: str) -> None:
    text = page("command-line.md")
    [shown] = [entry for cells in rows(text) for entry in quoted(cells[0]) if f"{entry} ".startswith(f"{name} ")]
    everywhere = ("--municipality", "--help", "--no-password")
    options = [option.opts[0] for option in COMMANDS[name].params if option.opts[0].startswith("--")]
    where = shown + text[text.index(shown) :].partition("\n")[0]
    assert [option for option in options if option not in where and option not in everywhere] == []


def test_options_of_every_command_are_told_once() -> None:
    text = page("command-line.md")
    assert [option for option in ("--municipality", "--help", "--lang") if option not in text] == []


def test_page_names_no_command_that_is_not_there() -> None:
    first = [entry for cells in rows(page("command-line.md")) for entry in quoted(cells[0])]
    assert sorted(re.match(r"[a-z]+( [a-z]+)?", entry).group().strip() for entry in first) == sorted(COMMANDS)  # type: ignore[union-attr] # every entry starts with a word


def test_every_environment_variable_is_documented() -> None:
    read = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"\bKOERSVAST_[A-Z]+(?:_[A-Z]+)*", path.read_text(encoding="utf-8"))
    }
    assert {"KOERSVAST_HOME", "KOERSVAST_HOSTS"} <= read
    documented = page("settings.md") + page("command-line.md")
    assert sorted(name for name in read if f"`{name}" not in documented) == []


def keys(schema: Any) -> set[str]:
    """Return every key that a schema names; the keys of free-form objects are data."""
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        for part in schema.values():
            found |= keys(part)
    elif isinstance(schema, list):
        for part in schema:
            found |= keys(part)
    return found


def words(schema: Any) -> set[str]:
    """Return every fixed value that a schema allows."""
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= {one for one in schema.get("enum", []) if isinstance(one, str)}
        for part in schema.values():
            found |= words(part)
    elif isinstance(schema, list):
        for part in schema:
            found |= words(part)
    return found


@pytest.mark.parametrize("path", OUTPUT_SCHEMAS, ids=lambda path: path.name)
def test_every_key_and_value_of_an_output_is_described(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    name = path.name.partition(".")[0]
    part = re.search(rf"^## {name}$.*?(?=^## |\Z)", page("json.md"), re.MULTILINE | re.DOTALL)
    assert part, f"json.md has no part on {name}"
    assert f"`{path.name}`" in part.group()
    assert sorted((keys(schema) | words(schema)) - set(quoted(part.group()))) == []


def test_every_schema_of_a_package_is_named() -> None:
    assert len(PACKAGE_SCHEMAS) >= 6
    assert [path.name for path in PACKAGE_SCHEMAS if f"`{path.name}`" not in page("package-format.md")] == []
