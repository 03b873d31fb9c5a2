"""Take in what a file or directory holds: figures, a package, or a listing of objectives. All or nothing."""

import hashlib
import json
from collections.abc import Mapping as AnyMapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from koersvast.access.models import Municipality
from koersvast.cli.installation import OPERATOR, municipality_of
from koersvast.cli.language import _
from koersvast.cli.output import check_form, day, print_json
from koersvast.cli.ready import DONE, REFUSED, USAGE, Refusal
from koersvast.connectors.mappings import BadMapping, Mapping
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators import changes
from koersvast.indicators.matching import Line
from koersvast.indicators.models import Delivery, Source
from koersvast.indicators.staged import line_from_json
from koersvast.indicators.wording import worded
from koersvast.policy import listed_objectives, package_files
from koersvast.policy.changes.packages import PackageOutcome, import_package
from koersvast.policy.listed_objectives import Known, NotAListing
from koersvast.policy.listed_wording import remark_sentence
from koersvast.policy.package import AreaEntry, MunicipalityEntry, SourceEntry
from koersvast.policy.package_problems import PackageRefused
from koersvast.policy.package_wording import worded as package_sentence
from koersvast.reference.models import Area, Taxonomy

TAXONOMY = "kernbeleid"
LARGEST_LISTING_BYTES = 5 * 1024 * 1024


def take_in(
    path: Path, dry_run: bool, form: str, source: str, as_of: str, mapping: Path | None, municipality: str
) -> int:
    """Take in `path` for what it is; return 1 when something in it is refused."""
    check_form(form, "text", "json")
    if not path.exists():
        raise Refusal(_("There is no file or directory {path}.").format(path=path), exit_code=USAGE)
    if path.is_dir():
        return _package(path, dry_run=dry_run, form=form)
    if path.suffix.lower() == ".json":
        return _listing(path, dry_run=dry_run, form=form)
    place = municipality_of(municipality)
    with scope(municipality=place):
        given = _mapping(mapping) if mapping else None
        return _figures(path, place, dry_run=dry_run, form=form, source=source, as_of=as_of, mapping=given)


# --- packages -------------------------------------------------------------------------------------------------------


def _package(path: Path | AnyMapping[str, bytes], *, dry_run: bool, form: str, remarks: list[Any] | None = None) -> int:
    try:
        outcome = import_package(path, by=OPERATOR, dry_run=dry_run)
    except PackageRefused as refused:
        _say_refused(refused, form)
        return REFUSED
    if form == "json":
        print_json(_outcome_as_json(outcome) | ({} if remarks is None else {"remarks": remarks}))
        return DONE
    _outcome_as_text(outcome)
    for remark in remarks or ():
        print(f"{remark['code']} {remark['place']}: {remark['message']}")
    return DONE


def _say_refused(refused: PackageRefused, form: str) -> None:
    if form == "json":
        problems = [
            {"code": one.code, "file": one.file, "line": one.line, "place": one.place, "message": package_sentence(one)}
            for one in refused.problems
        ]
        print_json({"state": "refused", "problems": problems})
        return
    for one in refused.problems:
        print(package_sentence(one))
    print(_("Nothing was changed."))


def _outcome_as_json(outcome: PackageOutcome) -> dict[str, Any]:
    return {
        "state": "dry_run" if outcome.is_dry_run else "stored",
        "municipality": outcome.municipality,
        "is_new": outcome.is_new,
        "added": dict(outcome.added),
        "unchanged": outcome.unchanged,
        "differences": [{each.name: getattr(one, each.name) for each in fields(one)} for one in outcome.differences],
    }


def _outcome_as_text(outcome: PackageOutcome) -> None:
    added = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.added.items())) or _("nothing")
    print(_("Municipality {code}: added {added}; unchanged {count}.").format(
        code=outcome.municipality, added=added, count=outcome.unchanged
    ))  # fmt: skip
    for one in outcome.differences:
        verb = _("becomes") if one.is_applied else _("stays; the file says")
        print(f"  {one.file}, {one.place}, {one.field}: {one.now or '-'} {verb} {one.offered or '-'}")
    if outcome.is_dry_run:
        print(_("This was a dry run: nothing was changed."))


