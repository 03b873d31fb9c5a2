"""Tokens of applications: shown once, withdrawn at once, by the administrator alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koersvast.access.models import ApplicationToken, AuditRecord, Municipality, User

pytestmark = pytest.mark.django_db
PAGE = "/dalfsen/toepassingen/"


def sent(**changed: object) -> dict[str, object]:
    given = {"name": "begrotingsapp", "purpose": "Dashboard.", "scopes": ["programme.view"]}
    return given | {"expires_on": (timezone.localdate() + timedelta(days=30)).isoformat()} | changed


def test_token_is_shown_once_works_and_is_withdrawn(
    beheerder: User, dalfsen: Municipality, signed_in: Callable[[User], Client]
) -> None:
    admin = signed_in(beheerder)
    made = admin.post(PAGE, sent())
    token = made.content.decode().split('value="kv_')[1].split('"')[0]
    assert "no-store" in made["Cache-Control"]
    assert token not in admin.get(PAGE).content.decode()
    program = Client(headers={"Authorization": f"Bearer kv_{token}"})
    assert program.get("/api/v1/programmes").status_code == 200
    assert program.get("/api/v1/plans").status_code == 403
    row = ApplicationToken.objects.get()
    assert token not in str([vars(one) for one in AuditRecord.objects.all()])
    assert admin.post(f"{PAGE}{row.pk}/intrekken/").status_code == 302
    assert program.get("/api/v1/programmes").status_code == 401
    assert "ingetrokken" in admin.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["settings.edit"]}, {"expires_on": "2020-01-01"}, {"name": ""}]
)
def test_token_without_end_or_with_too_much_is_refused(
    beheerder: User, dalfsen: Municipality, signed_in: Callable[[User], Client], wrong: dict[str, object]
) -> None:
    assert signed_in(beheerder).post(PAGE, sent(**wrong)).status_code == 422
    assert not ApplicationToken.objects.exists()


def test_administrator_of_elsewhere_withdraws_nothing(
    beheerder: User, dalfsen: Municipality, raalte: Municipality, signed_in: Callable[[User], Client]
) -> None:
    admin = signed_in(beheerder)
    admin.post(PAGE, sent())
    row = ApplicationToken.objects.get()
    ApplicationToken.objects.update(municipality=raalte)
    assert admin.post(f"{PAGE}{row.pk}/intrekken/").status_code == 404
    row.refresh_from_db()
    assert row.revoked_at is None
