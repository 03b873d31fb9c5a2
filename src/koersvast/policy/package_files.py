"""The bytes of a package: readable TOML and CSV files to frozen values and back, exactly and in one fixed order.

Pure: no database, no disk. The published schemas stand in `schemas/`. *Not* for the rules between the parts of a
package (a reference to something absent): those are `package_rules`.
"""

import csv
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from math import isfinite
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import tomli_w
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from koersvast.connectors.tables_out import neutralised, restored
from koersvast.policy.package import (
    FORMAT,
    AreaEntry,
    DeliveryEntry,
    FollowingEntry,
    IndicatorEntry,
    MunicipalityEntry,
    ObservationEntry,
    Package,
    PlanEntry,
    SourceEntry,
)
from koersvast.policy.package_problems import PackageProblem, PackageRefused

SCHEMAS = Path(__file__).parent / "schemas"
LARGEST_FILE_BYTES = 64 * 1024 * 1024
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_TITLES = {
    "package.toml": """\
Een gemeente in Koersvast: om welke gemeente het gaat, haar instellingen en haar gebieden.
De andere bestanden: sources.toml (bronnen en metingen), indicators.toml (wat gevolgd wordt, met definities en
trendbreuken), deliveries.toml (aanleveringen), observations.csv (elk cijfer, met elke versie) en plans/ (de plannen).
Inlezen: koersvast import MAP. Beschrijving: docs/reference/package-format.md.""",
    "sources.toml": """\
De bronnen: registraties en enquêtes, met hun metingen.
Een kenmerk dat leeg is, staat er niet bij.""",
    "indicators.toml": """\
Wat gevolgd wordt. Elke definitie heeft een nummer; een cijfer hoort bij de definitie waarmee het gemeten is.
Een trendbreuk zegt vanaf welke dag cijfers iets anders betekenen.""",
    "deliveries.toml": """\
De aanleveringen: welk bestand, van welke bron, welke dag. Elke regel van observations.csv noemt het nummer.""",
    "plans": """\
Een beleidsplan: prioriteiten, doelstellingen met doelwaarden, besluiten, hoofdlijnen van aanpak, en wat de tekst
van het plan en van latere stukken beweert (claims), in eigen woorden, zodat de plantoets het kan nalopen.
Doelwaarden met een besluit liggen vast: een wijziging is een nieuw besluit met een reden.""",
}


def read(files: Mapping[str, bytes]) -> Package:
    """Make a package of its files, by name; raises PackageRefused with everything that does not fit the schemas."""
    if "package.toml" not in files:
        raise PackageRefused((PackageProblem(code="K01", file="package.toml"),))
    problems: list[PackageProblem] = []
    tables = {name: _toml(name, files[name], problems) for name in sorted(files) if _schema_name(name)}
    rows = _rows(files["observations.csv"], problems) if "observations.csv" in files else []
    if problems:
        raise PackageRefused(tuple(problems))
    head = tables["package.toml"]
    return Package(
        municipality=from_table(MunicipalityEntry, head["municipality"]),
        areas=_entries(AreaEntry, head, "areas"),
        followings=_entries(FollowingEntry, head, "followings"),
        sources=_entries(SourceEntry, tables.get("sources.toml", {}), "sources"),
        indicators=_entries(IndicatorEntry, tables.get("indicators.toml", {}), "indicators"),
        deliveries=_entries(DeliveryEntry, tables.get("deliveries.toml", {}), "deliveries"),
        observations=tuple(from_table(ObservationEntry, row) for row in rows),
        plans=tuple(from_table(PlanEntry, tables[name]) for name in sorted(tables) if name.startswith("plans/")),
    )


def write(package: Package) -> dict[str, bytes]:
    """Make the files of a package, by name; the same package gives the same bytes."""
    head = {"format": FORMAT, "municipality": as_table(package.municipality)}
    head |= _listed("areas", package.areas) | _listed("followings", package.followings)
    files = {
        "package.toml": _toml_bytes("package.toml", head),
        "sources.toml": _toml_bytes("sources.toml", _listed("sources", package.sources)),
        "indicators.toml": _toml_bytes("indicators.toml", _listed("indicators", package.indicators)),
        "deliveries.toml": _toml_bytes("deliveries.toml", _listed("deliveries", package.deliveries)),
        "observations.csv": _csv_bytes(package.observations),
    }
    for plan in package.plans:
        files[f"plans/{plan.code}.toml"] = _toml_bytes("plans", as_table(plan))
    return files


