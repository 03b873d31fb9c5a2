"""Following a feed adds what the register lacks and keeps what is there; differences between sources are explained."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality, User
from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.changes import register_indicator
from koersvast.indicators.changes.feeds import OtherUnit, UnknownFeed, explain_difference, follow, unfollow
from koersvast.indicators.feeds import FEEDS
from koersvast.indicators.models import Break, Definition, Following, Indicator, Source, SourceDifference
from koersvast.indicators.queries.retrievals import followed, tables_needed
from tests.figures import Register

pytestmark = pytest.mark.django_db


def test_following_registers_what_the_feed_needs(register: Register, anouk: User) -> None:
    follow(register.municipality, feed="geweldsdelicten", by=anouk)
    indicator = Indicator.objects.get(code="geweldsdelicten")
    assert (indicator.unit, indicator.theme.code, indicator.source.code) == ("count", "1.3", "politie-47018ned")
    [definition] = Definition.objects.filter(indicator=indicator)
    assert definition.external_code == FEEDS["geweldsdelicten"].external_code
    assert definition.composition == "1.4.2 + 1.4.3 + 1.4.4 + 1.4.5 + 1.4.6 + 1.4.7"
    assert [one.on.isoformat() for one in Break.objects.filter(indicator=indicator)] == ["2018-07-01"]


def test_following_again_changes_only_who_takes_over(register: Register, anouk: User) -> None:
    first = follow(register.municipality, feed="woninginbraken", by=anouk)
    again = follow(
        register.municipality,
        feed="woninginbraken",
        by=anouk,
        takes_over=Following.TakesOver.AFTER_CONFIRMATION,
    )
    assert (again.pk, again.since, again.takes_over) == (first.pk, first.since, "after_confirmation")
    assert Following.objects.count() == 1


def test_own_indicator_keeps_its_name_source_and_definition(register: Register, anouk: User) -> None:
    before = {
        name: getattr(register.burglary, name) for name in ("name_nl", "position", "source_id", "theme_id", "group_nl")
    }
    texts = list(register.burglary.definitions.values_list("text_nl", flat=True))
    assert register.burglary.code == "woninginbraken"
    follow(register.municipality, feed="woninginbraken", by=anouk)
    after = Indicator.objects.get(code="woninginbraken")
    assert {name: getattr(after, name) for name in before} == before
    assert list(after.definitions.values_list("text_nl", flat=True)) == texts
    assert Source.objects.filter(code="politie-47018ned").exists()


def test_own_indicator_in_another_unit_is_refused_and_nothing_is_left(register: Register, anouk: User) -> None:
    register_indicator(
        register.municipality,
        code="zakkenrollerij",
        name_nl="Zakkenrollerij",
        name_en="Pickpocketing",
        theme=register.burglary.theme,
        perspective="objective",
        unit=Unit.PERCENT,
        direction=Direction.LOWER_IS_BETTER,
        source=register.police,
        by=anouk,
    )
    records = AuditRecord.objects.count()
    with pytest.raises(OtherUnit):
        follow(register.municipality, feed="zakkenrollerij", by=anouk)
    assert (Following.objects.count(), AuditRecord.objects.count()) == (0, records)


def test_unknown_feed_is_refused(register: Register, anouk: User) -> None:
    with pytest.raises(UnknownFeed):
        follow(register.municipality, feed="bestaat-niet", by=anouk)


def test_ended_following_can_begin_again(register: Register, anouk: User) -> None:
    follow(register.municipality, feed="woninginbraken", by=anouk)
    unfollow(register.municipality, feed="woninginbraken", by=anouk)
    assert followed(register.municipality) == ()
    unfollow(register.municipality, feed="woninginbraken", by=anouk)
    follow(register.municipality, feed="woninginbraken", by=anouk)
    assert [one.feed for one in followed(register.municipality)] == ["woninginbraken"]
    assert Following.objects.count() == 2


def test_database_lets_nobody_follow_twice(register: Register, anouk: User) -> None:
    first = follow(register.municipality, feed="woninginbraken", by=anouk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Following.objects.create(
            municipality=first.municipality, feed=first.feed, since=first.since, followed_by="operator:other"
        )


@pytest.mark.parametrize("who", ["raadslid", "beheerder", "karim"])
def test_who_may_not_bring_in_figures_follows_nothing(register: Register, who: str, request: Any) -> None:
    person = request.getfixturevalue(who)
    for change in (follow, unfollow):
        with pytest.raises(PermissionDenied):
            change(register.municipality, feed="woninginbraken", by=person)
    assert Following.objects.count() == 0


def test_wall_stands_between_what_two_municipalities_follow(
    register: Register, raalte: Municipality, karim: User, anouk: User
) -> None:
    follow(register.municipality, feed="woninginbraken", by=anouk)
    with scope(municipality=raalte):
        assert Following.objects.count() == 0
        follow(raalte, feed="vernielingen", by=karim)
        assert [one.feed for one in Following.objects.all()] == ["vernielingen"]
    assert [one.feed for one in Following.objects.all()] == ["woninginbraken"]


def test_difference_is_explained_once_whichever_source_comes_first(register: Register, anouk: User) -> None:
    both = (register.police, register.published)
    first = explain_difference(register.burglary, source=both[0], other=both[1], text="Een eerdere stand.", by=anouk)
    again = explain_difference(register.burglary, source=both[1], other=both[0], text=" Geschoond. ", by=anouk)
    assert (again.pk, again.text) == (first.pk, "Geschoond.")
    explain_difference(register.burglary, source=both[0], other=both[1], text="Alleen 2013.", period="2013", by=anouk)
    assert SourceDifference.objects.count() == 2


def test_empty_explanation_and_one_source_are_refused(register: Register, anouk: User) -> None:
    with pytest.raises(ValueError, match="says something"):
        explain_difference(register.burglary, source=register.police, other=register.published, text="  ", by=anouk)
    with pytest.raises(ValidationError, match="a_difference_is_between_two_sources"):
        explain_difference(register.burglary, source=register.police, other=register.police, text="x", by=anouk)
    assert SourceDifference.objects.count() == 0


def test_tables_needed_have_inhabitants_first_and_each_once() -> None:
    assert tables_needed(["woninginbraken", "vernielingen", "overlast-jeugd", "unknown"]) == (
        "70072ned", "47018NED", "47021NED", "47022NED", "47024NED",
    )  # fmt: skip
