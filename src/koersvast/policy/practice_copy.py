"""A copy of a package under the name of an invented municipality, so that invented figures never meet real ones.

Pure: files in, files out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from koersvast.policy import package_files
from koersvast.policy.package import IndicatorEntry, PlanEntry


def practice_copy(
    files: Mapping[str, bytes], *, code: str, slug: str, name: str, house_colour: str, same_questions_from: date
) -> dict[str, bytes]:
    """Return the files of the same plan and figures for another municipality.

    Breaks that were marked from `same_questions_from` on are left out: in the practice municipality the same questions
    are asked again. Deliveries keep their bytes. Raises PackageRefused for files that are no package.
    """
    package = package_files.read(files)
    old = package.municipality.code
    copy = replace(
        package,
        municipality=replace(package.municipality, code=code, slug=slug, name=name, house_colour=house_colour),
        areas=tuple(
            replace(area, code=code, name=name, parent_code="") if area.code == old else area for area in package.areas
        ),
        indicators=tuple(_without_breaks(one, since=same_questions_from) for one in package.indicators),
        observations=tuple(replace(one, area=code) if one.area == old else one for one in package.observations),
        plans=tuple(_moved(plan, old, code) for plan in package.plans),
    )
    kept = {where: data for where, data in files.items() if where.startswith("deliveries/")}
    return package_files.write(copy) | kept


def _without_breaks(indicator: IndicatorEntry, *, since: date) -> IndicatorEntry:
    return replace(indicator, breaks=tuple(mark for mark in indicator.breaks if mark.on < since))


def _moved(plan: PlanEntry, old: str, code: str) -> PlanEntry:
    return replace(plan, area=code) if plan.area == old else plan
