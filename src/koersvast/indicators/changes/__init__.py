"""Every write to indicators and their figures: the registry, the staging of a file, taking it over, withdrawing."""

from koersvast.indicators.changes.deliveries import (
    AlreadyClosed,
    FileRefused,
    HasRefusedLines,
    NeedsMapping,
    StaleDelivery,
    discard,
    map_columns,
    mapping_of,
    remember_mapping,
    stage_figures,
    take_over,
    withdraw,
)
from koersvast.indicators.changes.packages import Contradiction, VintageRow, register_delivery, register_values
from koersvast.indicators.changes.registry import (
    mark_break,
    plan_measurement,
    redefine,
    register_indicator,
    register_source,
)

__all__ = [
    "AlreadyClosed",
    "Contradiction",
    "FileRefused",
    "HasRefusedLines",
    "NeedsMapping",
    "StaleDelivery",
    "VintageRow",
    "discard",
    "map_columns",
    "mapping_of",
    "mark_break",
    "plan_measurement",
    "redefine",
    "register_delivery",
    "register_indicator",
    "register_source",
    "register_values",
    "remember_mapping",
    "stage_figures",
    "take_over",
    "withdraw",
]
