"""Every write to indicators and their figures.

The registry; a file staged, taken over or put aside; a figure withdrawn; a feed followed, fetched and staged.
"""

from koersvast.indicators.changes.feed_deliveries import restage, stage_vintage
from koersvast.indicators.changes.feeds import OtherUnit, UnknownFeed, explain_difference, follow, unfollow
from koersvast.indicators.changes.registry import (
    load_reference,
    mark_break,
    plan_measurement,
    redefine,
    register_indicator,
    register_source,
)
from koersvast.indicators.changes.retrievals import (
    AlreadyRunning,
    ComesAsFile,
    NothingKept,
    UnknownTable,
    accept_quarantined,
    ask_retrieval,
    import_register_files,
    retrieve,
    slice_of,
    sweep_stuck,
)
from koersvast.indicators.changes.staging import (
    AlreadyClosed,
    FileRefused,
    NeedsMapping,
    discard,
    map_columns,
    mapping_of,
    remember_mapping,
    stage_figures,
)
from koersvast.indicators.changes.storing import HasRefusedLines, StaleDelivery, take_over, withdraw

__all__ = [
    "AlreadyClosed",
    "AlreadyRunning",
    "ComesAsFile",
    "FileRefused",
    "HasRefusedLines",
    "NeedsMapping",
    "NothingKept",
    "OtherUnit",
    "StaleDelivery",
    "UnknownFeed",
    "UnknownTable",
    "accept_quarantined",
    "ask_retrieval",
    "discard",
    "explain_difference",
    "follow",
    "import_register_files",
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
    "retrieve",
    "slice_of",
    "stage_figures",
    "stage_vintage",
    "sweep_stuck",
    "take_over",
    "unfollow",
    "withdraw",
]
