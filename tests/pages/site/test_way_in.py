"""The way in and out: signing in, the demo's people, the language, where a visitor lands."""

from collections.abc import Callable

import pytest
from django.conf import settings as installation
from django.test import Client
from pytest_django import Settings

from koersvast.access import audit, changes
from koersvast.access.models import Municipality, User
from tests import cast

pytestmark = pytest.mark.django_db
PASSWORD = "een lang wachtwoord 12"  # noqa: S105 of an invented person
ELSEWHERE = [
    "https://elders.example/",
    "//elders.example/",
    "/\\elders.example",
    "javascript:alert(1)",
    "http:///elders",
]


@pytest.fixture
def vera(dalfsen: Municipality) -> User:
    user = changes.register_user(email="vera@dalfsen.example", name="Vera", by=cast.OPERATOR, password=PASSWORD)
    changes.grant(user, "policy_officer", dalfsen, since=cast.SINCE, by=cast.OPERATOR)
    return user


@pytest.fixture
def persona(dalfsen: Municipality) -> User:
    user = changes.register_user(email="p@dalfsen.example", name="Persona", by=cast.OPERATOR, is_demo_persona=True)
    changes.grant(user, "council_member", dalfsen, since=cast.SINCE, by=cast.OPERATOR)
    return user


def test_sign_in_with_the_right_password_leads_home_and_writes_nothing(client: Client, vera: User) -> None:
    response = client.post("/aanmelden/", {"email": "Vera@dalfsen.example", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(vera.pk)
    assert audit.verify().is_whole


@pytest.mark.parametrize("email", ["vera@dalfsen.example", "niemand@dalfsen.example"])
def test_sign_in_with_a_wrong_password_says_the_same_as_with_a_wrong_address(
    client: Client, vera: User, email: str
) -> None:
    response = client.post("/aanmelden/", {"email": email, "password": "anders"})
    assert response.status_code == 422
    assert "Dit e-mailadres en wachtwoord horen niet bij elkaar." in response.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_sign_in_never_leads_to_another_site(client: Client, vera: User, elsewhere: str) -> None:
    response = client.post("/aanmelden/", {"email": vera.email, "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/"


def test_sign_in_leads_to_the_page_that_was_asked(client: Client, vera: User) -> None:
    asked = client.get("/dalfsen/plan/")
    assert asked["Location"] == "/aanmelden/?next=/dalfsen/plan/"
    response = client.post("/aanmelden/", {"email": vera.email, "password": PASSWORD, "next": "/dalfsen/plan/"})
    assert response["Location"] == "/dalfsen/plan/"


def test_sign_out_ends_the_session(signed_in: Callable[[User], Client], anouk: User) -> None:
    client = signed_in(anouk)
    assert client.post("/afmelden/")["Location"] == "/aanmelden/"
    assert client.get("/dalfsen/stand/").status_code == 302


def test_sign_out_by_a_link_is_refused(signed_in: Callable[[User], Client], anouk: User) -> None:
    assert signed_in(anouk).get("/afmelden/").status_code == 405


def test_home_leads_each_role_to_its_first_page(
    signed_in: Callable[[User], Client], anouk: User, raadslid: User, beheerder: User, client: Client
) -> None:
    assert signed_in(anouk).get("/")["Location"] == "/dalfsen/stand/"
    assert signed_in(raadslid).get("/")["Location"] == "/dalfsen/stand/"
    assert signed_in(beheerder).get("/")["Location"] == "/dalfsen/logboek/"
    assert client.get("/")["Location"] == "/aanmelden/"


def test_home_of_someone_with_two_municipalities_lets_them_choose(
    signed_in: Callable[[User], Client], anouk: User, raalte: Municipality
) -> None:
    changes.grant(anouk, "administrator", raalte, since=cast.SINCE, by=cast.OPERATOR)
    page = signed_in(anouk).get("/").content.decode()
    assert 'href="/dalfsen/stand/"' in page
    assert 'href="/raalte/logboek/"' in page


def test_home_of_someone_without_a_role_says_what_to_do(signed_in: Callable[[User], Client], anouk: User) -> None:
    cast.end_all(anouk)
    assert "Vraag de beheerder" in signed_in(anouk).get("/").content.decode()


def test_language_chosen_by_a_person_is_kept(signed_in: Callable[[User], Client], anouk: User) -> None:
    client = signed_in(anouk)
    assert "Er is nog geen beleidsplan" in client.get("/dalfsen/stand/").content.decode()
    response = client.post("/taal/", {"language": "en", "next": "/dalfsen/stand/"})
    assert response["Location"] == "/dalfsen/stand/"
    anouk.refresh_from_db()
    assert anouk.language == "en"
    page = signed_in(anouk).get("/dalfsen/stand/")
    assert "There is no policy plan yet" in page.content.decode()
    assert page["Content-Language"] == "en"
    assert audit.verify().is_whole


def test_language_of_a_visitor_is_dutch_whatever_the_browser_prefers(client: Client) -> None:
    page = client.get("/aanmelden/", headers={"accept-language": "en-GB"})
    assert '<html lang="nl">' in page.content.decode()
    client.post("/taal/", {"language": "en"})
    assert '<html lang="en">' in client.get("/aanmelden/").content.decode()


def test_language_that_is_unknown_is_refused(client: Client) -> None:
    assert client.post("/taal/", {"language": "de"}).status_code == 400


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_language_switch_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    assert client.post("/taal/", {"language": "nl", "next": elsewhere})["Location"] == "/"


def test_persona_outside_the_demo_is_not_there(client: Client, persona: User) -> None:
    assert client.post("/aanmelden/als/", {"persona": persona.pk}).status_code == 404
    assert "Rondkijken als" not in client.get("/aanmelden/").content.decode()


def test_persona_in_the_demo_is_signed_in_and_nobody_else(
    client: Client, persona: User, vera: User, settings: Settings
) -> None:
    settings.DEMO = True
    client.post("/afmelden/")
    assert "Persona" in client.get("/aanmelden/").content.decode()
    for wrong in (str(vera.pk), "", "0", "²", "9" * 40, "1 or 1=1"):
        assert client.post("/aanmelden/als/", {"persona": wrong}).status_code == 404, wrong
    assert "_auth_user_id" not in client.session
    assert client.post("/aanmelden/als/", {"persona": persona.pk})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(persona.pk)


def test_demo_visitor_who_signed_out_stays_out(client: Client, persona: User, settings: Settings) -> None:
    settings.DEMO = True
    assert client.get("/")["Location"] == "/dalfsen/stand/"
    client.post("/afmelden/")
    assert client.get("/")["Location"] == "/aanmelden/"


def test_health_answers_without_an_account(client: Client) -> None:
    assert client.get("/health/").json() == {"status": "ok"}


def test_style_page_outside_the_demo_is_not_there(client: Client) -> None:
    assert installation.DEBUG is False
    assert client.get("/stijlgids/").status_code == 404


@pytest.mark.parametrize(
    "come_from", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"HTTP_FORWARDED": "for=x"}]
)
def test_demo_signs_nobody_in_who_is_not_at_this_machine(
    client: Client, persona: User, settings: Settings, come_from: dict[str, str]
) -> None:
    settings.DEMO = True
    assert client.get("/", **come_from)["Location"] == "/aanmelden/"  # type: ignore[arg-type] # the request's environment
    assert client.post("/aanmelden/als/", {"persona": persona.pk}, **come_from).status_code == 404  # type: ignore[arg-type] # idem
    assert "Rondkijken als" not in client.get("/aanmelden/", **come_from).content.decode()  # type: ignore[arg-type] # idem


def test_demo_is_closed_to_a_host_name_that_leads_here(client: Client, persona: User, settings: Settings) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["localhost"]
    response = client.get("/", headers={"host": "elders.example"})
    assert response.status_code == 400
    assert "_auth_user_id" not in client.session
