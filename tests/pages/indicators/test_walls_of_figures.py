"""The figures of another municipality with the same codes are not found."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Delivery, Observation

pytestmark = pytest.mark.django_db
HERE = "/dalfsen/cijfers/"

type SignIn = Callable[[User], Client]


def test_delivery_of_the_other_municipality_is_not_found(
    two_towns: tuple[Municipality, Municipality], anouk: User, karim: User, signed_in: SignIn
) -> None:
    with scope(municipality=two_towns[1]):
        theirs = Delivery.objects.order_by("pk").first()
        number = Observation.objects.order_by("pk").values_list("pk", flat=True).first()
    assert theirs is not None
    client = signed_in(anouk)
    assert client.get(f"{HERE}{theirs.pk}/").status_code == 404
    assert client.post(f"{HERE}{theirs.pk}/", {"action": "discard"}).status_code == 404
    assert client.get(f"{HERE}{theirs.pk}/geweigerd.csv").status_code == 404
    assert client.get(f"{HERE}{theirs.pk}/kolommen/").status_code == 404
    assert client.post(f"{HERE}waarde/{number}/intrekken/", {"reason": "weg"}).status_code == 404
    assert signed_in(karim).get(f"/raalte/cijfers/{theirs.pk}/").status_code == 200


def test_indicator_of_the_other_municipality_is_not_found(
    two_towns: tuple[Municipality, Municipality], anouk: User, karim: User, signed_in: SignIn
) -> None:
    assert signed_in(karim).get("/dalfsen/indicatoren/woninginbraken/").status_code == 404
    ours = signed_in(anouk).get("/dalfsen/indicatoren/woninginbraken/").content.decode()
    assert "ZQDALFSEN" in ours
    assert "ZQRAALTE" not in ours
