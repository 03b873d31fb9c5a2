"""Open figures on the pages: choose, deliver, take over, put apart and accept, revisions, two sources side by side."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from koersvast.access.changes import grant, register_municipality
from koersvast.access.models import Municipality, User
from koersvast.indicators.changes import feeds as feed_changes
from koersvast.indicators.changes import retrievals
from koersvast.indicators.models import Delivery, Following, Indicator, Retrieval, RetrievalProgress, SourceDifference
from koersvast.registers.practice import PRACTICE
from tests import cast

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
HERE = "/dalfsen/open-cijfers/"
TABLE = f"{HERE}tabel/47018NED/"
KINDS = {"2.5.2": 210, "2.2.1": 340}


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def row_of(said: str, head: str) -> str:
    """The text of a table's row from its head on."""
    found = re.search(rf'<th scope="row">\s*{head}\b.*?</tr>', said)
    assert found, f"no row {head}"
    return found.group()


def table(*, times: int = 1, **changed: int) -> str:
    """An invented table of two kinds and six years; `k252_2016=5` is added to one figure."""
    lines = ["SoortMisdrijf,gemeentecode,gemeentenaam_2024,jaar,GeregistreerdeMisdrijven,status"]
    for kind, size in KINDS.items():
        for year in range(2012, 2018):
            more = changed.get(f"k{kind.replace('.', '')}_{year}", 0)
            lines.append(f"{kind},GM0148,Dalfsen,{year},{times * (size - 9 * (year - 2012) + more)},definitief")
    return "\n".join(lines)


def deliver(client: Client, data: str, day: str) -> Any:
    file = SimpleUploadedFile("tabel.csv", data.encode())
    return client.post(TABLE, {"action": "upload", "file": file, "as_of": day}, follow=True)


@pytest.fixture
def followed(figures: Municipality, anouk: User) -> Municipality:
    """Dalfsen follows two figures of the yearly police table."""
    with scope(municipality=figures):
        for feed in ("winkeldiefstal", "vernielingen"):
            feed_changes.follow(figures, feed=feed, by=anouk)
    return figures


@pytest.fixture
def taken(followed: Municipality, anouk: User, signed_in: SignIn) -> Client:
    """The first delivery of that table is in and taken over."""
    client = signed_in(anouk)
    deliver(client, table(), "2025-04-16")
    with scope(municipality=followed):
        [waiting] = Delivery.objects.filter(state=Delivery.State.STAGED)
    client.post(f"/dalfsen/cijfers/{waiting.pk}/", {"action": "take-over"})
    return client


