"""Page parts: badges, the hero's bar, steps, and every component on the style page."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import path, resolve
from django.utils.translation import override

import koersvast.web
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.engine.quantities import ChangeVerdict, EvidenceVerdict
from koersvast.web import components
from koersvast.web.components import Badge, Cell, Column, DataTable, Hero, Row, RowGroup, VerdictCount


def nowhere(request: HttpRequest, municipality: str) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("<slug:municipality>/", nowhere, name="standing"),
    path("<slug:municipality>/plan/", nowhere, name="plans"),
    path("<slug:municipality>/plan/toets/", nowhere, name="plan-check"),
    path("<slug:municipality>/plan/<slug:plan>/toets/", nowhere, name="plan-check"),
]


def visiting(address: str) -> HttpRequest:
    request = RequestFactory().get(address)
    town = Municipality(name="Dalfsen", slug="dalfsen")
    request.entry = SimpleNamespace(municipality=town, permissions=frozenset(Permission))  # type: ignore[attr-defined] # as the gate does
    return request


@pytest.mark.parametrize("verdict", list(EvidenceVerdict))
def test_evidence_badge_exists_for_every_verdict(verdict: EvidenceVerdict) -> None:
    assert str(components.evidence_badge(verdict).text)


@pytest.mark.parametrize("verdict", list(ChangeVerdict))
def test_change_badge_exists_for_every_verdict(verdict: ChangeVerdict) -> None:
    assert str(components.change_badge(verdict).text)


@pytest.mark.parametrize("badges", [components.EVIDENCE, components.CHANGE, components.ATTAINED, components.SEVERITY])
def test_badges_of_a_kind_differ_without_colour(badges: dict[object, Badge]) -> None:
    assert len({badge.symbol for badge in badges.values()}) == len(badges)
    assert len({str(badge.text) for badge in badges.values()}) == len(badges)


def test_hero_bar_is_as_wide_as_the_counts() -> None:
    counts = [VerdictCount(badge=components.EVIDENCE[EvidenceVerdict.ON_COURSE], number=number) for number in (1, 0, 3)]
    parts = Hero(kicker="", title="", sentence="", counts=counts).parts
    assert [(part.start, part.width) for part in parts] == [(0, 246), (250, 750)]


def test_hero_without_objectives_has_no_bar() -> None:
    assert Hero(kicker="", title="", sentence="", counts=[]).parts == []


def test_steps_name_what_is_done_and_what_is_coming() -> None:
    assert [step.state for step in components.steps(["a", "b", "c"], current=2)] == ["done", "current", "coming"]


def test_table_names_its_rows_columns_and_groups_for_screen_readers() -> None:
    table = DataTable(
        id="tabel",
        caption="Woninginbraken",
        columns=[Column(label="Indicator"), Column(label="2017", numeric=True)],
        groups=[
            RowGroup(label="Objectief", rows=[Row(head=Cell(text="Inbraken"), cells=[Cell(text="40", numeric=True)])])
        ],
    )
    html = render_to_string("web/components/table.html", {"table": table})
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 1
    assert html.count('scope="rowgroup"') == 1
    assert 'aria-labelledby="tabel-caption"' in html


def test_cell_without_a_figure_says_why() -> None:
    html = render_to_string("web/components/cell.html", {"cell": Cell(missing="niet gemeten")})
    assert "niet gemeten" in html


def test_sparkline_writes_numbers_that_browsers_read_in_dutch_too() -> None:
    picture = {"breaks": [12.5], "dots": [], "lines": [], "targets": []}
    with override("nl"):
        html = render_to_string("web/components/sparkline.html", {"sparkline": picture})
    assert 'x1="12.5"' in html


@pytest.mark.parametrize("code", ["400", "403", "404", "413", "500"])
def test_error_page_says_in_dutch_what_to_do(code: str) -> None:
    with override("nl"):
        html = render_to_string("web/components/error.html", {"code": code})
    assert f"Melding {code}" in html
    assert "Naar de startpagina" in html


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/dalfsen/", "Stand"),
        ("/dalfsen/plan/", "Beleidsplan"),
        ("/dalfsen/plan/2019/doelen/", "Beleidsplan"),
        ("/dalfsen/plan/toets/", "Plantoets"),
        ("/dalfsen/elders/", None),
    ],
)
def test_navigation_marks_the_part_that_the_page_belongs_to(address: str, label: str | None) -> None:
    context = components.shell(visiting(address))
    here = context["navigation_here"]
    with override("nl"):
        assert (str(here.label) if here else None) == label
        parts = {str(part.label): [str(page.label) for page in part.pages] for part in context["navigation"]}
        assert parts == {"Stand": ["Stand"], "Plan": ["Beleidsplan", "Plantoets"]}
        assert [part.current for part in context["navigation"]].count(True) == (label is not None)


@pytest.mark.urls(__name__)
def test_navigation_marks_the_part_that_has_the_name_of_the_page() -> None:
    request = visiting("/dalfsen/plan/2019/toets/")
    request.resolver_match = resolve(request.path)
    with override("nl"):
        assert str(components.shell(request)["navigation_here"].label) == "Plantoets"


def test_shell_without_a_municipality_has_no_navigation() -> None:
    context = components.shell(RequestFactory().get("/"))
    assert context["navigation"] == []
    assert context["theme_href"] == ""


TEMPLATES = sorted((Path(koersvast.web.__file__).parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_template_has_no_inline_style_handler_or_script(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\bsrc=)", source)