# --- listings of objectives -----------------------------------------------------------------------------------------


def _listing(path: Path, *, dry_run: bool, form: str) -> int:
    data = path.read_bytes()
    if len(data) > LARGEST_LISTING_BYTES:
        raise Refusal(_("{path} is too large for a listing of objectives.").format(path=path))
    try:
        listing = json.loads(data)
        if not isinstance(listing, dict):
            raise NotAListing("{}")
        known = _known(str(listing.get("cbs_code")))
        listed = listed_objectives.package_of(listing, known=known, digest=hashlib.sha256(data).hexdigest())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refusal(_("{path} is not JSON: {reason}").format(path=path, reason=error)) from None
    except (NotAListing, AttributeError, TypeError, KeyError) as error:
        raise Refusal(
            _("{path} is not a listing of objectives.").format(path=path),
            _("It needs gemeente, cbs_code and indicatoren with naam and eenheid ({reason}).").format(reason=error),
        ) from None
    if not dry_run:
        SnapshotStore(Path(settings.SNAPSHOTS)).keep(
            data,
            taken_from="command line",
            file_name=path.name,
            fetched_at=timezone.now(),
            licence="",
            media_type="application/json",
        )
    remarks = [{"code": one.code, "place": one.place, "message": remark_sentence(one)} for one in listed.remarks]
    return _package(package_files.write(listed.package), dry_run=dry_run, form=form, remarks=remarks)


def _known(code: str) -> Known:
    """What the installation knows already, so that a listing adds to it and overwrites nothing."""
    municipality = Municipality.objects.filter(code=code).first()
    areas = {row.code: row for row in Area.objects.order_by("valid_from")}
    with scopes_disabled():
        sources = Source.objects.filter(municipality=municipality).prefetch_related("measurements")
        found = {row.code: _as_entry(SourceEntry, row, measurements=()) for row in sources if municipality}
    return Known(
        municipality=_as_entry(MunicipalityEntry, municipality) if municipality else None,
        areas={key: _as_entry(AreaEntry, row) for key, row in areas.items()},
        taxonomy=Taxonomy.objects.get(code=TAXONOMY).code,
        sources=found,
    )


def _as_entry[Entry](kind: type[Entry], row: Any, **given: Any) -> Entry:
    names = [each.name for each in fields(kind) if each.name not in given]  # type: ignore[arg-type] # a dataclass
    return kind(**{name: getattr(row, name) for name in names}, **given)


# --- figures --------------------------------------------------------------------------------------------------------


def _mapping(path: Path) -> Mapping:
    try:
        return Mapping.from_dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, BadMapping) as error:
        raise Refusal(_("{path} cannot be used as a mapping: {reason}").format(path=path, reason=error)) from None


def _figures(
    path: Path, place: Municipality, *, dry_run: bool, form: str, source: str, as_of: str, mapping: Mapping | None
) -> int:
    today = timezone.localdate()
    on = day(as_of) or today
    if on > today:
        raise Refusal(_("{day} lies ahead; figures are known as of today or earlier.").format(day=on))
    known = Source.objects.filter(code=source).first() if source else None
    if source and known is None:
        codes = ", ".join(sorted(Source.objects.values_list("code", flat=True))) or "-"
        raise Refusal(_("There is no source {source}. Known: {known}.").format(source=source, known=codes))
    with transaction.atomic():
        delivery = _staged(path, place, on=on, source=known, mapping=mapping)
        was_stored = delivery.state == Delivery.State.STORED
        lines = [line_from_json(kept) for kept in delivery.staged.get("lines", [])]
        refused = _is_refused(delivery, lines) and not was_stored
        if not dry_run and not refused and not was_stored:
            delivery = changes.take_over(delivery, by=OPERATOR)
        if dry_run or refused:
            transaction.set_rollback(True)
    state = "known" if was_stored else "refused" if refused else "dry_run" if dry_run else "stored"
    (_figures_as_json if form == "json" else _figures_as_text)(delivery, lines, state)
    return REFUSED if refused else DONE


