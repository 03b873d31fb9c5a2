"""From a file with answers to figures of indicators, step by step on the pages, as a person walks it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.connectors.survey_writing import write_sav
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.changes import computing
from koersvast.surveys.models import Catalogue, Computation, IndicatorLink, MicrodataFile, Wave
from koersvast.surveys.practice_stories import WAVE_2017
from koersvast.surveys.practice_waves import population_margins, practice_wave

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]


def said(answer: Any) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def sav(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The invented wave of 2017 as the file that a research bureau gives."""
    path = tmp_path_factory.mktemp("wave") / "wave.sav"
    write_sav(practice_wave(WAVE_2017), path)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def stores(tmp_path: Path, settings: Any) -> None:
    """Sealed files of a test stay in the test's own folder."""
    settings.MICRODATA = tmp_path / "microdata"
    settings.SNAPSHOTS, settings.CACHE = tmp_path / "snapshots", tmp_path / "cache"


@pytest.fixture
def wave(demo_rows: None, dalfsen: Municipality, anouk: User) -> Wave:
    with scope(municipality=dalfsen):
        source = Source.objects.filter(kind=Source.Kind.SURVEY, indicators__isnull=False).order_by("pk")[0]
        return changes.open_wave(source, period="2017", by=anouk)


def bring_in(client: Client, wave: Wave, data: bytes, **more: Any) -> Any:
    sent = {"file": SimpleUploadedFile("antwoorden.sav", data), "keep_until": "2027-12-31"} | more
    return client.post(f"/dalfsen/enquetes/{wave.pk}/bestand/", sent, follow=True)


def test_file_that_is_none_is_refused_with_a_sentence_and_a_code(wave: Wave, anouk: User, signed_in: SignIn) -> None:
    answer = bring_in(signed_in(anouk), wave, b"geen enquete, maar een brief aan meneer Jansen")
    assert answer.status_code == 422
    assert "Dit bestand is niet ingelezen" in said(answer)
    assert re.search(r"\(M\d\d\)|\(F\d\d\)", said(answer))
    assert "Jansen" not in answer.content.decode()
    with scope(municipality=wave.municipality):
        assert not MicrodataFile.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2020-01-01", "Kies een dag die nog komt."), ("2099-01-01", "Antwoorden blijven hooguit 5 jaar bewaard.")],
)
def test_answers_are_kept_until_a_day_ahead_and_not_for_ever(
    wave: Wave, anouk: User, signed_in: SignIn, sav: bytes, day: str, sentence: str
) -> None:
    answer = bring_in(signed_in(anouk), wave, sav, keep_until=day)
    assert answer.status_code == 422
    assert sentence in said(answer)


def test_columns_with_people_are_named_by_kind_and_left_out_on_request(
    wave: Wave, anouk: User, signed_in: SignIn, tmp_path: Path
) -> None:
    client = signed_in(anouk)
    columns = {
        "emailadres": [f"bewoner{n}@example.nl" for n in range(40)],
        "tevreden": [n % 2 + 1.0 for n in range(40)],
    }
    pyreadstat.write_sav(pl.DataFrame(columns), str(tmp_path / "people.sav"))
    data = (tmp_path / "people.sav").read_bytes()
    refused = bring_in(client, wave, data)
    assert refused.status_code == 422
    assert "Dit bestand zegt wie mensen zijn" in said(refused)
    assert "e-mailadres" in said(refused)
    assert "bewoner7@example.nl" not in refused.content.decode()
    assert 'name="drop_columns" value="emailadres"' in refused.content.decode()
    kept = bring_in(client, wave, data, drop_columns=["emailadres"])
    assert "Het bestand is gelezen en verzegeld" in said(kept)
    with scope(municipality=wave.municipality):
        assert MicrodataFile.objects.get().dropped_columns == ["emailadres"]


def confirm_codebook(client: Client, wave: Wave) -> None:
    """What is sure at once, what needs a look one by one."""
    here = f"/dalfsen/enquetes/{wave.pk}/codeboek/"
    assert "Even kijken" in said(client.get(here))
    assert "zijn bevestigd" in said(client.post(here, {"action": "sure"}, follow=True))
    with scope(municipality=wave.municipality):
        waiting = [row.code for row in wave.entries.filter(confirmed_at=None)]
    assert waiting
    for code in waiting:
        client.post(here, {"code": code})
    assert "Alle vragen zijn bevestigd" in said(client.get(here))
    assert "hondenpoep" in said(client.get(f"{here}?groep=bevestigd&zoek=hondenpoep"))


def choose_weights(client: Client, wave: Wave) -> None:
    """Numbers of the population first; taking both frames together asks for a statement."""
    here = f"/dalfsen/enquetes/{wave.pk}/weging/"
    margins = population_margins(WAVE_2017)
    for code, people in margins.items():
        given = {f"people_{place}": str(number) for place, number in enumerate(people.values())}
        about = {"source_text": "CBS, verzonnen", "as_of": "2017-01-01"}
        assert "zijn bewaard" in said(client.post(f"{here}bevolking/{code}/", given | about, follow=True))
    refused = client.post(here, {"frame": "pooled", "method": "rake", "statement": "kort"})
    assert "Zeg in ten minste 20 letters waarom." in said(refused)
    chosen = {"frame": "sample", "method": "rake", "margins": [*margins], "variance": "rake", "lonely": "refuse"}
    assert "De weging is bewaard" in said(client.post(here, chosen, follow=True))


