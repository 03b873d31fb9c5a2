"""The theme of a municipality."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

import koersvast.web
from koersvast.access.models import Municipality
from koersvast.publications.palette import DEFAULT_COLOUR
from koersvast.web.themes import stylesheet, theme_css, theme_version

STATIC = Path(koersvast.web.__file__).parent / "static"


def test_theme_without_a_municipality_is_the_file_that_pages_load() -> None:
    assert (STATIC / "koersvast" / "thema.css").read_text() == theme_css(DEFAULT_COLOUR)


def test_theme_overrides_basis_tokens_only() -> None:
    names = re.findall(r"(--[\w-]+):", theme_css("#8a1538"))
    assert len(names) > 100
    assert all(name.startswith("--basis-") for name in names)


def test_theme_with_another_colour_has_another_version() -> None:
    assert theme_version("#8a1538") != theme_version("#8a1539")


@pytest.mark.django_db
def test_stylesheet_at_its_versioned_address_may_be_kept_for_a_year(dalfsen: Municipality) -> None:
    version = theme_version(dalfsen.house_colour)
    answer = stylesheet(RequestFactory().get("/", {"v": version}), slug=dalfsen.slug)
    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.django_db
def test_stylesheet_at_an_old_address_is_kept_for_minutes(dalfsen: Municipality) -> None:
    answer = stylesheet(RequestFactory().get("/", {"v": "old"}), slug=dalfsen.slug)
    assert "immutable" not in answer["Cache-Control"]
