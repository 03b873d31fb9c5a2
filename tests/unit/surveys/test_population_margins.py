"""Counts of the population from pages of the register in their real shape, offered as margins of a wave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from koersvast.access.models import Municipality, User
from koersvast.connectors.statline import Slice
from koersvast.indicators.changes import retrievals
from koersvast.indicators.changes.retrievals import PracticeFigures, ask_population, population_slice, retrieve
from koersvast.indicators.models import Delivery, Retrieval, Source
from koersvast.indicators.queries.national import newest_of, register_store
from koersvast.registers.population import AgeGroup, population_margin
from koersvast.surveys import changes
from koersvast.surveys.codebook import Answer, Entry, Role
from koersvast.surveys.models import CodebookEntry, Wave
from koersvast.surveys.queries.population import age_group, proposed_margin
from tests import cast
from tests.unit.registers.test_population import municipality as service

pytestmark = pytest.mark.django_db
CODE = "GM9001"
SEX = {1: "Man", 2: "Vrouw"}
AGES = {1: "18 tot en met 34 jaar", 2: "35-49", 3: "50 tot 65 jaar", 4: "65 jaar en ouder"}


@pytest.fixture
def place(dalfsen: Municipality, settings: Any, tmp_path: Path) -> Municipality:
    """Dalfsen under the code of the invented municipality of the pages."""
    settings.REGISTERS = tmp_path / "registers"
    Municipality.objects.filter(pk=dalfsen.pk).update(code=CODE)
    dalfsen.refresh_from_db()
    return dalfsen


@pytest.fixture
def wave(place: Municipality, survey: Source) -> Wave:
    """A wave of 2023 with sex, ages and a background that the registers do not know."""
    survey.municipality = place
    made = changes.open_wave(survey, period="2023", by=cast.OPERATOR, age_from=18)
    for at, (code, answers) in enumerate({"sekse": SEX, "leeftijd": AGES, "opleiding": {1: "Laag", 2: "Hoog"}}.items()):
        entry = Entry(
            code=code, variables=(code,), role=Role.BACKGROUND, text_nl=code,
            answers=tuple(Answer(code=number, text_nl=text) for number, text in answers.items()),
        )  # fmt: skip
        CodebookEntry.objects.create(
            wave=made, code=code, position=at, role="background", content=entry.as_dict(),
            confirmed_at=timezone.now(), confirmed_by="Anouk",
        )  # fmt: skip
    return made


@pytest.fixture
def fetch(place: Municipality, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Retrieval]:
    """Do a retrieval with the invented pages for an answer."""

    def done(asked: Retrieval, **pages: Any) -> Retrieval:
        wanted = Slice(**{name: tuple(values) for name, values in asked.slice.items()})

        def captured(*_: object) -> object:
            return service(**pages).capture(register_store().snapshots, tmp_path / "journal.jsonl", wanted=wanted)

        monkeypatch.setattr(retrievals, "_capture", captured)
        return retrieve(asked)

    return done


def test_population_is_asked_of_one_municipality_and_year_by_sex_and_age(place: Municipality, anouk: User) -> None:
    asked = ask_population(place, 2023, by=anouk)
    assert (asked.table, asked.state) == ("03759ned", "queued")
    assert (asked.slice["areas"], asked.slice["years"]) == ((CODE,), (2023,))
    assert not {"Geslacht", "Leeftijd"} & set(asked.slice["totals"])
    assert ask_population(place, 2023, by=anouk) == asked


def test_population_is_not_fetched_in_the_demo_nor_by_who_may_not(
    place: Municipality, anouk: User, raadslid: User, settings: Any
) -> None:
    with pytest.raises(PermissionDenied):
        ask_population(place, 2023, by=raadslid)
    settings.DEMO = True
    with pytest.raises(PracticeFigures):
        ask_population(place, 2023, by=anouk)


def test_fetched_population_is_offered_with_table_vintage_and_day(
    wave: Wave, place: Municipality, anouk: User, fetch: Callable[..., Retrieval]
) -> None:
    done = fetch(ask_population(place, 2023, by=anouk, queued=False))
    assert (done.state, done.problems) == ("done", [])
    found = proposed_margin(wave, "leeftijd*sekse")
    groups = (
        AgeGroup(first=18, last=34),
        AgeGroup(first=35, last=49),
        AgeGroup(first=50, last=64),
        AgeGroup(first=65),
    )
    truth = population_margin(register_store(), CODE, 2023, by="sex_age", groups=groups).counts
    assert found.people["1*2"] == truth["woman", "18-34"]
    assert found.people["4*1"] == truth["man", "65+"]
    assert len(found.people) == 8
    assert (found.table, found.vintage, found.as_of.isoformat()) == ("03759ned", done.vintage, "2023-01-01")
    # What is offered is what can be given.
    rows = changes.give_margins(
        wave, code="leeftijd*sekse", people=found.people, source_text="CBS", as_of=found.as_of, by=anouk,
        table=found.table, vintage=found.vintage,
    )  # fmt: skip
    assert sum(row.people for row in rows) == sum(proposed_margin(wave, "sekse").people.values())


def test_population_of_one_municipality_brings_no_delivery_and_is_no_version_of_the_table(
    place: Municipality, anouk: User, fetch: Callable[..., Retrieval], survey: Source
) -> None:
    fetch(ask_population(place, 2023, by=anouk, queued=False))
    assert not Delivery.objects.exists()
    assert register_store().latest("03759ned") is not None
    assert newest_of("03759ned") is None


def test_parts_are_found_where_the_same_totals_were_fetched_before(
    wave: Wave, place: Municipality, anouk: User, tmp_path: Path, fetch: Callable[..., Retrieval]
) -> None:
    asked = population_slice(CODE, 2023)
    totals = Slice(areas=asked.areas, years=asked.years, totals=("Geslacht", "Leeftijd", *asked.totals))
    pages = service(only_totals=True).capture(register_store().snapshots, tmp_path / "first.jsonl", wanted=totals)
    first = register_store().load(pages, on=timezone.localdate())
    assert [why.code for why in proposed_margin(wave, "leeftijd").reasons] == ["parts_not_fetched"]
    done = fetch(ask_population(place, 2023, by=anouk, queued=False))
    assert (done.state, done.vintage) == ("done", first.number + 1)
    assert proposed_margin(wave, "leeftijd").is_known


def test_background_that_the_registers_do_not_know_says_so(wave: Wave) -> None:
    for code in ("opleiding", "sekse*opleiding"):
        found = proposed_margin(wave, code)
        assert (found.people, [why.code for why in found.reasons]) == ({}, ["background_not_in_registers"])


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("18 tot en met 34 jaar", AgeGroup(first=18, last=34)),
        ("18 t/m 34", AgeGroup(first=18, last=34)),
        ("15 tot 25 jaar", AgeGroup(first=15, last=24)),
        ("65 jaar of ouder", AgeGroup(first=65)),
        ("75+", AgeGroup(first=75)),
        ("34 tot 18 jaar", None),
        ("jong", None),
    ],
)
def test_ages_are_read_from_the_words_of_a_group(text: str, group: AgeGroup | None) -> None:
    assert age_group(text) == group
