"""The disposable child for SPSS files: `python -m koersvast.connectors.spss_child`. Serves no user."""

from typing import Any

from koersvast.connectors.spss_reading import read_spss
from koersvast.connectors.survey_child import run
from koersvast.connectors.survey_limits import FoundSurvey, SurveyLimits


def take_apart(request: dict[str, Any], pieces: list[bytes], limits: SurveyLimits) -> FoundSurvey:
    """Read the SPSS file of one request."""
    return read_spss(pieces[0], kind=request["kind"], limits=limits)


if __name__ == "__main__":
    run(take_apart)
