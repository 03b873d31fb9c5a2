"""Waves with their files, codebook, weights, computations and estimates. All scoped to a municipality."""

from koersvast.surveys.models.books import CodebookEntry, IndicatorLink
from koersvast.surveys.models.outcomes import (
    Catalogue,
    Computation,
    ComputationProgress,
    SurveyEstimate,
    TabulatedQuestion,
)
from koersvast.surveys.models.waves import MicrodataFile, Wave
from koersvast.surveys.models.weights import PopulationMargin, WeightingChoice

__all__ = [
    "Catalogue",
    "CodebookEntry",
    "Computation",
    "ComputationProgress",
    "IndicatorLink",
    "MicrodataFile",
    "PopulationMargin",
    "SurveyEstimate",
    "TabulatedQuestion",
    "Wave",
    "WeightingChoice",
]
