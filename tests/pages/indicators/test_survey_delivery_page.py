"""Estimates of a survey that wait to be taken over: a delivery without columns."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.changes.survey_deliveries import HeldMeasurement, SurveyFigure, stage_survey
from koersvast.indicators.models import Source

pytestmark = pytest.mark.django_db


def test_estimates_that_wait_have_no_columns_to_change(
    demo_rows: None, dalfsen: Municipality, anouk: User, signed_in: Any, settings: Any, tmp_path: Path
) -> None:
    settings.SNAPSHOTS = tmp_path / "snapshots"
    figure = SurveyFigure(
        indicator="te-hard-rijden",
        area=dalfsen.code,
        amount=55.9,
        standard_error=1.56,
        low=52.8,
        high=58.9,
        respondents=1173,
        design_effect=1.16,
        note="survey-estimate 1",
    )
    held = HeldMeasurement(period="2021", invited=2900, respondents=1173, design_effect=1.17, mode="post")
    with scope(municipality=dalfsen):
        source = Source.objects.get(code="veiligheidsmonitor")
        delivery = stage_survey(
            source, figures=[figure], measurement=held, as_of=date(2022, 3, 1), file_name="wave 2021", by=anouk
        )
    client = signed_in(anouk)
    page = client.get(f"/dalfsen/cijfers/{delivery.pk}/")
    assert page.status_code == 200
    assert "geschat uit de antwoorden" in page.content.decode()
    assert "Wijzig de kolommen" not in page.content.decode()
    columns = client.get(f"/dalfsen/cijfers/{delivery.pk}/kolommen/")
    assert (columns.status_code, columns["Location"]) == (302, f"/dalfsen/cijfers/{delivery.pk}/")
