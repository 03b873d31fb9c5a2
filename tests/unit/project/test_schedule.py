"""The schedule asks for what is due, closes what stopped, and one turn that fails stops no other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.feeds import follow, unfollow
from koersvast.indicators.changes.retrievals import PracticeFigures, ask_retrieval, national_fetcher
from koersvast.indicators.models import Retrieval
from koersvast.project.schedule import (
    SCHEDULE,
    Clockwork,
    Turn,
    ask_due_tables,
    close_stuck,
    close_stuck_computations,
    destroy_kept_answers,
    destroy_pasted_tables,
    send_weekly_mail,
)
from tests import cast

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Turns:
    """Counts how often each turn is taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def turn(self, name: str, *, every: timedelta, fails: bool = False) -> Turn:
        def do(_: datetime) -> Sequence[str]:
            self.taken.append(name)
            if fails:
                raise OSError(name)
            return [name]

        return Turn(name=name, every=every, do=do)


def test_turn_is_taken_when_its_time_has_come() -> None:
    turns = Turns()
    often, seldom = turns.turn("often", every=timedelta(minutes=10)), turns.turn("seldom", every=timedelta(hours=1))
    clockwork = Clockwork(schedule=[often, seldom])
    for minutes in (0, 5, 10, 59, 60):
        clockwork.run(NOON + timedelta(minutes=minutes))
    assert turns.taken == ["often", "seldom", "often", "often", "seldom"]


def test_turn_that_fails_stops_no_other_and_comes_round_again(caplog: Any) -> None:
    turns = Turns()
    bad, good = turns.turn("bad", every=timedelta(hours=1), fails=True), turns.turn("good", every=timedelta(hours=1))
    clockwork = Clockwork(schedule=[bad, good])
    assert clockwork.run(NOON) == {"good": ["good"]}
    clockwork.run(NOON + timedelta(hours=1))
    assert turns.taken == ["bad", "good", "bad", "good"]
    assert "schedule: bad" in caplog.text


def test_every_turn_of_the_product_has_its_own_name_and_pause() -> None:
    assert len({turn.name for turn in SCHEDULE}) == len(SCHEDULE)
    assert {turn.do for turn in SCHEDULE} == {
        ask_due_tables,
        close_stuck,
        close_stuck_computations,
        destroy_kept_answers,
        destroy_pasted_tables,
        send_weekly_mail,
    }


@pytest.mark.django_db
def test_followed_tables_are_asked_for_once_a_day_inhabitants_first(dalfsen: Municipality) -> None:
    load_reference(by=cast.OPERATOR)
    with scope(municipality=dalfsen):
        follow(dalfsen, feed="woninginbraken", by=cast.OPERATOR)
        follow(dalfsen, feed="bron-ongevallen", by=cast.OPERATOR)
    now = datetime.now(UTC)
    assert ask_due_tables(now) == ["70072ned", "47018NED", "47022NED"]
    assert ask_due_tables(now + timedelta(minutes=5)) == []
    assert {one.asked_by for one in Retrieval.objects.all()} == {"operator:schedule"}


@pytest.mark.django_db
def test_what_nobody_follows_is_not_asked_for(dalfsen: Municipality) -> None:
    load_reference(by=cast.OPERATOR)
    assert ask_due_tables(NOON) == []
    with scope(municipality=dalfsen):
        follow(dalfsen, feed="woninginbraken", by=cast.OPERATOR)
        unfollow(dalfsen, feed="woninginbraken", by=cast.OPERATOR)
    assert ask_due_tables(NOON) == []


@pytest.mark.django_db
def test_one_that_was_never_begun_is_closed_after_a_day(roles: None) -> None:
    asked = ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    assert close_stuck(asked.asked_at + timedelta(hours=23)) == []
    assert close_stuck(asked.asked_at + timedelta(hours=25)) == ["47018NED"]
    assert Retrieval.objects.get().state == "failed"


def test_demo_asks_for_nothing_by_itself(dalfsen: Municipality, settings: Any) -> None:
    load_reference(by=cast.OPERATOR)
    with scope(municipality=dalfsen):
        follow(dalfsen, feed="vernielingen", by=cast.OPERATOR)
    settings.DEMO = True
    assert ask_due_tables(datetime(2026, 3, 20, 9, 0, tzinfo=UTC)) == ()
    assert Retrieval.objects.count() == 0
    with pytest.raises(PracticeFigures):
        ask_retrieval("47018NED", by=cast.OPERATOR)
    with pytest.raises(PracticeFigures):
        national_fetcher()