def test_numbers_of_the_population_come_from_a_file_or_from_what_is_pasted(
    wave: Wave, anouk: User, signed_in: SignIn, sav: bytes
) -> None:
    client = signed_in(anouk)
    bring_in(client, wave, sav)
    confirm_codebook(client, wave)
    here = f"/dalfsen/enquetes/{wave.pk}/weging/bevolking/geslacht/"
    about = {"source_text": "CBS, verzonnen", "as_of": "2017-01-01"}
    refused = said(client.post(here, about | {"pasted": "Man\t90\nVrouw\tveel\n"}))
    assert "Regel 2 heeft geen aantal mensen." in refused
    strange = said(client.post(here, about | {"pasted": "Man\t90\nKoe\t100\n"}))
    assert "1 van de namen zijn geen groep van dit kenmerk." in strange
    file = SimpleUploadedFile("bevolking.csv", b"groep;mensen\nVrouw;11.000\nMan;10.900\nTotaal;21.900\n")
    assert "zijn bewaard" in said(client.post(here, about | {"table": file}, follow=True))
    with scope(municipality=wave.municipality):
        assert dict(wave.margins.values_list("category", "people")) == {"1": 10_900, "2": 11_000}


def compute_and_follow(client: Client, wave: Wave) -> Computation:
    """Thresholds only go up; the page of a computation looks again by itself until it is done."""
    here = f"/dalfsen/enquetes/{wave.pk}/berekenen/"
    lower = client.post(here, {"backgrounds": ["kern"], "smallest_base": "5", "smallest_group": "10"})
    assert "Dit gaat alleen omhoog: kies 30 of meer." in said(lower)
    asked = client.post(here, {"backgrounds": ["kern"], "smallest_base": "30", "smallest_group": "10"}, follow=True)
    assert "De uitkomsten zijn aangevraagd" in said(asked)
    assert '<noscript><meta http-equiv="refresh"' in asked.content.decode()
    with scope(municipality=wave.municipality):
        made = computing.compute(Computation.objects.get())
    assert made.state == Computation.State.DONE, made.problems
    assert "De uitkomsten zijn klaar" in said(client.get(f"{here}{made.pk}/"))
    return made


def test_whole_walk_from_file_to_published_and_linked(
    wave: Wave, anouk: User, burgemeester: User, signed_in: SignIn, sav: bytes
) -> None:
    client, here = signed_in(anouk), f"/dalfsen/enquetes/{wave.pk}/"
    read = said(bring_in(client, wave, sav))
    assert "1.244" in read
    assert "Deze antwoorden zijn verzonnen" in read
    confirm_codebook(client, wave)
    choose_weights(client, wave)
    made = compute_and_follow(client, wave)
    assert re.search(r"Uw [\d.]+ deelnemers tellen als [\d.]+\.", said(client.get(f"{here}weging/")))
    assert "Hoe de gewichten liggen" in said(client.get(f"{here}weging/"))
    assert signed_in(burgemeester).get(f"{here}weging/").status_code == 403
    assert "Blijven verborgen" in said(client.get(f"{here}publiceren/"))
    assert signed_in(burgemeester).get(f"{here}publiceren/").status_code == 403
    published = client.post(f"{here}publiceren/", {"computation": made.pk}, follow=True)
    assert "Deze uitkomsten zijn gepubliceerd" in said(published)
    with scope(municipality=wave.municipality):
        assert Catalogue.objects.get(wave=wave).released_computation_id == made.pk
    # Measures are linked; invented answers never become figures of a real municipality.
    page = client.get(f"{here}indicatoren/").content.decode()
    value = re.search(r'<select[^>]*name="measure-([a-z0-9-]+)".*?<option value="([^"]+/[^"]+)"', page, re.DOTALL)
    assert value
    linked = client.post(f"{here}indicatoren/", {"action": "link", f"measure-{value[1]}": value[2]}, follow=True)
    assert "1 indicator is gekoppeld." in said(linked)
    address = f"{here}indicatoren/{value[1]}/"
    assert "Zeg waarom" in said(client.post(address, {"decision": "break", "note_nl": ""}))
    client.post(address, {"decision": "same"})
    with scope(municipality=wave.municipality):
        assert IndicatorLink.objects.get().decision == "same"
    refused = client.post(f"{here}indicatoren/", {"action": "take-over"}, follow=True)
    assert "Verzonnen antwoorden worden geen cijfers van een echte gemeente" in said(refused)
    loose = client.post(f"{here}indicatoren/", {"unlink": value[1]}, follow=True)
    assert "is niet meer gekoppeld. Cijfers die zijn overgenomen blijven staan." in said(loose)
    with scope(municipality=wave.municipality):
        assert not IndicatorLink.objects.exists()


def test_answers_are_destroyed_with_a_reason_after_a_page_that_says_so(
    wave: Wave, anouk: User, signed_in: SignIn, sav: bytes
) -> None:
    client, here = signed_in(anouk), f"/dalfsen/enquetes/{wave.pk}/"
    bring_in(client, wave, sav)
    address = f"{here}bestand/vernietigen/"
    assert "Dit kan niet ongedaan worden gemaakt" in said(client.get(address))
    assert client.post(address, {"because": "niet meer nodig"}).status_code == 422
    done = client.post(address, {"because": "niet meer nodig", "sure": "on"}, follow=True)
    assert "De antwoorden zijn vernietigd" in said(done)
    with scope(municipality=wave.municipality):
        assert MicrodataFile.objects.get().destroyed_because == "niet meer nodig"
    assert client.get(address).status_code == 404
