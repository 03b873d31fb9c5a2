"""The page with documents: what it offers to whom, the files it hands out, and what it says when one fails."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality, User
from koersvast.indicators import changes as indicator_changes
from koersvast.policy.changes import packages
from koersvast.publications import queries
from koersvast.publications.blocks import Document
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format
from tests.pages.conftest import TOKEN

pytestmark = pytest.mark.django_db
PAGE, FILE = "/dalfsen/documenten/", "/dalfsen/documenten/bestand/"

type SignIn = Callable[[User], Client]
type Towns = tuple[Municipality, Municipality]


@pytest.fixture
def dalfsen_demo(demo_files: dict[str, bytes], dalfsen: Municipality, operator: Operator) -> None:
    """The demo in one municipality."""
    indicator_changes.load_reference(by=operator)
    packages.import_package(demo_files, by=operator)


def choice(**changed: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"plan": "ivp-2019-2022", "known_on": today, "language": "nl", "file": "report.html"} | changed


def text_of(content: bytes) -> str:
    """The text of a file, also of a packed one."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return " ".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def test_page_offers_every_form(dalfsen_demo: None, anouk: User, signed_in: SignIn) -> None:
    page = signed_in(anouk).get(PAGE).content.decode()
    offered = {f"report.{form.value}" for form in Format} | {
        "verdicts.csv",
        "analysis.xlsx",
        "figures.ods",
        "package.zip",
    }
    assert [name for name in offered if f'value="{name}"' not in page] == []


@pytest.mark.parametrize("form", [Format.HTML, Format.ODT])
def test_report_comes_as_a_file_that_no_browser_opens_by_itself(
    dalfsen_demo: None, anouk: User, signed_in: SignIn, form: Format
) -> None:
    answer = signed_in(anouk).post(FILE, choice(file=f"report.{form.value}"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == MEDIA_TYPES[form]
    assert answer["Content-Disposition"].startswith('attachment; filename="veiligheidsrapport-dalfsen-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_files_of_one_town_have_nothing_of_the_other(
    two_towns: Towns, anouk: User, karim: User, signed_in: SignIn
) -> None:
    mine, his = signed_in(anouk), signed_in(karim)
    for name in ("report.html", "report.docx", "verdicts.csv", "analysis.xlsx", "analysis.csv", "package.zip"):
        ours = text_of(mine.post(FILE, choice(file=name)).content)
        theirs = text_of(his.post(FILE.replace("dalfsen", "raalte"), choice(file=name)).content)
        assert TOKEN["dalfsen"] in ours, name
        assert TOKEN["raalte"] not in ours, name
        assert TOKEN["raalte"] in theirs, name
        assert TOKEN["dalfsen"] not in theirs, name


def test_figures_go_to_the_address_of_the_figures_with_the_day(
    dalfsen_demo: None, anouk: User, signed_in: SignIn
) -> None:
    answer = signed_in(anouk).post(FILE, choice(file="figures.csv", known_on="2020-01-01"))
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/dalfsen/veiligheidsbeeld/cijfers.csv?known_on=2020-01-01",
    )


def test_day_to_come_is_refused_with_what_to_do(dalfsen_demo: None, anouk: User, signed_in: SignIn) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = signed_in(anouk).post(FILE, choice(known_on=tomorrow))
    assert answer.status_code == 422
    assert "Die dag moet nog komen" in answer.content.decode()


def test_file_that_is_not_on_the_shelves_is_not_found(dalfsen_demo: None, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    for name in ("report.exe", "secret.csv", "", "figures.exe", "analysis.pdf"):
        assert client.post(FILE, choice(file=name)).status_code == 404, name


def test_converter_that_fails_is_told_with_the_part_where_it_did(
    dalfsen_demo: None, anouk: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_document: Document) -> bytes:
        raise ConversionFailed("no more memory", block="Chart 3 'Woninginbraken'")

    monkeypatch.setattr(queries, "WRITERS", {**WRITERS, Format.PDF: fail})
    answer = signed_in(anouk).post(FILE, choice(file="report.pdf"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Het document kon niet worden gemaakt" in page
    assert "Chart 3 &#x27;Woninginbraken&#x27;" in page
    assert "no more memory" not in page


def test_council_member_makes_documents_but_takes_no_package(
    dalfsen_demo: None, raadslid: User, signed_in: SignIn
) -> None:
    client = signed_in(raadslid)
    assert 'value="package.zip"' not in client.get(PAGE).content.decode()
    assert client.post(FILE, choice(file="package.zip")).status_code == 403
    assert client.post(FILE, choice(file="verdicts.csv")).status_code == 200


def test_package_is_the_same_bytes_twice(dalfsen_demo: None, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    first, second = (client.post(FILE, choice(file="package.zip")).content for _time in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert "dalfsen/package.toml" in packed.namelist()


def test_english_report_is_english(dalfsen_demo: None, anouk: User, signed_in: SignIn) -> None:
    answer = signed_in(anouk).post(FILE, choice(language="en"))
    page = answer.content.decode()
    assert 'lang="en-GB"' in page
    assert "At a glance" in page
    assert "In één oogopslag" not in page
    assert answer["Content-Disposition"].startswith('attachment; filename="safety-report-dalfsen-')


def test_without_a_plan_the_page_says_so(dalfsen: Municipality, anouk: User, signed_in: SignIn) -> None:
    page = signed_in(anouk).get(PAGE).content.decode()
    assert "Er is nog geen plan" in page
    assert 'name="file"' not in page
