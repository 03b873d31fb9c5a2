"""Short ways to write readings and series in tests."""

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reading, Unit
from koersvast.engine.series import Series


def reading(year: int, value: float, unit: Unit = Unit.COUNT, **more: object) -> Reading:
    return Reading(period=Period.of_year(year), value=value, unit=unit, **more)  # type: ignore[arg-type]  # test shorthand


def yearly(first: int, *values: float, unit: Unit = Unit.COUNT, name: str = "", **more: object) -> Series:
    readings = tuple(reading(first + i, value, unit, series=name, **more) for i, value in enumerate(values))
    return Series(readings=readings, name=name)
