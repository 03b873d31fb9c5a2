"""Who may do what: denied unless a role of today says otherwise."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from koersvast.access import changes
from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, Role, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import Denied, authorise, municipalities_of
from koersvast.indicators.models import Source
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


def test_policy_officer_may_edit_her_own_plan(anouk: User, dalfsen: Municipality) -> None:
    authorise(anouk, Permission.PLAN_EDIT, dalfsen, on=TODAY)


def test_policy_officer_of_another_municipality_may_do_nothing_here(karim: User, dalfsen: Municipality) -> None:
    for permission in Permission:
        with pytest.raises(Denied):
            authorise(karim, permission, dalfsen, on=TODAY)


def test_council_member_reads_and_does_not_write(raadslid: User, dalfsen: Municipality) -> None:
    authorise(raadslid, Permission.PLAN_VIEW, dalfsen, on=TODAY)
    for permission in (Permission.PLAN_EDIT, Permission.PLAN_ADOPT, Permission.FIGURES_IMPORT):
        with pytest.raises(Denied):
            authorise(raadslid, permission, dalfsen, on=TODAY)


def test_ended_membership_stops_after_its_last_day(anouk: User, dalfsen: Municipality, operator: Operator) -> None:
    changes.end_membership(anouk.memberships.get(), until=date(2026, 1, 4), by=operator)
    authorise(anouk, Permission.PLAN_EDIT, dalfsen, on=date(2026, 1, 4))
    with pytest.raises(Denied):
        authorise(anouk, Permission.PLAN_EDIT, dalfsen, on=TODAY)
    assert municipalities_of(anouk, on=TODAY) == []


def test_inactive_person_may_do_nothing(anouk: User, dalfsen: Municipality) -> None:
    anouk.is_active = False
    with pytest.raises(Denied):
        authorise(anouk, Permission.PLAN_VIEW, dalfsen, on=TODAY)


def test_every_permission_is_held_by_some_role(roles: None) -> None:
    held = {code for role in Role.objects.all() for code in role.permissions}
    assert held == {permission.value for permission in Permission}


def test_query_without_a_scope_raises(dalfsen: Municipality) -> None:
    with pytest.raises(ScopeError):
        Source.objects.count()


def test_scope_shows_the_rows_of_one_municipality_only(dalfsen: Municipality, raalte: Municipality) -> None:
    for place in (dalfsen, raalte):
        with scope(municipality=place):
            Source.objects.create(municipality=place, code="politie", name_nl=place.name, name_en="", kind="survey")
    with scope(municipality=raalte):
        assert [source.name_nl for source in Source.objects.all()] == ["Raalte"]


@pytest.mark.parametrize("password", ["kort", "qwerty123456", "jan@elders.example", "Jan van Elders"])
def test_person_with_a_password_that_is_easily_guessed_is_refused(roles: None, password: str) -> None:
    with pytest.raises(ValidationError):
        changes.register_user(email="jan@elders.example", name="Jan van Elders", password=password, by=cast.OPERATOR)
    assert not User.objects.exists()


def test_settings_of_a_municipality_are_refused_without_the_permission(dalfsen: Municipality, anouk: User) -> None:
    with pytest.raises(Denied):
        changes.change_municipality(
            dalfsen, house_colour="#123456", on_course_from=0.8, off_course_to=0.2, priorities_at_most=3, by=anouk
        )
    dalfsen.refresh_from_db()
    assert dalfsen.priorities_at_most != 3
