"""The page with the numbers of CBS: seen before they are taken over, and plain words where there are none."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.changes.retrievals import population_slice
from koersvast.indicators.models import Retrieval
from koersvast.indicators.queries.national import register_store
from koersvast.surveys.codebook import Answer, Entry, Role
from koersvast.surveys.models import CodebookEntry, PopulationMargin, Wave
from tests.pages.surveys.computed import computed_wave
from tests.unit.registers.test_population import municipality as service

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def wave(dalfsen: Municipality, anouk: User, settings: Any, tmp_path: Path) -> Wave:
    """A wave of 2023 with sex as a background, in the municipality of the invented pages."""
    settings.REGISTERS = tmp_path / "registers"
    Municipality.objects.filter(pk=dalfsen.pk).update(code="GM9001")
    dalfsen.refresh_from_db()
    entry = Entry(
        code="sekse", variables=("s",), role=Role.BACKGROUND, text_nl="Geslacht",
        answers=(Answer(code=1, text_nl="Man"), Answer(code=2, text_nl="Vrouw")),
    )  # fmt: skip
    with scope(municipality=dalfsen):
        made, _done = computed_wave(dalfsen, anouk, period="2023")
        CodebookEntry.objects.create(
            wave=made, code="sekse", position=9, role="background", content=entry.as_dict(),
            confirmed_at=timezone.now(), confirmed_by="Anouk",
        )  # fmt: skip
    return made


def here(wave: Wave) -> str:
    return f"/dalfsen/enquetes/{wave.pk}/weging/bevolking/sekse/cbs/"


def test_numbers_are_shown_first_and_then_taken_over_with_table_and_vintage(
    wave: Wave, anouk: User, signed_in: SignIn, tmp_path: Path
) -> None:
    pages = service().capture(
        register_store().snapshots, tmp_path / "journal.jsonl", wanted=population_slice("GM9001", 2023)
    )
    vintage = register_store().load(pages, on=timezone.localdate())
    client = signed_in(anouk)
    page = said(client.get(here(wave)))
    assert "Neem over van het CBS (CBS, tabel 03759ned, stand 1 januari 2023)" in page
    with scope(municipality=wave.municipality):
        assert not PopulationMargin.objects.filter(wave=wave).exists()
        assert client.post(here(wave), {"action": "take-over"}).status_code == 302
        rows = list(PopulationMargin.objects.filter(wave=wave, code="sekse"))
    assert [(row.category, row.table, row.vintage) for row in rows] == [
        ("1", "03759ned", vintage.number),
        ("2", "03759ned", vintage.number),
    ]
    assert f"{round(rows[0].people):,}".replace(",", ".") in page


def test_what_was_not_fetched_says_so_and_can_be_fetched(wave: Wave, anouk: User, signed_in: SignIn) -> None:
    client = signed_in(anouk)
    page = said(client.get(here(wave)))
    assert "nog niet opgehaald bij het CBS" in page
    assert "Haal op bij het CBS" in page
    client.post(here(wave), {"action": "fetch"})
    assert Retrieval.objects.get().slice["areas"] == ["GM9001"]


def test_demo_fetches_nothing(wave: Wave, anouk: User, signed_in: SignIn, settings: Any) -> None:
    settings.DEMO = True
    answer = signed_in(anouk).post(here(wave), {"action": "fetch"}, follow=True)
    assert "In een demo wordt niets opgehaald" in said(answer)
    assert not Retrieval.objects.exists()


def test_council_does_not_see_the_page(wave: Wave, raadslid: User, signed_in: SignIn) -> None:
    assert signed_in(raadslid).get(here(wave)).status_code in {403, 404}
