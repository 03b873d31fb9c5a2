"""Every write to indicators and their figures.

Here: the registry; a file staged, taken over or put aside; a figure withdrawn. What needs the national tables has doors
of its own, because the packages for columns take a second to load: `feeds` (follow, explain), `retrievals` (ask, fetch,
deliver by hand, accept), `feed_deliveries` (stage a vintage).
"""

from koersvast.indicators.changes.registry import (
    load_reference,
    mark_break,
    plan_measurement,
    redefine,
    register_indicator,
    register_source,
)
from koersvast.indicators.changes.staging import (
    AlreadyClosed,
    FileRefused,
    NeedsMapping,
    discard,
    map_columns,
    mapping_of,
    remember_mapping,
    restage,
    stage_figures,
)
from koersvast.indicators.changes.storing import HasRefusedLines, StaleDelivery, take_over, withdraw

__all__ = [
    "AlreadyClosed",
    "FileRefused",
    "HasRefusedLines",
    "NeedsMapping",
    "StaleDelivery",
    "discard",
    "load_reference",
    "map_columns",
    "mapping_of",
    "mark_break",
    "plan_measurement",
    "redefine",
    "register_indicator",
    "register_source",
    "remember_mapping",
    "restage",
    "stage_figures",
    "take_over",
    "withdraw",
]
