"""Take a municipality along: everything that a package holds, as the bytes of its files.

Sorted by code, number and period, so that the same content gives the same bytes. Deliveries that still wait for a
decision are no part of it; people, sign-in data and the audit never are.
"""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.indicators.models import Delivery, Following, Indicator, Observation, Source, SourceDifference
from koersvast.policy import package as entries
from koersvast.policy import package_files
from koersvast.policy.models import Objective, Plan
from koersvast.reference.models import Area


def export_package(municipality: Municipality) -> dict[str, bytes]:
    """Return the files of `municipality`, by name: package.toml, sources.toml, …, plans/<code>.toml.

    The delivered files themselves come along under deliveries/, as far as the snapshot store has them.
    """
    package, store = package_of(municipality), SnapshotStore(Path(settings.SNAPSHOTS))
    kept = [delivery for delivery in package.deliveries if delivery.snapshot and delivery.snapshot in store]
    delivered = {package_files.delivered_file(one): store.read(one.snapshot) for one in kept}
    return package_files.write(package) | delivered


def package_of(municipality: Municipality) -> entries.Package:
    """Return everything that a package of `municipality` holds."""
    with scope(municipality=municipality):
        deliveries = sorted(
            Delivery.objects.exclude(state=Delivery.State.STAGED).select_related("source"),
            key=lambda row: (row.received_at, row.identity, row.state),
        )
        numbers = {row.pk: number for number, row in enumerate(deliveries, 1)}
        plans = Plan.objects.select_related("taxonomy", "area", "predecessor")
        return entries.Package(
            municipality=_entry(entries.MunicipalityEntry, municipality),
            areas=_areas(municipality),
            followings=_followings(),
            sources=tuple(_source(row) for row in _by_code(Source.objects.prefetch_related("measurements"))),
            indicators=tuple(_indicator(row) for row in _indicator_rows()),
            deliveries=tuple(_delivery(row, numbers[row.pk]) for row in deliveries),
            observations=_observations(numbers),
            plans=tuple(_plan(plan) for plan in _by_code(plans)),
        )


def _entry[Entry](kind: type[Entry], row: models.Model, **given: Any) -> Entry:
    """Make an entry of the fields that a row has under the same name, and of what is given."""
    names = [each.name for each in fields(kind) if each.name not in given]  # type: ignore[arg-type] # all are dataclasses
    return kind(**{name: _plain(getattr(row, name)) for name in names}, **given)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return Decimal(f"{value.normalize():f}") if value else Decimal(0)
    return package_files.one_newline(value) if isinstance(value, str) else value


def _code(row: models.Model | None) -> str:
    return "" if row is None else str(row.code)  # type: ignore[attr-defined] # only rows with a code come here


def _number(row: models.Model | None) -> int | None:
    return None if row is None else int(row.number)  # type: ignore[attr-defined] # only rows with a number come here


def _by_code[Row: models.Model](rows: models.QuerySet[Row]) -> list[Row]:
    """Sort here and not in the database, whose order of letters differs from one installation to another."""
    return sorted(rows, key=_code)


def _by_place[Row: models.Model](rows: models.QuerySet[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.position, _code(row)))  # type: ignore[attr-defined] # rows with a position


def _areas(municipality: Municipality) -> tuple[entries.AreaEntry, ...]:
    """Every edition of an area that the figures and plans name, and the municipality itself."""
    used = {*Observation.objects.values_list("area", flat=True), *Plan.objects.values_list("area", flat=True)}
    rows = Area.objects.filter(models.Q(pk__in=used) | models.Q(code=municipality.code))
    return tuple(_entry(entries.AreaEntry, row) for row in sorted(rows, key=lambda row: (row.code, row.valid_from)))


def _followings() -> tuple[entries.FollowingEntry, ...]:
    """Every time that a feed was followed; who follows and leaves it twice on a day says the same thing once."""
    said = {_entry(entries.FollowingEntry, row) for row in Following.objects.all()}
    return tuple(sorted(said, key=_place_of_following))


def _place_of_following(entry: entries.FollowingEntry) -> tuple[Any, ...]:
    return entry.feed, entry.since, entry.until or date.max, entry.takes_over, entry.followed_by


def _source(row: Source) -> entries.SourceEntry:
    measurements = sorted(row.measurements.all(), key=lambda each: each.period)
    return _entry(
        entries.SourceEntry,
        row,
        measurements=tuple(_entry(entries.MeasurementEntry, each) for each in measurements),
    )


def _indicator_rows() -> list[Indicator]:
    rows = Indicator.objects.select_related("theme__field__taxonomy", "source", "successor")
    return _by_place(
        rows.prefetch_related("definitions", "breaks", "differences__source", "differences__other", "control_phases")
    )


