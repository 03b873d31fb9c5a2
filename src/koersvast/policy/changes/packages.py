"""Take a package in: all of it in one transaction, or nothing.

What is absent is added. What is there already and says the same stays untouched, so that importing twice changes
nothing. Descriptions that differ are brought in line and listed; adopted values, known numbers and definitions under
which figures stand are never overwritten: they refuse the package.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import Denied, authorise
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.engine.periods import Period
from koersvast.indicators.models import Break, Definition, Delivery, Indicator, Measurement, Observation, Source
from koersvast.policy import package_files
from koersvast.policy.changes.package_remarks import put_followings, put_remarks
from koersvast.policy.changes.package_rows import Difference, Rows, own, shown
from koersvast.policy.models import (
    Answer,
    ApproachLine,
    Claim,
    Decision,
    Objective,
    Plan,
    Principle,
    Priority,
    Target,
    TargetSet,
)
from koersvast.policy.package import (
    IndicatorEntry,
    ObjectiveEntry,
    ObservationEntry,
    Package,
    PlanEntry,
    TargetSetEntry,
)
from koersvast.policy.package_problems import PackageProblem, PackageRefused
from koersvast.policy.package_rules import problems_in
from koersvast.reference.models import Area, Taxonomy, Theme

NEEDED = (Permission.FIGURES_IMPORT, Permission.PLAN_EDIT, Permission.PLAN_ADOPT)
# What gives a definition its meaning: with figures under it, these stay as they are.
MEANING = ("text_nl", "question", "answers_counted", "population", "composition")
# What a number says; the delivery and line that brought it may differ.
SAID = ("amount", "missing", "certainty", "respondents", "design_effect", "standard_error", "low", "high", "exposure")


@dataclass(frozen=True, kw_only=True)
class PackageOutcome:
    """What an import did, or would do: rows added by kind, rows that were there already, differences."""

    municipality: str
    slug: str
    is_new: bool
    is_dry_run: bool
    added: Mapping[str, int]
    unchanged: int
    differences: tuple[Difference, ...]


def files_of(directory: Path) -> dict[str, bytes]:
    """Read the files of a package from a directory; anything else that lies there is left alone."""
    patterns = ("*.toml", "observations.csv", "plans/*.toml", "deliveries/*")
    paths = [path for pattern in patterns for path in directory.glob(pattern) if path.is_file()]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in sorted(paths)}


def import_package(files: Path | Mapping[str, bytes], *, by: Actor, dry_run: bool = False) -> PackageOutcome:
    """Take in a package from a directory or from its files by name; raises PackageRefused and then wrote nothing.

    A dry run does everything and takes it back: what it reports is what would happen. A new municipality is for an
    operator at the machine; into an existing one a person needs the permissions to import, edit and adopt.
    """
    named = files_of(files) if isinstance(files, Path) else files
    package = package_files.read(named)
    problems = problems_in(package)
    if problems:
        raise PackageRefused(problems)
    delivered = package_files.delivered_files(package, named)
    with transaction.atomic():
        outcome = _take_in(package, by=by, dry_run=dry_run)
        if dry_run:
            transaction.set_rollback(True)
        else:  # before the rows are there for others: a row may point to bytes that are kept, never to absent ones
            _keep(package, delivered)
    return outcome


def _keep(package: Package, delivered: Mapping[str, bytes]) -> None:
    """Put the delivered files in the snapshot store."""
    store = SnapshotStore(Path(settings.SNAPSHOTS))
    licences = {source.code: source.licence for source in package.sources}
    for delivery in package.deliveries:
        if delivery.snapshot in delivered:
            store.keep(
                delivered[delivery.snapshot],
                taken_from="package",
                file_name=delivery.file_name,
                fetched_at=delivery.received_at,
                licence=licences.get(delivery.source, ""),
                media_type=guess_type(delivery.file_name)[0] or "application/octet-stream",
            )


def _take_in(package: Package, *, by: Actor, dry_run: bool) -> PackageOutcome:
    entry = package.municipality
    known = Municipality.objects.filter(code=entry.code).first()
    _let_in(by, known, package)
    stand_in = known or Municipality(code=entry.code, slug=entry.slug, name=entry.name)
    with audit.recorded(Event.PACKAGE_IMPORTED, by=by, municipality=stand_in) as record:
        writer = _Writer(by=by)
        try:
            writer.take(package)
        except (IntegrityError, DataError, OverflowError) as error:
            values = {"field": writer.at[1], "reason": str(error).splitlines()[0]}
            refusal = PackageProblem(code="K34", file=writer.at[0], place=writer.at[1], values=values)
            raise PackageRefused((refusal,)) from None
        if writer.problems:
            raise PackageRefused(tuple(writer.problems))
        record.subject, record.detail = writer.municipality, {"added": dict(writer.added)}
    return PackageOutcome(
        municipality=entry.code,
        slug=entry.slug,
        is_new=known is None,
        is_dry_run=dry_run,
        added=dict(writer.added),
        unchanged=writer.unchanged,
        differences=tuple(writer.differences),
    )


def _let_in(by: Actor, municipality: Municipality | None, package: Package) -> None:
    if municipality is None:
        if isinstance(by, User):
            raise Denied(Permission.SETTINGS_EDIT, Municipality(code=package.municipality.code))
        return
    today = timezone.localdate()
    for action in NEEDED:
        authorise(by, action, municipality, on=today)
    if any(getattr(municipality, each.name) != getattr(package.municipality, each.name) for each in _settings(package)):
        authorise(by, Permission.SETTINGS_EDIT, municipality, on=today)


def _settings(package: Package) -> Iterable[Any]:
    return fields(package.municipality)


@dataclass
class _Writer(Rows):
    """One import while it runs."""

    def take(self, package: Package) -> None:
        self.at = ("package.toml", "municipality")
        if not self._municipality(package):
            return
        with scope(municipality=self.municipality):
            areas = self._areas(package)
            sources = self._sources(package)
            indicators = self._indicators(package, sources)
            if self.problems:
                return
            put_followings(self, package)
            self._observations(package, areas, sources, indicators, self._deliveries(package, sources))
            plans = {entry.code: self._plan(entry, areas, sources, indicators) for entry in package.plans}
            for entry in package.plans:
                plan = plans[entry.code]
                if plan is not None:
                    self.refer(plan, f"plans/{entry.code}.toml", predecessor=plans.get(entry.predecessor))

    # --- the registry -----------------------------------------------------------------------------------------------

    def _municipality(self, package: Package) -> bool:
        entry = package.municipality
        if Municipality.objects.filter(slug=entry.slug).exclude(code=entry.code).exists():
            self.refuse("K35", slug=entry.slug, code=entry.code)
            return False
        row = Municipality.objects.filter(code=entry.code).first()
        values = own(entry, "code")
        fresh = Municipality(code=entry.code)
        self.municipality = self.put(row, fresh, values, file="package.toml", place="municipality")
        return True

    def _areas(self, package: Package) -> dict[tuple[str, int], Area]:
        """Areas are shared by all municipalities: what is known already stays as it is."""
        found = {}
        for entry in package.areas:
            key = {"code": entry.code, "valid_from": entry.valid_from}
            row = Area.objects.filter(**key).first()
            values = own(entry, *key)
            if row is None:
                row = self.put(None, Area(**key), values, file="package.toml", place=f"areas {entry.code}")
            else:
                self.leave(row, values, place=f"areas {entry.code}")
            found[entry.code, entry.valid_from] = row
        return found

    def _sources(self, package: Package) -> dict[str, Source]:
        file, found = "sources.toml", {}
        for entry in package.sources:
            place = f"sources {entry.code}"
            row = Source.objects.filter(code=entry.code).first()
            fresh = Source(municipality=self.municipality, code=entry.code)
            source = self.put(row, fresh, own(entry, "code", "measurements"), file=file, place=place)
            for each in entry.measurements:
                known = Measurement.objects.filter(source=source, period=each.period).first()
                new = Measurement(source=source, period=each.period)
                self.put(known, new, own(each, "period"), file=file, place=f"{place} {each.period}")
            found[entry.code] = source
        return found

    def _indicators(self, package: Package, sources: Mapping[str, Source]) -> dict[str, Indicator]:
        file, found = "indicators.toml", {}
        for entry in package.indicators:
            self.at = (file, f"indicators {entry.code}")
            theme = self._theme(entry.taxonomy, entry.theme)
            if theme is None:
                continue
            row = Indicator.objects.filter(code=entry.code).first()
            lists = ("definitions", "breaks", "differences", "phases")
            values = own(entry, "code", "taxonomy", "successor", *lists)
            values |= {"theme": theme, "source": sources[entry.source]}
            # Figures keep the unit in which they were counted, and the direction in which they were judged.
            counted = row is not None and (row.unit, row.direction) != (entry.unit, entry.direction)
            frozen = "K32" if counted and row is not None and row.observations.exists() else ""
            fresh = Indicator(municipality=self.municipality, code=entry.code)
            place = f"indicators {entry.code}"
            found[entry.code] = self.put(row, fresh, values, file=file, place=place, frozen=frozen)
            self._wordings(found[entry.code], entry)
            put_remarks(self, found[entry.code], entry, sources)
        for entry in package.indicators:
            if entry.code in found:
                self.refer(found[entry.code], file, successor=found.get(entry.successor))
        return found

    def _theme(self, taxonomy: str, code: str) -> Theme | None:
        theme = Theme.objects.filter(field__taxonomy__code=taxonomy, code=code).first()
        if theme is None:
            self.refuse("K33", kind="theme", code=f"{taxonomy} {code}")
        return theme

    def _wordings(self, indicator: Indicator, entry: IndicatorEntry) -> None:
        file, place = "indicators.toml", f"indicators {entry.code}"
        for each in entry.definitions:
            row = Definition.objects.filter(indicator=indicator, number=each.number).first()
            values, frozen = own(each, "number"), ""
            if row is not None and any(getattr(row, name) != values[name] for name in MEANING):
                frozen = "K32" if row.observations.exists() else ""
            fresh = Definition(indicator=indicator, number=each.number)
            self.put(row, fresh, values, file=file, place=f"{place} definitions {each.number}", frozen=frozen)
        for mark in entry.breaks:
            known = Break.objects.filter(indicator=indicator, on=mark.on, kind=mark.kind).first()
            new = Break(indicator=indicator, on=mark.on, kind=mark.kind)
            self.put(known, new, own(mark, "on", "kind"), file=file, place=f"{place} breaks {mark.on}")

    # --- the figures ------------------------------------------------------------------------------------------------

    def _deliveries(self, package: Package, sources: Mapping[str, Source]) -> dict[int, Delivery]:
        """A delivery is known by its identity; one that is there already is used as it is."""
        found = {}
        for entry in package.deliveries:
            key = {"identity": entry.identity, "state": entry.state, "received_at": entry.received_at}
            if entry.state == Delivery.State.STORED:
                del key["received_at"]
            row = Delivery.objects.filter(**key).first()
            if row is None:
                values = own(entry, "number", "mapping") | {"source": sources.get(entry.source)}
                values["mapping"] = json.loads(entry.mapping)
                fresh = Delivery(municipality=self.municipality)
                row = self.put(None, fresh, values, file="deliveries.toml", place=f"deliveries {entry.number}")
            else:
                self.unchanged += 1
            found[entry.number] = row
        return found

    def _observations(
        self,
        package: Package,
        areas: Mapping[tuple[str, int], Area],
        sources: Mapping[str, Source],
        indicators: Mapping[str, Indicator],
        deliveries: Mapping[int, Delivery],
    ) -> None:
        definitions = {(row.indicator.code, row.number): row for row in Definition.objects.select_related("indicator")}
        known = _known_numbers(indicators.values())
        fresh = []
        for line, entry in enumerate(package.observations, 2):
            self.at = ("observations.csv", f"{entry.indicator} {entry.period}")
            period = Period.parse(entry.period)
            row = Observation(
                **own(entry, "indicator", "definition", "source", "area", "area_since", "delivery"),
                indicator=indicators[entry.indicator],
                definition=definitions[entry.indicator, entry.definition],
                source=sources[entry.source],
                area=areas[entry.area, entry.area_since],
                delivery=deliveries[entry.delivery],
                period_start=period.start,
                period_end=period.end,
                decimals=_decimals(entry.amount),
            )
            if self._is_new_number(row, entry, known, line):
                fresh.append(row)
        Observation.objects.bulk_create(fresh, batch_size=500)
        if fresh:
            self.added["observation"] += len(fresh)

    def _is_new_number(
        self, row: Observation, entry: ObservationEntry, known: Mapping[tuple[Any, ...], list[Observation]], line: int
    ) -> bool:
        """Whether a number has to be added; a number that is known differently is refused."""
        there = known.get(_vintage(row), [])
        if any(each.withdrawn_at == row.withdrawn_at for each in there):
            twin = next(each for each in there if each.withdrawn_at == row.withdrawn_at)
            differs = [name for name in SAID if getattr(twin, name) != getattr(row, name)]
            if differs:
                values = {"now": _said(twin, differs), "offered": _said(row, differs)}
                self.problems.append(
                    PackageProblem(code="K31", file="observations.csv", line=line, place=self.at[1], values=values)
                )
            self.unchanged += not differs
            return False
        standing = next((each for each in there if each.withdrawn_at is None), None)
        if standing is not None and entry.withdrawn_at is not None:
            self._withdraw(standing, entry)
            return False
        return True

    def _withdraw(self, row: Observation, entry: ObservationEntry) -> None:
        offered = f"{entry.withdrawn_at}: {entry.withdrawn_because}"
        self.differences.append(
            Difference(file=self.at[0], place=self.at[1], field="withdrawn_at", now="", offered=offered)
        )
        row.withdrawn_at, row.withdrawn_because = entry.withdrawn_at, entry.withdrawn_because
        row.withdrawn_by = self.by if isinstance(self.by, User) else None
        row.save(update_fields=["withdrawn_at", "withdrawn_because", "withdrawn_by"])

    # --- the plan ---------------------------------------------------------------------------------------------------

    def _plan(
        self,
        entry: PlanEntry,
        areas: Mapping[tuple[str, int], Area],
        sources: Mapping[str, Source],
        indicators: Mapping[str, Indicator],
    ) -> Plan | None:
        file = f"plans/{entry.code}.toml"
        self.at = (file, "taxonomy")
        taxonomy = Taxonomy.objects.filter(code=entry.taxonomy).first()
        if taxonomy is None:
            self.refuse("K33", kind="taxonomy", code=entry.taxonomy)
            return None
        lists = ("principles", "priorities", "decisions", "objectives", "approach_lines", "claims", "answers")
        values = own(entry, "code", "predecessor", "area_since", *lists)
        values |= {"taxonomy": taxonomy, "area": areas[entry.area, entry.area_since]}
        row = Plan.objects.filter(code=entry.code).first()
        fresh = Plan(municipality=self.municipality, code=entry.code)
        plan = self.put(row, fresh, values, file=file, place="plan")
        priorities = self._priorities(plan, entry)
        objectives = self._objectives(plan, entry, priorities, sources, indicators, self._decisions(plan, entry))
        self._texts(plan, entry, priorities, objectives, indicators)
        return plan

    def _priorities(self, plan: Plan, entry: PlanEntry) -> dict[str, Priority]:
        file, found = f"plans/{entry.code}.toml", {}
        for each in entry.priorities:
            place = f"priorities {each.code}"
            row = Priority.objects.filter(plan=plan, code=each.code).first()
            fresh = Priority(plan=plan, code=each.code)
            priority = self.put(row, fresh, own(each, "code", "themes"), file=file, place=place)
            themes = [theme for code in each.themes if (theme := self._theme(entry.taxonomy, code))]
            now = sorted(priority.themes.values_list("code", flat=True))
            if now != sorted(each.themes):
                if row is not None:
                    offered = ", ".join(sorted(each.themes))
                    self.differences.append(
                        Difference(file=file, place=place, field="themes", now=", ".join(now), offered=offered)
                    )
                priority.themes.set(themes)
            found[each.code] = priority
        return found

    def _decisions(self, plan: Plan, entry: PlanEntry) -> dict[int, Decision]:
        found = {}
        for each in entry.decisions:
            row = Decision.objects.filter(plan=plan, number=each.number).first()
            place, fresh = f"decisions {each.number}", Decision(plan=plan, number=each.number)
            values = own(each, "number")
            found[each.number] = self.put(
                row, fresh, values, file=f"plans/{entry.code}.toml", place=place, frozen="K30"
            )
        return found

    def _objectives(
        self,
        plan: Plan,
        entry: PlanEntry,
        priorities: Mapping[str, Priority],
        sources: Mapping[str, Source],
        indicators: Mapping[str, Indicator],
        decisions: Mapping[int, Decision],
    ) -> dict[str, Objective]:
        found = {}
        for each in entry.objectives:
            values = own(each, "code", "target_sets") | {
                "priority": priorities.get(each.priority),
                "indicator": indicators.get(each.indicator),
                "source": sources.get(each.source),
            }
            row = Objective.objects.filter(plan=plan, code=each.code).first()
            place, fresh = f"objectives {each.code}", Objective(plan=plan, code=each.code)
            objective = self.put(row, fresh, values, file=f"plans/{entry.code}.toml", place=place)
            self._target_sets(objective, each, f"plans/{entry.code}.toml", sources, decisions)
            found[each.code] = objective
        return found

    def _target_sets(
        self,
        objective: Objective,
        entry: ObjectiveEntry,
        file: str,
        sources: Mapping[str, Source],
        decisions: Mapping[int, Decision],
    ) -> None:
        found: dict[int, TargetSet] = {}
        for each in _superseded_first(entry.target_sets):
            place = f"objectives {entry.code} target_sets {each.number}"
            definition = Definition.objects.filter(
                indicator=objective.indicator, number=each.baseline_definition or 0
            ).first()
            values = own(each, "number", "agreed") | {
                "baseline_definition": definition,
                "baseline_source": sources.get(each.baseline_source),
                "decision": decisions.get(each.decision or 0),
                "supersedes": found.get(each.supersedes or 0),
            }
            row = TargetSet.objects.filter(objective=objective, number=each.number).first()
            frozen = "K30" if row is not None and row.decision_id else ""
            fresh = TargetSet(objective=objective, number=each.number)
            if row is None:  # first a draft: a decision closes the set to further values
                row = self.put(None, fresh, values | {"decision": None}, file=file, place=place)
                self._agreed(row, each, file, place, "")
                self.refer(row, file, decision=values["decision"])
            elif frozen:
                self.put(row, fresh, values, file=file, place=place, frozen=frozen)
                self._agreed(row, each, file, place, frozen)
            else:
                self._agreed(row, each, file, place, "")
                self.put(row, fresh, values, file=file, place=place)
            found[each.number] = row

    def _agreed(self, target_set: TargetSet, entry: TargetSetEntry, file: str, place: str, frozen: str) -> None:
        now = {row.year: row for row in target_set.targets.all()}
        for year in sorted(set(now) - set(entry.agreed)):
            self.at = (file, place)
            if frozen:
                self.refuse(frozen, field=str(year), now=shown(now[year].agreed), offered="")
            else:
                gone = shown(now[year].agreed)
                self.differences.append(Difference(file=file, place=place, field=str(year), now=gone, offered=""))
                now[year].delete()
        for year, agreed in sorted(entry.agreed.items()):
            fresh = Target(target_set=target_set, year=year)
            values = {"agreed": agreed, "is_adopted": entry.decision is not None}
            self.put(now.get(year), fresh, values, file=file, place=f"{place} {year}", frozen=frozen)

    def _texts(
        self,
        plan: Plan,
        entry: PlanEntry,
        priorities: Mapping[str, Priority],
        objectives: Mapping[str, Objective],
        indicators: Mapping[str, Indicator],
    ) -> None:
        file = f"plans/{entry.code}.toml"
        for principle in entry.principles:
            place, key = f"principles {principle.position}", {"plan": plan, "position": principle.position}
            known = Principle.objects.filter(**key).first()
            self.put(known, Principle(**key), own(principle, "position"), file=file, place=place)
        for line in entry.approach_lines:
            place, key = f"approach_lines {line.position}", {"plan": plan, "position": line.position}
            values = own(line, "position") | {
                "priority": priorities.get(line.priority),
                "objective": objectives.get(line.objective),
            }
            row = ApproachLine.objects.filter(**key).first()
            self.put(row, ApproachLine(**key), values, file=file, place=place)
        for claim in entry.claims:
            values = own(claim, "code") | {
                "indicator": indicators.get(claim.indicator),
                "objective": objectives.get(claim.objective),
            }
            said = Claim.objects.filter(plan=plan, code=claim.code).first()
            fresh = Claim(plan=plan, code=claim.code)
            self.put(said, fresh, values, file=file, place=f"claims {claim.code}")
        for answer in entry.answers:
            place, asked = f"answers {answer.rule} {answer.place}", {"rule": answer.rule, "place": answer.place}
            given = Answer.objects.filter(plan=plan, **asked).first()
            self.put(given, Answer(plan=plan, **asked), own(answer, *asked), file=file, place=place)


def _superseded_first(target_sets: Iterable[TargetSetEntry]) -> list[TargetSetEntry]:
    """Order target sets so that what is superseded comes before what supersedes it."""
    waiting, ordered = sorted(target_sets, key=lambda each: each.number), []
    while waiting:
        open_numbers = {each.number for each in waiting}
        ready = [each for each in waiting if each.supersedes not in open_numbers] or waiting
        ordered += ready
        waiting = [each for each in waiting if each not in ready]
    return ordered


def _vintage(row: Observation) -> tuple[Any, ...]:
    return (row.definition_id, row.source_id, row.area_id, row.period, row.as_of)


def _known_numbers(indicators: Iterable[Indicator]) -> dict[tuple[Any, ...], list[Observation]]:
    known: dict[tuple[Any, ...], list[Observation]] = {}
    for row in Observation.objects.filter(indicator__in=list(indicators)):
        known.setdefault(_vintage(row), []).append(row)
    return known


def _decimals(amount: Decimal | None) -> int:
    return 0 if amount is None else max(0, -int(amount.as_tuple().exponent))


def _said(row: Observation, names: Iterable[str]) -> str:
    return ", ".join(f"{name} {shown(getattr(row, name))}" for name in names)