def delivered_file(delivery: DeliveryEntry) -> str:
    """Where the bytes of a delivery stand in a package: its number and a name that every file system can hold."""
    return f"deliveries/{delivery.number}-{_NOT_IN_NAMES.sub('-', delivery.file_name)[-100:]}"


def delivered_files(package: Package, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the delivered files that came along, by snapshot; raises PackageRefused for other bytes than delivered."""
    found, problems = {}, []
    for delivery in package.deliveries:
        name = delivered_file(delivery)
        if name not in files:
            continue
        digest = hashlib.sha256(files[name]).hexdigest()
        if digest != delivery.snapshot:
            values = {"wanted": delivery.snapshot, "found": digest}
            problems.append(PackageProblem(code="K07", file=name, values=values))
        found[digest] = files[name]
    if problems:
        raise PackageRefused(tuple(problems))
    return found


# --- entries and tables ---------------------------------------------------------------------------------------------


def as_table(entry: Any) -> dict[str, Any]:
    """Return the fields of an entry that differ from their default, as values that TOML can hold."""
    return {
        each.name: _plain(getattr(entry, each.name))
        for each in fields(entry)
        if not _is_default(each, getattr(entry, each.name))
    }


def _is_default(each: Field[Any], value: Any) -> bool:
    default = each.default_factory() if each.default_factory is not MISSING else each.default
    return default is not MISSING and bool(value == default)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return value + 0.0  # minus nought is nought: a database does not keep its sign
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str):
        return one_newline(value)
    if isinstance(value, tuple):
        return [part if isinstance(part, str) else as_table(part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value)}
    return value


def one_newline(text: str) -> str:
    """Return text with \\n as its only line end: forms send \\r\\n, and a file should not keep both."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def from_table[Entry](kind: type[Entry], table: Mapping[str, Any]) -> Entry:
    """Make an entry of a table that fits its schema."""
    hints = _hints(kind)  # type: ignore[arg-type] # a class is hashable; mypy doubts it of a type variable
    return kind(**{name: _value(hints[name], raw) for name, raw in table.items() if name in hints})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, raw: Any) -> Any:
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is tuple:
        part = get_args(hint)[0]
        return tuple(raw) if part is str else tuple(from_table(part, each) for each in raw)
    if get_origin(hint) is Mapping:
        return {int(key): Decimal(each) for key, each in raw.items()}
    if hint is date and isinstance(raw, str):
        return date.fromisoformat(raw)
    if hint is datetime:
        return (datetime.fromisoformat(raw) if isinstance(raw, str) else raw).astimezone(UTC)
    if hint in (Decimal, int, float):
        return hint(raw)
    return one_newline(raw) if hint is str else raw


def _entries[Entry](kind: type[Entry], table: Mapping[str, Any], key: str) -> tuple[Entry, ...]:
    return tuple(from_table(kind, each) for each in table.get(key, ()))


def _listed(key: str, entries: tuple[Any, ...]) -> dict[str, Any]:
    return {key: [as_table(entry) for entry in entries]} if entries else {}


# --- TOML -----------------------------------------------------------------------------------------------------------


def _toml_bytes(title: str, table: Mapping[str, Any]) -> bytes:
    comment = "".join(f"# {line}\n" for line in _TITLES[title].splitlines())
    return f"{comment}\n{tomli_w.dumps(table, multiline_strings=True)}".encode()


def _schema_name(file: str) -> str:
    if file.startswith("plans/") and file.endswith(".toml"):
        return "plan"
    return {name: name.removesuffix(".toml") for name in _TITLES if name.endswith(".toml")}.get(file, "")