def _indicator(row: Indicator) -> entries.IndicatorEntry:
    definitions = sorted(row.definitions.all(), key=lambda each: each.number)
    breaks = sorted(row.breaks.all(), key=lambda each: (each.on, each.kind))
    phases = sorted(row.control_phases.all(), key=lambda each: (each.area_code, each.starts, each.set_at))
    return _entry(
        entries.IndicatorEntry,
        row,
        taxonomy=row.theme.field.taxonomy.code,
        theme=row.theme.code,
        source=row.source.code,
        successor=_code(row.successor),
        definitions=tuple(_entry(entries.DefinitionEntry, each) for each in definitions),
        breaks=tuple(_entry(entries.BreakEntry, each) for each in breaks),
        differences=tuple(sorted(map(_difference, row.differences.all()), key=_place_of_difference)),
        phases=tuple(_entry(entries.PhaseEntry, each, area=each.area_code) for each in phases),
    )


def _difference(row: SourceDifference) -> entries.DifferenceEntry:
    return _entry(entries.DifferenceEntry, row, source=row.source.code, other=row.other.code)


def _place_of_difference(entry: entries.DifferenceEntry) -> tuple[str, str, str]:
    return entry.source, entry.other, entry.period


def _delivery(row: Delivery, number: int) -> entries.DeliveryEntry:
    return _entry(
        entries.DeliveryEntry,
        row,
        number=number,
        source=_code(row.source),
        mapping=json.dumps(row.mapping, sort_keys=True, ensure_ascii=False),
    )


def _observations(deliveries: dict[int, int]) -> tuple[entries.ObservationEntry, ...]:
    rows = Observation.objects.select_related("indicator", "definition", "source", "area")
    return tuple(
        _entry(
            entries.ObservationEntry,
            row,
            indicator=row.indicator.code,
            definition=row.definition.number,
            source=row.source.code,
            area=row.area.code,
            area_since=row.area.valid_from,
            delivery=deliveries[row.delivery_id],
            amount=None if row.amount is None else _with_decimals(row.amount, row.decimals),
        )
        for row in sorted(rows, key=_place_of_number)
    )


def _place_of_number(row: Observation) -> tuple[Any, ...]:
    indicator, area, withdrawn = row.indicator, row.area, row.withdrawn_at
    return (
        (indicator.position, indicator.code, row.source.code, row.definition.number, area.code, area.valid_from),
        (row.period_start, row.period_end, row.as_of),
        (withdrawn is not None, withdrawn.isoformat() if withdrawn else "", row.pk),
    )


def _with_decimals(amount: Decimal, decimals: int) -> Decimal:
    """The amount with the decimals as delivered; more of them where the stored amount has more."""
    own = max(0, -int(amount.normalize().as_tuple().exponent))
    return Decimal(f"{amount:.{max(decimals, own)}f}")


def _plan(plan: Plan) -> entries.PlanEntry:
    priorities = _by_place(plan.priorities.prefetch_related("themes"))
    objectives = _by_place(plan.objectives.select_related("priority", "indicator", "source"))
    lines = plan.approach_lines.select_related("priority", "objective").order_by("position")
    claims = _by_place(plan.claims.select_related("indicator", "objective"))
    answers = sorted(plan.answers.all(), key=lambda row: (row.rule, row.place))
    return _entry(
        entries.PlanEntry,
        plan,
        taxonomy=plan.taxonomy.code,
        area=plan.area.code,
        area_since=plan.area.valid_from,
        predecessor=_code(plan.predecessor),
        principles=tuple(_entry(entries.PrincipleEntry, row) for row in plan.principles.order_by("position")),
        priorities=tuple(
            _entry(entries.PriorityEntry, row, themes=tuple(sorted(theme.code for theme in row.themes.all())))
            for row in priorities
        ),
        decisions=tuple(_entry(entries.DecisionEntry, row) for row in plan.decisions.order_by("number")),
        objectives=tuple(_objective(row) for row in objectives),
        approach_lines=tuple(
            _entry(entries.ApproachLineEntry, row, priority=_code(row.priority), objective=_code(row.objective))
            for row in lines
        ),
        claims=tuple(
            _entry(entries.ClaimEntry, row, indicator=_code(row.indicator), objective=_code(row.objective))
            for row in claims
        ),
        answers=tuple(_entry(entries.AnswerEntry, row) for row in answers),
    )


def _objective(row: Objective) -> entries.ObjectiveEntry:
    related = ("baseline_definition", "baseline_source", "decision", "supersedes")
    sets = row.target_sets.select_related(*related).prefetch_related("targets").order_by("number")
    return _entry(
        entries.ObjectiveEntry,
        row,
        priority=_code(row.priority),
        indicator=_code(row.indicator),
        source=_code(row.source),
        target_sets=tuple(
            _entry(
                entries.TargetSetEntry,
                each,
                baseline_definition=_number(each.baseline_definition),
                baseline_source=_code(each.baseline_source),
                decision=_number(each.decision),
                supersedes=_number(each.supersedes),
                agreed={target.year: _plain(target.agreed) for target in each.targets.all()},
            )
            for each in sets
        ),
    )