def _staged(path: Path, place: Municipality, *, on: date, source: Source | None, mapping: Mapping | None) -> Delivery:
    try:
        return changes.stage_figures(
            path.read_bytes(),
            municipality=place,
            file_name=path.name,
            as_of=on,
            by=OPERATOR,
            source=source,
            mapping=mapping,
        )
    except changes.FileRefused as refused:
        said = [worded(one.code, one.values, line=one.line, column=one.column) for one in refused.problems]
        raise Refusal(*(f"{one.code} {path.name}: {one.sentence}" for one in said)) from None


def _is_refused(delivery: Delivery, lines: list[Line]) -> bool:
    return bool(delivery.refused) or not lines


def _messages(delivery: Delivery) -> list[dict[str, Any]]:
    """What the file as a whole has to say: problems of reading it, and remarks on what it would do."""
    found = [(one["code"], one["values"], one["line"], one["column"]) for one in delivery.staged.get("problems", [])]
    found += [(code, values, None, None) for code, values in delivery.staged.get("remarks", [])]
    return [
        {"code": code, "message": worded(code, values, line=line, column=column).sentence}
        for code, values, line, column in found
    ]


def _line_as_json(line: Line) -> dict[str, Any]:
    remarks = [*([line.refusal] if line.refusal else []), *line.warnings]
    return {
        "line": line.line,
        "outcome": line.outcome,
        "indicator": line.key.indicator if line.key else None,
        "label": line.label,
        "period": line.period,
        "amount": None if line.amount is None else f"{line.amount:.{line.decimals}f}",
        "old": None if line.old is None or line.old.amount is None else f"{line.old.amount:.{line.old.decimals}f}",
        "remarks": [
            {"code": one.code, "message": worded(one.code, one.values, line=line.line, column=line.column).sentence}
            for one in remarks
        ],
    }


def _figures_as_json(delivery: Delivery, lines: list[Line], state: str) -> None:
    print_json(
        {
            "state": state,
            "file": delivery.file_name,
            "as_of": delivery.as_of.isoformat(),
            "new": delivery.new,
            "changed": delivery.revised,
            "same": delivery.same,
            "refused": delivery.refused,
            "lines": [_line_as_json(line) for line in lines],
            "remarks": _messages(delivery),
        }
    )


def _figures_as_text(delivery: Delivery, lines: list[Line], state: str) -> None:
    names = {"new": _("new"), "changed": _("changed"), "same": _("same"), "refused": _("refused")}
    for line in lines:
        said = _line_as_json(line)
        change = f"{said['old']} -> {said['amount']}" if said["old"] and line.outcome == "changed" else said["amount"]
        if line.outcome != "same":
            print(f"{line.line or '-':>5}  {names[line.outcome]:<10} {line.label} {line.period}: {change or '-'}")
        for one in said["remarks"]:
            print(f"       {one['code']} {one['message']}")
    for one in _messages(delivery):
        print(f"{one['code']} {one['message']}")
    counts = (delivery.new, delivery.revised, delivery.same, delivery.refused)
    print(_("{file}: {new} new, {changed} changed, {same} the same, {refused} refused.").format(
        file=delivery.file_name, **dict(zip(names, counts, strict=True))
    ))  # fmt: skip
    print(
        {
            "known": _("This delivery was taken over before; nothing was changed."),
            "refused": _("Nothing was changed: correct the file and offer it again."),
            "dry_run": _("This was a dry run: nothing was changed."),
            "stored": _("The figures are stored."),
        }[state]
    )
