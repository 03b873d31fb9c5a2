"""The way in and out: signing in, the demo's people, the language, where a visitor lands."""

from collections.abc import Callable

import pytest
from django.conf import settings as installation
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from koersvast.access import attempts, audit, changes
from koersvast.access.models import Municipality, SignInAttempt, User
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


def _try(client: Client, email: str, password: str, address: str) -> int:
    return client.post("/aanmelden/", {"email": email, "password": password}, REMOTE_ADDR=address).status_code


def test_sixth_guess_from_one_address_is_not_looked_at(client: Client, vera: User) -> None:
    guesses = [_try(client, vera.email, f"gok {number}", "192.0.2.7") for number in range(6)]
    assert guesses == [422] * 5 + [429]
    assert _try(client, vera.email.upper(), PASSWORD, "192.0.2.7") == 429
    assert "_auth_user_id" not in client.session
    assert audit.verify().is_whole


def test_guesses_from_elsewhere_shut_nobody_out(client: Client, vera: User) -> None:
    for number in range(6):
        _try(client, vera.email, f"gok {number}", "192.0.2.7")
    assert _try(client, vera.email, PASSWORD, "192.0.2.8") == 302


def test_guesses_at_many_accounts_from_one_address_are_braked(client: Client, vera: User) -> None:
    for number in range(attempts.AT_MOST_FROM_ONE_ADDRESS):
        assert attempts.attempt(account=f"{number}@dalfsen.example", address="192.0.2.7")
    assert _try(client, vera.email, PASSWORD, "192.0.2.7") == 429
    assert _try(client, vera.email, PASSWORD, "192.0.2.8") == 302


def test_attempts_are_forgotten_after_a_quarter_of_an_hour_and_after_success(client: Client, vera: User) -> None:
    for number in range(5):
        _try(client, vera.email, f"gok {number}", "192.0.2.7")
    SignInAttempt.objects.update(at=timezone.now() - attempts.WINDOW)
    assert _try(client, vera.email, PASSWORD, "192.0.2.7") == 302
    assert not SignInAttempt.objects.exists()


def test_attempts_say_nothing_about_who_made_them(client: Client, vera: User) -> None:
    _try(client, vera.email, "gok", "192.0.2.7")
    kept = str(SignInAttempt.objects.values().get())
    assert "vera" not in kept
    assert "192.0.2.7" not in kept


def test_attempts_behind_a_proxy_count_for_the_visitor(client: Client, vera: User, settings: Settings) -> None:
    settings.ON_LOOPBACK = False
    for number in range(6):
        guess = {"email": vera.email, "password": f"gok {number}"}
        client.post("/aanmelden/", guess, headers={"x-forwarded-for": f"203.0.113.{number}, 192.0.2.7"})
    right = {"email": vera.email, "password": PASSWORD}
    assert client.post("/aanmelden/", right, headers={"x-forwarded-for": "192.0.2.7"}).status_code == 429
    assert client.post("/aanmelden/", right, headers={"x-forwarded-for": "192.0.2.9"}).status_code == 302


@pytest.mark.parametrize("size", ["99999999999", "-1", "veel"])
def test_request_larger_than_any_upload_is_refused_unread(client: Client, dalfsen: Municipality, size: str) -> None:
    response = client.post("/aanmelden/", {"email": "a@b.example", "password": "x"}, CONTENT_LENGTH=size)
    assert response.status_code == 400
    assert not SignInAttempt.objects.exists()
