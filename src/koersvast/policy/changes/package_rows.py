"""Rows brought in line with what a package says: added, changed and listed, left as they are, or refused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from koersvast.access.audit import Actor
from koersvast.access.models import Municipality
from koersvast.policy.package_problems import PackageProblem, PackageRefused


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that was there already and says something else; `is_applied` is False where it was left as it was."""

    file: str
    place: str
    field: str
    now: str
    offered: str
    is_applied: bool = True


@dataclass
class Rows:
    """What happened to rows so far; `at` is the file and place that is being written."""

    by: Actor
    municipality: Municipality = field(default_factory=Municipality)
    added: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    differences: list[Difference] = field(default_factory=list)
    problems: list[PackageProblem] = field(default_factory=list)
    at: tuple[str, str] = ("package.toml", "")

    def put[Row: models.Model](
        self, row: Row | None, fresh: Row, values: Mapping[str, Any], *, file: str, place: str, frozen: str = ""
    ) -> Row:
        """Add `fresh` with `values`, or bring `row` in line with them; `frozen` names the code that refuses that."""
        self.at = (file, place)
        if row is None:
            for name, value in values.items():
                setattr(fresh, name, value)
            self.save(fresh, "add")
            return fresh
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in changed.items():
            now, offered = shown(getattr(row, name)), shown(value)
            if frozen:
                self.refuse(frozen, field=name, now=now, offered=offered)
            else:
                self.differences.append(Difference(file=file, place=place, field=name, now=now, offered=offered))
                setattr(row, name, value)
        if changed and not frozen:
            self.save(row, "change")
        self.unchanged += not changed
        return row

    def save(self, row: models.Model, what: str) -> None:
        try:
            row.full_clean(exclude=["mapping", "snapshot", "staged", "set_by"])
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.refuse("K34", field=name, reason=" ".join(messages))
            raise PackageRefused(tuple(self.problems)) from None
        row.save()
        if what == "add":
            self.added[row._meta.model_name or ""] += 1

    def refuse(self, code: str, /, **values: str | int | float) -> None:
        self.problems.append(PackageProblem(code=code, file=self.at[0], place=self.at[1], values=values))

    def refer(self, row: models.Model, file: str, **values: models.Model | None) -> None:
        """Set references that could only be known once every row of their kind was there."""
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            self.at = (file, str(getattr(row, "code", "")))
            row.save(update_fields=changed)

    def leave(self, row: models.Model, values: Mapping[str, Any], *, place: str) -> None:
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        self.unchanged += not changed
        for name, value in changed.items():
            now, offered = shown(getattr(row, name)), shown(value)
            self.differences.append(
                Difference(file="package.toml", place=place, field=name, now=now, offered=offered, is_applied=False)
            )


def own(entry: Any, *besides: str) -> dict[str, Any]:
    """The fields of an entry that its row has under the same name: all but references and lists."""
    return {each.name: getattr(entry, each.name) for each in fields(entry) if each.name not in besides}


def shown(value: Any) -> str:
    """A value as it stands in the file."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, models.Model):
        return str(getattr(value, "code", getattr(value, "number", value.pk)))
    return value.isoformat() if isinstance(value, date) else str(value)
