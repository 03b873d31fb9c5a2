"""Pasting a table in the browser's steps: without scripts, back and forth, and nothing stored unasked."""

import re

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import AuditRecord, Municipality, RowChange
from koersvast.partners.models import Organisation
from koersvast.programme.models import Action, BulkChange, StagedTable
from tests.pages.programme.page_forms import fields_of

pytestmark = pytest.mark.django_db
TABLE = (
    "Thema\tActie\tTrekker\tPartners\tWanneer\tKosten 2019\tStand\r\n"
    'Woninginbraken\t"Avonden over\ninbraak"\tPiet de Vries, SAAM Welzyn\tStichting Nieuw\t'
    "voorjaar 2019\t€ 2.500\tloopt\r\n"
    "\tBuurtpreventie op het erf\tStichting Nieuw\t\tdoorlopend\tgeen\tgepland\r\n"
    "Totaal\t\t\t\t\t€ 2.500\t\r\n"
)


@pytest.fixture
def base(town: Municipality) -> str:
    with scope(municipality=town):
        from_demo = Action.objects.select_related("programme").order_by("number")[0]
    return f"/{town.slug}/programma/{from_demo.programme.code}/plakken/"


def pasted(officer: Client, base: str, text: str = TABLE) -> str:
    response = officer.post(base, {"text": text})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def answered(officer: Client, page: str, *, choose: dict[str, str] | None = None) -> str:
    """Answer pages of questions until the preview: what is suggested, else the last choice."""
    for _page in range(30):
        if "/vragen/" not in page:
            return page
        shown = officer.get(page)
        if shown.status_code == 302:
            page = shown["Location"]
            continue
        html, given = shown.content.decode(), {"version": fields_of(shown.content)["version"][0]}
        for name, value, checked in re.findall(r'name="(q_[^"]+)" value="([^"]+)"( checked)?', html):
            if checked or name not in given:
                given[name] = value
            if value in (choose or {}).get(name.split("-")[0].removeprefix("q_"), ""):
                given[name] = value
        answer = officer.post(page, given)
        assert answer.status_code == 302, answer.content.decode()
        page = answer["Location"]
    raise AssertionError(page)


def test_table_is_pasted_asked_about_looked_at_and_taken_over(officer: Client, base: str, town: Municipality) -> None:
    with scope(municipality=town):
        before = Action.objects.count()
    page = pasted(officer, base)
    form = fields_of(officer.get(page).content)
    assert [form[f"column_{place}"][0] for place in range(7)] == [
        "objective", "title", "owner", "partners", "term", "cost", "status",
    ]  # fmt: skip
    page = officer.post(page, {name: values[0] for name, values in form.items()})["Location"]
    choices = {"organisation": "new_outside", "merged": "all", "split": "parts"}
    preview = answered(officer, page, choose=choices)
    html = officer.get(preview).content.decode()
    assert "Avonden over inbraak" in html
    assert "Totaal" in html
    with scope(municipality=town):
        assert Action.objects.count() == before
        staged = StagedTable.objects.get()
    done = officer.post(preview, {"take": "1", "version": staged.version})
    with scope(municipality=town):
        bulk = BulkChange.objects.filter(kind="paste").latest("pk")
        new = Action.objects.order_by("number").filter(number__in=[line["number"] for line in bulk.lines])
        assert done["Location"].endswith(f"/tegelijk/{bulk.pk}/")
        assert [one.title for one in new] == ["Avonden over inbraak", "Buurtpreventie op het erf"]
        assert Organisation.objects.filter(name="Stichting Nieuw").count() == 1
        assert not StagedTable.objects.exists()
    undone = officer.post(done["Location"])
    with scope(municipality=town):
        assert undone.status_code in {200, 302}
        assert not Action.objects.filter(title="Buurtpreventie op het erf").exists()


def test_names_in_cells_stay_out_of_the_audit(officer: Client, base: str) -> None:
    page = pasted(officer, base)
    officer.get(page)
    told = "".join(str(one.detail) for one in AuditRecord.objects.all())
    told += "".join(str(vars(one)) for one in RowChange.objects.filter(table_name="programme_stagedtable"))
    assert "Piet de Vries" not in told


def test_questions_cannot_be_walked_past(officer: Client, base: str, town: Municipality) -> None:
    page = pasted(officer, base)
    preview = page.removesuffix("kolommen/")
    assert officer.get(preview)["Location"] == page
    form = fields_of(officer.get(page).content)
    officer.post(page, {name: values[0] for name, values in form.items()})
    assert officer.get(preview)["Location"].endswith("/vragen/")
    assert officer.post(preview, {"take": "1"}).status_code == 302
    with scope(municipality=town):
        assert not Action.objects.filter(title__startswith="Avonden over").exists()


def test_question_without_an_answer_is_asked_again(officer: Client, base: str) -> None:
    page = pasted(officer, base)
    form = fields_of(officer.get(page).content)
    page = officer.post(page, {name: values[0] for name, values in form.items()})["Location"]
    refused = officer.post(page, {"version": "2"})
    assert refused.status_code == 422
    assert "Kies een antwoord." in refused.content.decode()


def test_other_window_is_told(officer: Client, base: str) -> None:
    page = pasted(officer, base)
    form = {name: values[0] for name, values in fields_of(officer.get(page).content).items()}
    officer.post(page, form)
    second = officer.post(page, form, follow=True)
    assert "ander venster" in second.content.decode()


def test_table_is_thrown_away(officer: Client, base: str, town: Municipality) -> None:
    page = pasted(officer, base).removesuffix("kolommen/")
    assert officer.post(page, {"discard": "1"})["Location"] == base
    with scope(municipality=town):
        assert not StagedTable.objects.exists()


@pytest.mark.parametrize("text", ["", "a\t" * 60 + "x", "x\ty\n" * 600])
def test_what_is_no_table_is_refused_with_what_to_do(officer: Client, base: str, text: str) -> None:
    refused = officer.post(base, {"text": text})
    assert refused.status_code == 422


def test_list_in_one_column_says_that_columns_may_be_lost(officer: Client, base: str) -> None:
    page = pasted(officer, base, "Actie\nFolders maken\nAvond houden")
    assert "Alles staat in één kolom" in officer.get(page).content.decode()
