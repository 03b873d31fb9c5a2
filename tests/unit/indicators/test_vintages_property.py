"""Whatever is staged, taken over, discarded and withdrawn, in whatever order: what is known on a day stays right."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from koersvast.access.models import User
from koersvast.indicators import changes, queries
from koersvast.indicators.models import Delivery, Observation
from tests.figures import Register, burglary_file

pytestmark = pytest.mark.django_db
DAYS = st.integers(0, 4).map(lambda n: date(2018, 3, 1) + timedelta(days=30 * n))
NUMBERS = st.dictionaries(st.sampled_from(["2015", "2016", "2017"]), st.integers(0, 3), min_size=1)


def test_what_is_known_on_a_day_stays_right(register: Register, anouk: User) -> None:
    class Vintages(RuleBasedStateMachine):
        """A model that keeps every stored number in a list, beside the real thing."""

        def __init__(self) -> None:
            super().__init__()
            self.save = transaction.savepoint_create()
            self.stored: dict[tuple[str, date], tuple[int, bool]] = {}
            self.staged: list[Delivery] = []

        def known(self, period: str, on: date) -> int | None:
            until = [(day, n) for (p, day), (n, gone) in self.stored.items() if p == period and day <= on and not gone]
            return max(until)[1] if until else None

        @rule(numbers=NUMBERS, as_of=DAYS)
        def stage(self, numbers: dict[str, int], as_of: date) -> None:
            delivery = register.stage(burglary_file(numbers), by=anouk, as_of=as_of)
            if delivery.state == Delivery.State.STAGED and delivery not in self.staged:
                self.staged.append(delivery)

        @precondition(lambda self: self.staged)
        @rule(data=st.data())
        def take_over(self, data: Any) -> None:
            delivery = self.staged.pop(data.draw(st.integers(0, len(self.staged) - 1)))
            delivery.refresh_from_db()
            lines = queries.staged_lines(delivery).lines
            try:
                changes.take_over(delivery, by=anouk)
            except (changes.HasRefusedLines, changes.StaleDelivery):
                return
            for line in lines:
                assert line.amount is not None
                if line.outcome != "same":
                    self.stored[line.period, delivery.as_of] = (int(line.amount), False)

        @precondition(lambda self: self.staged)
        @rule()
        def discard(self) -> None:
            changes.discard(self.staged.pop(), by=anouk)

        @precondition(lambda self: any(not gone for _, gone in self.stored.values()))
        @rule(data=st.data())
        def withdraw(self, data: Any) -> None:
            period, as_of = data.draw(st.sampled_from(sorted(k for k, (_, gone) in self.stored.items() if not gone)))
            row = Observation.objects.get(period=period, as_of=as_of, withdrawn_at=None)
            changes.withdraw(row, reason="Fout van de bron", by=anouk)
            self.stored[period, as_of] = (self.stored[period, as_of][0], True)

        @invariant()
        def known_on_every_day_is_right(self) -> None:
            for offset in range(-1, 5):
                on = date(2018, 3, 1) + timedelta(days=30 * offset)
                found = queries.series(register.burglary, area=register.area, known_on=on)
                wanted = {p: Decimal(n) for p in ("2015", "2016", "2017") if (n := self.known(p, on)) is not None}
                assert {value.period.code: value.amount for value in found.values} == wanted

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.save)

    run_state_machine_as_test(
        Vintages,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