def test_who_follows_nothing_is_told_what_to_do(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    said = text(signed_in(anouk).get(HERE))
    assert "U volgt nog geen landelijke cijfers" in said
    assert f'href="{HERE}kiezen/"' in said


def test_usual_figures_are_ticked_and_a_ready_set_ticks_its_own(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    first = client.get(f"{HERE}kiezen/").content.decode()
    assert 'id="reeks-woninginbraken" aria-describedby="over-woninginbraken" checked' in first
    assert 'id="reeks-zakkenrollerij" aria-describedby="over-zakkenrollerij">' in first
    chosen = client.get(f"{HERE}kiezen/?set=misdaadmeter").content.decode()
    assert 'id="reeks-zakkenrollerij" aria-describedby="over-zakkenrollerij" checked' in chosen
    assert 'id="reeks-fietsdiefstal" aria-describedby="over-fietsdiefstal">' in chosen


def test_choosing_follows_asks_for_the_tables_and_unticking_ends_it(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    client.post(f"{HERE}kiezen/", {"feeds": ["woninginbraken", "vernielingen"], "takes_over": "by_itself"})
    assert {one.table for one in Retrieval.objects.all()} == {"70072ned", "47018NED", "47022NED"}
    answer = client.post(f"{HERE}kiezen/", {"feeds": ["vernielingen"], "takes_over": "by_itself"}, follow=True)
    assert "U volgt 1 cijfer." in text(answer)
    with scope(municipality=figures):
        assert [one.feed for one in Following.objects.filter(until=None)] == ["vernielingen"]
        assert Indicator.objects.filter(code="woninginbraken").exists()


def test_delivered_table_is_looked_at_and_taken_over(followed: Municipality, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    answer = deliver(client, table(), "2025-04-16")
    assert "Het bestand is gelezen en bewaard." in text(answer)
    overview = text(client.get(HERE))
    with scope(municipality=followed):
        [waiting] = Delivery.objects.filter(state=Delivery.State.STAGED)
    assert f'href="/dalfsen/cijfers/{waiting.pk}/"' in overview
    preview = text(client.get(f"/dalfsen/cijfers/{waiting.pk}/"))
    assert "landelijke tabel 47018NED" in preview
    assert "komen voor het eerst cijfers binnen" in preview
    assert "kolommen" not in preview.lower().replace("welke kolom", "")
    done = text(client.post(f"/dalfsen/cijfers/{waiting.pk}/", {"action": "take-over"}, follow=True))
    assert "De cijfers zijn overgenomen" in done
    assert "Bijgewerkt" in text(client.get(HERE)) or "Verouderd" in text(client.get(HERE))


def test_columns_of_a_table_are_not_asked_for(taken: Client, followed: Municipality) -> None:
    deliver(taken, table(k252_2016=200), "2025-05-16")
    with scope(municipality=followed):
        number = Delivery.objects.exclude(table="").latest("pk").pk
    assert taken.get(f"/dalfsen/cijfers/{number}/kolommen/").status_code == 302


def test_revision_is_read_in_a_minute(taken: Client) -> None:
    deliver(taken, table(k252_2016=5), "2025-05-16")
    said = text(taken.get(f"{HERE}herzieningen/"))
    assert "1 cijfer van de gemeente werd anders, bij 1 indicatoren." in said
    row = row_of(said, "2016")
    assert [one in row for one in ("174", "179", "+5", "16 mei 2025", "Herzien")] == [True] * 5


def test_thousandfold_is_put_apart_and_accepted_with_a_reason(taken: Client, followed: Municipality) -> None:
    deliver(taken, table(times=1000), "2025-05-16")
    page = text(taken.get(TABLE))
    assert "1.000 keer zo groot" in page
    assert page.count("met de hand aangeleverd") == 2
    assert "Apart gezet" in text(taken.get(HERE))
    refused = taken.post(TABLE, {"action": "accept", "because": ""})
    assert refused.status_code == 422
    taken.post(TABLE, {"action": "accept", "because": "Nagevraagd bij de politie."})
    assert "Nagevraagd bij de politie." in text(taken.get(TABLE))
    with scope(municipality=followed):
        assert Delivery.objects.exclude(table="").latest("pk").state == Delivery.State.STAGED


def test_file_that_cannot_be_read_says_why_and_leaves_what_was_there(taken: Client) -> None:
    answer = deliver(taken, "iets;anders\n1;2\n", "2025-05-16")
    said = text(answer)
    assert "Het bestand bracht niets op" in said
    assert "niet herkend" in said


def test_running_retrieval_shows_how_far_it_is_and_refreshes_itself(
    followed: Municipality, anouk: User, signed_in: SignIn
) -> None:
    asked = retrievals.ask_retrieval("47018NED", by=cast.OPERATOR, queued=False)
    running = retrievals._begin(asked)
    RetrievalProgress.objects.create(
        retrieval=running, step="pages", done=12, total=60, bytes_read=34 * 1024 * 1024, last_sign_at=running.asked_at
    )
    page = signed_in(anouk).get(HERE).content.decode()
    assert "Haalt de cijfers op: deel 12 van 60, tot nu toe 34,0 MB" in text(signed_in(anouk).get(HERE))
    assert 'hx-trigger="every 2s"' in page
    assert '<progress class="kv-progress" max="100" value="20"' in page
    assert f'href="{HERE}">Ververs</a>' in page


def test_two_sources_stand_side_by_side_and_are_explained(
    figures: Municipality, anouk: User, raadslid: User, signed_in: SignIn
) -> None:
    client, address = signed_in(anouk), f"{HERE}naast-elkaar/"
    page = text(client.get(address))
    row = row_of(page, "2013")
    assert [one in row for one in ("125", "98", "−27")] == [True] * 3
    form = f"{address}woninginbraken/politie-dataset/politie-47018ned/"
    assert client.post(form, {"period": "", "text": " "}).status_code == 422
    client.post(form, {"period": "", "text": "Het plan telt een eerdere stand."})
    client.post(form, {"period": "2013", "text": "Nog niet geschoond."})
    with scope(municipality=figures):
        assert SourceDifference.objects.count() == 2
    read = text(signed_in(raadslid).get(address))
    assert "Het plan telt een eerdere stand." in read
    assert "Nog niet geschoond." in read
    assert "Leg uit waarom" not in read
    assert signed_in(raadslid).get(form).status_code == 403


def test_reader_sees_how_it_stands_and_can_change_nothing(
    followed: Municipality, raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    said = text(client.get(HERE))
    assert "Misdrijven per jaar" in said
    assert "Nu ophalen" not in said
    assert client.post(f"{TABLE}ophalen/").status_code == 403
    assert client.get(f"{HERE}kiezen/").status_code == 403
    assert Retrieval.objects.count() == 0


def test_unknown_table_is_not_found(followed: Municipality, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    assert client.get(f"{HERE}tabel/99999NED/").status_code == 404
    assert client.post(f"{HERE}tabel/99999NED/ophalen/").status_code == 404


def test_asking_twice_fetches_once(followed: Municipality, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    for _ in range(2):
        assert "wordt opgehaald" in text(client.post(f"{TABLE}ophalen/", follow=True))
    assert Retrieval.objects.count() == 1


@pytest.fixture
def demo(followed: Municipality, anouk: User, settings: Any) -> Municipality:
    """The same municipality in the demo, with an invented table that the demo itself brought in."""
    with scope(municipality=followed):
        retrievals.import_register_files("47018NED", [("tabel.csv", table().encode())], by=cast.OPERATOR)
    settings.DEMO = True
    return followed


def test_demo_promises_no_fetching_and_shows_neither_fresh_nor_stale(
    demo: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    for address in (HERE, TABLE):
        said = text(client.get(address))
        assert "In deze demo wordt niets opgehaald." in said
        assert "Oefencijfers" in said
        promises = ("Nu ophalen", "erwacht", "Bijgewerkt", "Verouderd", "Lever deze tabel aan als bestand")
        assert [one for one in promises if one in said] == []


def test_demo_refuses_a_fetch_and_a_file_and_asks_nothing_on_following(
    demo: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client, before = signed_in(anouk), Retrieval.objects.count()
    assert "wordt niets opgehaald" in text(client.post(f"{TABLE}ophalen/", follow=True))
    assert "wordt niets opgehaald" in text(deliver(client, table(k252_2016=5), "2025-05-16"))
    answer = client.post(
        f"{HERE}kiezen/", {"feeds": ["woninginbraken", "vernielingen"], "takes_over": "by_itself"}, follow=True
    )
    assert "U volgt 2 cijfers." in text(answer)
    assert Retrieval.objects.count() == before


def test_demo_leads_from_a_page_without_figures_to_the_same_page_of_the_practice_municipality(
    followed: Municipality, anouk: User, raadslid: User, signed_in: SignIn, settings: Any
) -> None:
    town = register_municipality(code=PRACTICE, slug="lindelo", name="Lindelo", by=cast.OPERATOR)
    grant(anouk, "policy_officer", town, since=cast.SINCE, by=cast.OPERATOR)
    with scope(municipality=town):
        feed_changes.follow(town, feed="vernielingen", by=cast.OPERATOR)
    settings.DEMO = True
    page, there = "indicatoren/vernielingen/vergelijken/", 'href="/lindelo/indicatoren/vernielingen/vergelijken/"'
    assert there in text(signed_in(anouk).get(f"/dalfsen/{page}"))
    assert there not in text(signed_in(raadslid).get(f"/dalfsen/{page}"))
    settings.DEMO = False
    assert there not in text(signed_in(anouk).get(f"/dalfsen/{page}"))
