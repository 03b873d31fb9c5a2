"""What happens to a pasted table that nobody takes over, and who may paste."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.programme.changes.pasting import choose_columns, destroy_old, stage_table, take_over
from koersvast.programme.models import StagedTable
from koersvast.programme.pasted_text import read_table
from tests import cast
from tests.unit.programme.action_town import Acting, acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(dalfsen: Municipality) -> Acting:
    with scope(municipality=dalfsen):
        return acting(dalfsen)


def test_table_is_destroyed_after_a_week_and_not_before(town: Acting, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        old, new = (
            stage_table(programme=town.programme, table=read_table("Een\tTwee"), by=cast.OPERATOR) for _ in "ab"
        )
        now = timezone.now()
        StagedTable.objects.filter(pk=old.pk).update(made_at=now - timedelta(days=7, minutes=1))
    assert destroy_old(now=now, by=cast.OPERATOR) == [old.pk]
    with scope(municipality=dalfsen):
        assert list(StagedTable.objects.values_list("pk", flat=True)) == [new.pk]


def test_reader_may_not_paste(town: Acting, raadslid: User, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen), pytest.raises(PermissionDenied):
        stage_table(programme=town.programme, table=read_table("Een\tTwee"), by=raadslid)


@pytest.mark.parametrize(
    ("kinds", "code"), [(["owner", "owner"], "twice"), (["owner", ""], "no_title"), (["title"], "other_width")]
)
def test_columns_that_cannot_be_are_refused(town: Acting, dalfsen: Municipality, kinds: list[str], code: str) -> None:
    with scope(municipality=dalfsen):
        staged = stage_table(programme=town.programme, table=read_table("Een\tTwee"), by=cast.OPERATOR)
        with pytest.raises(ValidationError) as refused:
            choose_columns(staged=staged, kinds=kinds, has_header=False, by=cast.OPERATOR)
    assert refused.value.code == code


def test_nothing_is_taken_over_before_the_columns_are_chosen(town: Acting, dalfsen: Municipality) -> None:
    with scope(municipality=dalfsen):
        staged = stage_table(programme=town.programme, table=read_table("Een\tTwee"), by=cast.OPERATOR)
        with pytest.raises(ValidationError) as refused:
            take_over(staged=staged, by=cast.OPERATOR)
    assert refused.value.code == "columns_open"
