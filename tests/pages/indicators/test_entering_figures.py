"""Bringing figures in through the pages: upload, columns, preview, take over or not, withdraw."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django_scopes import scope

from koersvast.access.changes import choose_language
from koersvast.access.models import Municipality, User
from koersvast.connectors.figures import suggest_mapping
from koersvast.connectors.tabular import open_table
from koersvast.indicators import changes
from koersvast.indicators.models import Delivery, Indicator, Observation, RememberedMapping
from koersvast.reference.queries import area_of

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
KNOWN = "indicator;jaar;waarde;eenheid\nWoninginbraken;2018;27;aantal\nVernielingen;2017;64;aantal\n"
HERE = "/dalfsen/cijfers/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def upload(client: Client, data: str | bytes, *, name: str = "cijfers.csv", as_of: str = "2019-03-01") -> Any:
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    return client.post(HERE, {"file": file, "as_of": as_of, "source": ""}, follow=True)


@pytest.fixture
def remembered(figures: Municipality, anouk: User) -> Iterator[None]:
    """The headings of these tests are known from an earlier file."""
    with scope(municipality=figures):
        sheet = open_table(KNOWN.encode()).sheet
        assert sheet is not None
        mapping = suggest_mapping(sheet)
        assert mapping is not None
        staged = changes.stage_figures(
            KNOWN.replace("64", "65").encode(), municipality=figures, file_name="eerder.csv",
            as_of=area_and_day(), by=anouk, ask_unknown_headers=True,
        )  # fmt: skip
        changes.discard(changes.map_columns(staged, mapping=mapping, remember_as="Maandlijst", by=anouk), by=anouk)
        yield


def area_and_day() -> Any:
    assert area_of("GM0148") is not None
    return Delivery._meta.get_field("as_of").to_python("2018-12-01")


def test_file_with_new_headings_is_mapped_looked_at_and_taken_over(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    page = upload(client, "Onderwerp A;Wanneer;Hoeveel\nVernielingen;2018;61\n")
    assert "Wat staat in welke kolom?" in text(page)
    columns = page.redirect_chain[-1][0]
    wrong = client.post(columns, {"layout": "long", "indicator": "1", "remember_as": "Wijkteam"})
    assert wrong.status_code == 422
    assert "Kies de kolom waarin dit staat." in text(wrong)
    chosen = {"layout": "long", "indicator": "1", "period": "2", "value": "3", "remember_as": "Wijkteam"}
    preview = client.post(columns, chosen, follow=True)
    assert "Vernielingen, 2018" in text(preview)
    done = client.post(preview.redirect_chain[-1][0], {"action": "take-over"}, follow=True)
    assert "De cijfers zijn overgenomen." in text(done)
    with scope(municipality=figures):
        assert Observation.objects.get(indicator__code="vernielingen", period="2018").amount == 61
        assert RememberedMapping.objects.get().name == "Wijkteam"


def test_known_headings_lead_straight_to_the_preview_with_old_and_new(
    remembered: None, anouk: User, signed_in: SignIn
) -> None:
    page = text(upload(signed_in(anouk), KNOWN))
    assert "De koppen zijn herkend van een eerder bestand." in page
    assert "<del>66</del>" in page
    assert "<ins>64</ins>" in page
    assert "<ins>27</ins>" in page


def test_refused_lines_stand_in_the_preview_and_can_be_taken_along(
    remembered: None, anouk: User, signed_in: SignIn
) -> None:
    client = signed_in(anouk)
    bad = KNOWN + "Straatroof;2018;3;aantal\nTe hard rijden;2017;161;%\n"
    answer = upload(client, bad)
    page = text(answer)
    assert "De indicator “Straatroof” staat niet in het register." in page
    assert "Te hard rijden, 2017" in page
    assert 'value="take-over"' not in page
    address = answer.redirect_chain[-1][0]
    refused = client.post(address, {"action": "take-over"}, follow=True)
    assert "Er is niets opgeslagen" in text(refused)
    listed = client.get(f"{address}geweigerd.csv").content.decode("utf-8-sig")
    assert "I01" in listed
    assert "F69" in listed
    assert Observation.objects.filter(delivery__file_name="cijfers.csv").count() == 0


def test_same_file_again_is_recognised_as_taken_over(remembered: None, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    client.post(upload(client, KNOWN).redirect_chain[-1][0], {"action": "take-over"})
    before = Observation.objects.count()
    assert "Overgenomen op" in text(upload(client, KNOWN))
    assert Observation.objects.count() == before


def test_delivery_that_is_not_taken_over_leaves_nothing(remembered: None, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    before = Observation.objects.count()
    address = upload(client, KNOWN).redirect_chain[-1][0]
    done = client.post(address, {"action": "discard"}, follow=True)
    assert "De aanlevering is niet overgenomen." in text(done)
    assert Observation.objects.count() == before
    again = client.post(address, {"action": "take-over"}, follow=True)
    assert "Deze aanlevering was al afgehandeld" in text(again)


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"%PDF-1.7", "rapport.pdf", "Dit is geen tabel."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "oud.xls", "Dit is een oud Excelbestand (XLS)."),
        (b"   \n", "leeg.csv", "Het bestand is leeg."),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_what_to_do(
    figures: Municipality, anouk: User, signed_in: SignIn, data: bytes, name: str, sentence: str
) -> None:
    answer = upload(signed_in(anouk), data, name=name)
    assert answer.status_code == 422
    assert sentence in text(answer)


def test_upload_without_day_or_with_a_day_ahead_is_explained(
    figures: Municipality, anouk: User, signed_in: SignIn
) -> None:
    assert "Deze dag moet nog komen." in text(upload(signed_in(anouk), KNOWN, as_of="2999-01-01"))
    assert upload(signed_in(anouk), KNOWN, as_of="").status_code == 422


def test_long_file_is_shown_in_pages(remembered: None, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    rows = "".join(
        f"Vernielingen;{year}-{month:02};{month};aantal\n" for year in range(2010, 2018) for month in range(1, 13)
    )
    answer = upload(client, f"indicator;jaar;waarde;eenheid\n{rows}")
    assert "Pagina 1 van 2" in text(answer)
    second = client.get(f"{answer.redirect_chain[-1][0]}?page=2&lines=new")
    assert "Pagina 2 van 2" in text(second)
    assert client.get(f"{answer.redirect_chain[-1][0]}?page=abc&lines=<b>").status_code == 200


def test_figure_is_withdrawn_with_a_reason(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    with scope(municipality=figures):
        wrong = Observation.objects.get(indicator__code="woninginbraken", period="2017", amount=42)
    client = signed_in(anouk)
    address = f"{HERE}waarde/{wrong.pk}/intrekken/"
    assert client.post(address, {"reason": ""}).status_code == 422
    page = client.post(address, {"reason": "Dubbel geteld"}, follow=True)
    assert "Het cijfer is ingetrokken." in text(page)
    assert "2017: Politie 40" not in text(page)


def test_delivery_page_shows_what_it_brought(figures: Municipality, anouk: User, signed_in: SignIn) -> None:
    with scope(municipality=figures):
        stored = Delivery.objects.get(file_name="47018NED-dalfsen-woninginbraken.csv")
    page = text(signed_in(anouk).get(f"{HERE}{stored.pk}/"))
    assert f"{stored.new} nieuw" in page
    assert "Woninginbraken" in page
    assert "Gelezen in 2026 uit de open tabel" in page


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
def test_template_that_is_filled_in_is_read_again(
    figures: Municipality, anouk: User, signed_in: SignIn, form: str, language: str
) -> None:
    choose_language(anouk, language=language)
    client = signed_in(anouk)
    data = client.get(f"{HERE}sjabloon.{form}").content
    sheet = open_table(data).sheet
    assert sheet is not None
    mapping = suggest_mapping(sheet)
    assert mapping is not None
    assert not mapping.lacks
    with scope(municipality=figures):
        codes = set(Indicator.objects.values_list("code", flat=True))
        column = sheet.rows[mapping.header_row :]
        assert {row[0].text for row in column if row[0].text} == codes
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        lines = book.worksheets[0]
        for row in lines.iter_rows(min_row=mapping.header_row + 1):
            row[4].value, row[5].value = 2018, 5
        filled = io.BytesIO()
        book.save(filled)
        with scope(municipality=figures):
            staged = changes.stage_figures(
                filled.getvalue(), municipality=figures, file_name="sjabloon.xlsx", as_of=area_and_day(), by=anouk
            )
        assert staged.refused == 0
        assert staged.new == len(codes)


def test_council_member_sees_deliveries_but_cannot_bring_in_figures(
    figures: Municipality, raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    page = client.get(HERE)
    assert page.status_code == 200
    assert 'type="file"' not in page.content.decode()
    refused: HttpResponse = upload(client, KNOWN)
    assert refused.status_code == 403
    for path in ("sjabloon.csv", "1/kolommen/", "1/geweigerd.csv", "waarde/1/intrekken/"):
        assert client.get(f"{HERE}{path}").status_code == 403


def test_staged_delivery_is_not_shown_to_who_may_not_import(
    remembered: None, anouk: User, raadslid: User, signed_in: SignIn
) -> None:
    address = upload(signed_in(anouk), KNOWN).redirect_chain[-1][0]
    assert signed_in(raadslid).get(address).status_code == 403
