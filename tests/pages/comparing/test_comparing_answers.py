"""What the pages of months and maps say first, held against what their figures can bear."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from koersvast.access.models import Municipality
from koersvast.engine.quantities import Direction
from koersvast.engine.seasonal import Side
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries.mapping import AreaMap, MapQuestion, area_map
from koersvast.indicators.queries.months import MonthlyPicture, monthly
from koersvast.reference.models import Area
from koersvast.web.indicators.parts import mapping, months
from tests.practice import CODE

pytestmark = pytest.mark.django_db


def pictured(code: str) -> MonthlyPicture:
    found = monthly(Indicator.objects.get(code=code), area=Area.objects.get(code=CODE))
    assert isinstance(found, MonthlyPicture)
    return found


def mapped(code: str, **asked: Any) -> AreaMap:
    found = area_map(Indicator.objects.get(code=code), area=Area.objects.get(code=CODE), question=MapQuestion(**asked))
    assert isinstance(found, AreaMap)
    return found


@pytest.mark.parametrize(
    ("direction", "tone"), [(Direction.LOWER_IS_BETTER, "positive"), (Direction.HIGHER_IS_BETTER, "negative")]
)
def test_twelve_small_months_that_are_low_together_are_not_called_as_expected(
    lindelo: Municipality, direction: Direction, tone: str
) -> None:
    found = pictured("woninginbraken")
    found = replace(found, feed=replace(found.feed, direction=direction))
    together = found.chart.phases[-1].together
    assert together is not None
    assert together.side is Side.LOWER
    for language, badge in (("nl", "Minder dan verwacht"), ("en", "Fewer than expected")):
        with translation.override(language):
            said = months.answer(found, found.chart.points)
        assert said.badge.text == badge
        assert said.tone == tone
        assert f" {together.value:.0f} " in said.sentence


def test_months_that_call_for_attention_are_not_sold_as_proof(lindelo: Municipality) -> None:
    found = pictured("vernielingen")
    with translation.override("nl"):
        said = months.answer(found, found.chart.points)
    assert said.badge.text == "Vraagt aandacht"
    assert "toeval" not in said.sentence


def test_months_that_end_before_the_limits_do_are_not_taken_together(lindelo: Municipality) -> None:
    found = pictured("woninginbraken")
    with translation.override("nl"):
        said = months.answer(found, found.chart.points[:-1])
    assert said.badge.text == "Zoals te verwachten"


def test_smoothed_rates_that_hardly_differ_get_one_colour_and_a_sentence(lindelo: Municipality) -> None:
    found = mapped("woninginbraken", period="2025")
    classes = mapping._classes(found)
    assert classes is not None
    assert classes.count == 1
    with translation.override("nl"):
        assert any("dezelfde kleur" in one for one in mapping.remarks(found))
    own = mapped("woninginbraken", period="2025", measure="rate")
    coloured = mapping._classes(own)
    assert coloured is not None
    assert coloured.count > 1
    assert not mapping.hardly_differ(own)
