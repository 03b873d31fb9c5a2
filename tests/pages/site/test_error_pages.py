"""Error pages: whole pages in the reader's language, fragments for htmx, a number for what broke."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from koersvast.access.models import User
from koersvast.web.site import views

pytestmark = pytest.mark.django_db


def test_absent_page_is_a_whole_page_in_dutch(client: Client) -> None:
    page = client.get("/bestaat/niet/nergens/")
    assert page.status_code == 404
    assert "Deze pagina is er niet" in page.content.decode()
    assert "<html" in page.content.decode()


def test_refused_part_asked_by_htmx_is_a_fragment(signed_in: Callable[[User], Client], anouk: User) -> None:
    answer = signed_in(anouk).get("/dalfsen/instellingen/kleur/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<html" not in answer.content.decode()


def test_page_that_breaks_gives_a_number_that_stands_in_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(views, "_personas", breaks)
    settings.DEMO = True
    client.raise_request_exception = False
    answer = client.get("/aanmelden/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "geheim" not in page
    [told] = [record.getMessage() for record in caplog.records if record.name == "koersvast.web"]
    assert told.split()[1].rstrip(":") in page


def test_post_without_a_token_is_refused_with_a_page(dalfsen: object, anouk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anouk)
    assert client.post("/taal/", {"language": "en"}).status_code == 403
