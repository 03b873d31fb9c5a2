"""A wave of invented answers, from its file to its estimates; written once a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from django.utils import timezone
from django_scopes import scope

from koersvast.access import changes as access
from koersvast.access.models import Municipality
from koersvast.connectors.microdata import SYNTHETIC, Microdata, Variable
from koersvast.connectors.survey_writing import write_sav
from koersvast.indicators.changes import load_reference, register_source
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.changes import computing
from koersvast.surveys.keeping import last_day
from koersvast.surveys.models import Computation, Wave
from tests import cast

KEEP_UNTIL = last_day(today=timezone.localdate()) - timedelta(days=1)
# A number that stands in no other place: where it turns up, an answer got out.
CANARY = 7_340_129_558.0
type Labels = dict[float | str, str]
SPEEDING = "Komt te hard rijden in uw buurt wel eens voor?"
NUISANCE: Labels = {1.0: "Veel overlast", 2.0: "Een beetje overlast", 3.0: "Geen overlast"}
AGREE: Labels = {1.0: "Helemaal mee eens", 2.0: "Mee eens", 3.0: "Niet mee eens en niet mee oneens", 4.0: "Mee oneens",
         5.0: "Helemaal mee oneens", 9.0: "Weet niet"}  # fmt: skip


def answers(*, seed: int = 1, rows: int = 600, speeding_text: str = SPEEDING) -> Microdata:
    """Return a small survey: two kernen, sex, a sample and a panel, nuisance in two steps, a mark and statements."""
    chance = np.random.default_rng(seed)

    def one_of(*shares: float) -> np.ndarray:
        return chance.choice(np.arange(1.0, len(shares) + 1), size=rows, p=shares)

    occurs = one_of(0.7, 0.3)
    bother = np.where(occurs == 1, one_of(0.3, 0.4, 0.3), np.nan)
    mark = np.clip(np.round(chance.normal(7, 1.4, rows)), 1, 10)
    columns: dict[str, tuple[str, Labels, np.ndarray]] = {
        "kern": ("In welke kern woont u?", {1.0: "Dalfsen", 2.0: "Nieuwleusen"}, one_of(0.6, 0.4)),
        "geslacht": ("Geslacht", {1.0: "Man", 2.0: "Vrouw"}, one_of(0.45, 0.55)),
        "herkomst": ("Herkomst van de respons", {1.0: "Steekproef", 2.0: "Burgerpanel"}, one_of(0.7, 0.3)),
        "hard": (speeding_text, {1.0: "Ja", 2.0: "Nee"}, occurs),
        "hard_mate": ("Hoeveel overlast heeft u daarvan?", NUISANCE, bother),
        "cijfer": ("Welk rapportcijfer geeft u de veiligheid?", {}, mark),
        "s_1": ("De mensen kennen elkaar hier nauwelijks", AGREE, one_of(0.1, 0.2, 0.2, 0.3, 0.2)),
        "s_2": ("Ik woon in een gezellige buurt", AGREE, one_of(0.3, 0.3, 0.2, 0.1, 0.1)),
        "s_3": ("Ik voel mij thuis bij de mensen in deze buurt", AGREE, one_of(0.3, 0.4, 0.1, 0.1, 0.1)),
        "merk": ("Kenmerk", {}, np.where(np.arange(rows) == 7, CANARY, chance.random(rows))),
    }  # fmt: skip
    return Microdata(
        variables=tuple(
            Variable(name=name, label=label, value_labels=labels) for name, (label, labels, _) in columns.items()
        ),
        table=pa.table([pa.array(values, from_pandas=True) for *_, values in columns.values()], names=list(columns)),
        kind_of_file="sav",
        file_label=f"{SYNTHETIC} proefbestand",
    )  # fmt: skip


def sav(microdata: Microdata, folder: Path) -> bytes:
    """Return the bytes of an SPSS file with these answers."""
    path = folder / "answers.sav"
    write_sav(microdata, path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def sav_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sav(answers(), tmp_path_factory.mktemp("survey"))


@pytest.fixture
def survey(dalfsen: Municipality) -> Iterator[Source]:
    """A survey of Dalfsen, within the scope of that municipality."""
    with scope(municipality=dalfsen):
        yield register_survey(dalfsen)


def register_survey(place: Municipality, *, code: str = "vm") -> Source:
    """Register the survey of a municipality."""
    return register_source(
        place, code=code, name_nl="Veiligheidsmonitor", name_en="Safety survey", label_nl="VM", label_en="VM",
        kind="survey", holder="Gemeente", by=cast.OPERATOR,
    )  # fmt: skip


def prepare_wave(source: Source, data: bytes, *, period: str = "2017") -> Wave:
    """Open a wave and bring it to where it can be computed: everything confirmed, pooled, raked to two margins."""
    by = cast.OPERATOR
    wave = changes.open_wave(
        source, period=period, by=by, is_synthetic=True, invited=1400, reached=1300, answered=600, age_from=18,
        population_nl="inwoners van 18 jaar en ouder", mode_nl="internet en papier",
    )  # fmt: skip
    changes.receive_file(wave, data=data, file_name="answers.sav", keep_until=KEEP_UNTIL, by=by)
    changes.confirm_sure_ones(wave, by=by)
    for row in wave.entries.filter(confirmed_at=None):
        changes.confirm_entry(row, by=by)
    for code, people in {"kern": {"1": 11_000.0, "2": 9_000.0}, "geslacht": {"1": 9_900.0, "2": 10_100.0}}.items():
        changes.give_margins(wave, code=code, people=people, source_text="verzonnen", as_of=date(2017, 1, 1), by=by)
    changes.choose_weighting(
        wave, by=by, frame="pooled", method="rake", margins=["kern", "geslacht"],
        statement="Samen genomen omdat het plan dat ook deed.",
    )  # fmt: skip
    changes.choose_catalogue(wave, by=by, backgrounds=["kern", "geslacht"])
    return wave


@dataclass(frozen=True)
class Done:
    municipality: Municipality
    wave: Wave
    computation: Computation


@pytest.fixture(scope="module")
def computed(held_rows: None, sav_bytes: bytes) -> Iterator[Done]:
    """A wave with its estimates, in the scope of its municipality, for every test of the module."""
    access.load_roles(by=cast.OPERATOR)
    load_reference(by=cast.OPERATOR)
    place = cast.municipality("Dalfsen")
    with scope(municipality=place):
        wave = prepare_wave(register_survey(place), sav_bytes)
        yield Done(place, wave, computing.compute_now(wave, by=cast.OPERATOR))