def _toml(name: str, data: bytes, problems: list[PackageProblem]) -> dict[str, Any]:
    """Read one TOML file; what is wrong with it is added to `problems`."""
    if len(data) > LARGEST_FILE_BYTES:
        problems.append(PackageProblem(code="K06", file=name, values={"limit": LARGEST_FILE_BYTES}))
        return {}
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(PackageProblem(code="K02", file=name, values={"reason": str(error)}))
        return {}
    if name == "package.toml" and table.get("format") != FORMAT:
        found = str(table.get("format", ""))
        problems.append(PackageProblem(code="K04", file=name, values={"found": found, "wanted": FORMAT}))
        return {}
    problems += _schema_problems(name, table, _schema_name(name))
    return table


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a published schema: package, sources, indicators, deliveries, plan or observation."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _schema_problems(file: str, table: Any, schema: str, line: int | None = None) -> Iterator[PackageProblem]:
    errors = sorted(validator(schema).iter_errors(_as_json(table)), key=lambda error: list(map(str, error.path)))
    for error in errors[:50]:
        yield PackageProblem(code="K03", file=file, line=line, place=_place(error), values=_said(error))


def _place(error: ValidationError) -> str:
    """Where in the file: `indicators[3].unit`, counting from 1 as a reader does."""
    place = ""
    for step in error.absolute_path:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if place else str(step)
    return place


def _said(error: ValidationError) -> dict[str, str | int | float]:
    wanted = error.validator_value
    if error.validator == "required":
        wanted = next(name for name in error.validator_value if name not in error.instance)
    if error.validator == "additionalProperties":
        known = set(error.schema.get("properties", {}))
        wanted = ", ".join(sorted(set(error.instance) - known))
    found = "" if isinstance(error.instance, dict | list) else str(error.instance)[:120]
    return {"rule": str(error.validator), "wanted": _listing(wanted), "found": found}


def _listing(wanted: Any) -> str:
    return ", ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted)


def _as_json(value: Any) -> Any:
    """Return what JSON Schema can judge: TOML's dates become texts in ISO 8601, its inf and nan become no number."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


# --- observations.csv -----------------------------------------------------------------------------------------------

_COLUMNS = tuple(each.name for each in fields(ObservationEntry))
_FREE_TEXT = ("note", "withdrawn_because")


def _csv_bytes(observations: tuple[ObservationEntry, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in observations:
        writer.writerow([_cell(name, getattr(entry, name)) for name in _COLUMNS])
    return text.getvalue().encode()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if name in _FREE_TEXT:  # a spreadsheet must not take a remark for a formula
        return neutralised(one_newline(value))
    if isinstance(value, float):
        return str(value + 0.0)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _rows(data: bytes, problems: list[PackageProblem]) -> list[dict[str, str]]:
    """Read the rows, without their empty cells; what is wrong is added to `problems`."""
    file = "observations.csv"
    if len(data) > LARGEST_FILE_BYTES:
        problems.append(PackageProblem(code="K06", file=file, values={"limit": LARGEST_FILE_BYTES}))
        return []
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(PackageProblem(code="K02", file=file, values={"reason": str(error)}))
        return []
    wrong = _wrong_line(lines)
    if wrong:
        values = {"wanted": ", ".join(_COLUMNS), "found": ", ".join(lines[wrong - 1] if lines else [])[:300]}
        problems.append(PackageProblem(code="K05", file=file, line=wrong, values=values))
        return []
    rows = [_row(line) for line in lines[1:]]
    for number, row in enumerate(rows, 2):
        found = list(_schema_problems(file, row, "observation", number))
        problems += found or _bad_numbers(row, number)
    return rows


def _wrong_line(lines: list[list[str]]) -> int:
    """Return the first line, from 1, that has not the columns; 0 when all have."""
    if not lines or tuple(lines[0]) != _COLUMNS:
        return 1
    return next((number for number, line in enumerate(lines, 1) if len(line) != len(_COLUMNS)), 0)


def _row(line: list[str]) -> dict[str, str]:
    row = {name: cell for name, cell in zip(_COLUMNS, line, strict=True) if cell}
    for name in _FREE_TEXT:
        if name in row:
            row[name] = restored(row[name])
    return row


def _bad_numbers(row: dict[str, str], number: int) -> Iterator[PackageProblem]:
    """Dates and numbers that fit the pattern and still do not exist, such as 30 February."""
    for name, text in row.items():
        try:
            _value(_hints(ObservationEntry)[name], text)
        except (ValueError, InvalidOperation, OverflowError):
            values = {"rule": "format", "wanted": name, "found": text[:120]}
            yield PackageProblem(code="K03", file="observations.csv", line=number, place=name, values=values)
