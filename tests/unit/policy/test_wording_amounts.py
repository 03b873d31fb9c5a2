"""How amounts are written in the sentences about a plan."""

import pytest
from django.utils import translation

from koersvast.engine.quantities import Unit
from koersvast.policy.wording import amounts


@pytest.mark.parametrize(
    ("low", "high", "unit", "said"),
    [
        (4.2, 30.1, Unit.COUNT, "4 tot 30"),
        (1.2, 8.9, Unit.COUNT, "1,2 tot 8,9"),
        (58.31, 63.6, Unit.PERCENT, "58,3\u00a0% tot 63,6\u00a0%"),
    ],
)
def test_interval_has_one_precision_on_both_sides(low: float, high: float, unit: Unit, said: str) -> None:
    with translation.override("nl"):
        assert amounts.interval(low, high, unit) == said
