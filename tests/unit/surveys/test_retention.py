"""Answers are destroyed by a person or on their day, and then they are gone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from koersvast.connectors.sealed import Destroyed
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.keeping import KeepingRefused, check_keeping, last_day, usual_last_day
from koersvast.surveys.microdata_store import read_answers, sealed_store
from koersvast.surveys.models import MicrodataFile, Wave
from tests import cast
from tests.unit.surveys.conftest import KEEP_UNTIL

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(survey: Source, sav_bytes: bytes) -> Iterator[Wave]:
    """A wave with its file, nothing confirmed yet."""
    made = changes.open_wave(survey, period="2017", by=cast.OPERATOR, is_synthetic=True)
    changes.receive_file(made, data=sav_bytes, file_name="a.sav", keep_until=KEEP_UNTIL, by=cast.OPERATOR)
    yield made
    for name in MicrodataFile.objects.filter(wave__source=survey).values_list("sealed_name", flat=True):
        sealed_store().destroy(name)


def test_destroyed_answers_are_gone_and_the_row_says_why(wave: Wave) -> None:
    file = changes.destroy_microdata(wave.files.get(), because="op verzoek", by=cast.OPERATOR)
    with pytest.raises(Destroyed):
        read_answers(file)
    with pytest.raises(changes.AlreadyDestroyed):
        changes.destroy_microdata(file, because="nog een keer", by=cast.OPERATOR)


def test_schedule_destroys_on_the_day_and_not_before(wave: Wave) -> None:
    day = datetime.combine(KEEP_UNTIL, time(12), tzinfo=UTC)
    assert changes.destroy_due(now=day - timedelta(days=1)) == []
    assert [one.pk for one in changes.destroy_due(now=day)] == [wave.files.get().pk]


def test_bytes_that_no_row_knows_are_destroyed(survey: Source) -> None:
    name = sealed_store().seal(b"left behind", context="x")
    changes.destroy_due(now=datetime.now(tz=UTC))
    assert name in sealed_store().names()  # just sealed: its row may be on its way
    changes.destroy_due(now=datetime.now(tz=UTC) + timedelta(days=1))
    assert name not in sealed_store().names()


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2024, 2, 29), "keeping_day_is_past"), (date(2029, 3, 1), "kept_too_long")],
)
def test_day_that_is_past_or_too_far_is_refused(day: date, code: str) -> None:
    with pytest.raises(KeepingRefused) as refused:
        check_keeping(day, today=date(2024, 2, 29))
    assert refused.value.code == code


def test_limit_of_a_leap_day_is_the_last_of_february() -> None:
    assert last_day(today=date(2024, 2, 29)) == date(2029, 2, 28)
    check_keeping(date(2029, 2, 28), today=date(2024, 2, 29))
    assert usual_last_day(date(2020, 1, 1), today=date(2024, 2, 29)) == date(2025, 2, 28)


def test_limit_counts_from_the_day_on_which_answers_came_in(wave: Wave) -> None:
    file = wave.files.get()
    file.received_at -= timedelta(days=366)
    file.save()
    with pytest.raises(KeepingRefused) as refused:
        changes.extend_keeping(file, keep_until=KEEP_UNTIL, because="nog nodig", by=cast.OPERATOR)
    assert refused.value.code == "kept_too_long"
