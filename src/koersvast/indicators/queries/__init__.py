"""Reads of indicators: series as known on a day, the safety analysis, deliveries, export rows.

All functions run inside the scope of a municipality and return frozen values; a number never comes without its
source, its delivery and its margin, or the reason why one of these is missing.
"""

from koersvast.indicators.queries.analysis import (
    Analysis,
    AnalysisField,
    AnalysisRow,
    AnalysisTheme,
    analysis,
    change_since,
)
from koersvast.indicators.queries.registry import (
    ExportRow,
    IndicatorDetail,
    StagedPage,
    areas_with_figures,
    deliveries,
    delivery_observations,
    export_rows,
    indicator_detail,
    latest,
    staged_lines,
)
from koersvast.indicators.queries.vintages import (
    DeliveryNote,
    Margin,
    Series,
    Value,
    Vintage,
    series,
    series_of,
)

__all__ = [
    "Analysis",
    "AnalysisField",
    "AnalysisRow",
    "AnalysisTheme",
    "DeliveryNote",
    "ExportRow",
    "IndicatorDetail",
    "Margin",
    "Series",
    "StagedPage",
    "Value",
    "Vintage",
    "analysis",
    "areas_with_figures",
    "change_since",
    "deliveries",
    "delivery_observations",
    "export_rows",
    "indicator_detail",
    "latest",
    "series",
    "series_of",
    "staged_lines",
]
