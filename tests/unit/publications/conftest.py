"""The fonts, the sample documents, and each of them written once in every format."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from koersvast.publications.blocks import Align, Column, Document, Row, RowGroup, Table
from koersvast.publications.theme import Theme
from koersvast.publications.writers import WRITERS, Format
from tests.unit.publications import samples

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "src/koersvast/web/static/built/fonts-ttf"
SYSTEM = Path("/usr/share/fonts/truetype/noto")
OBSERVATIONS = ROOT.parent / "shared/reference/dalfsen-2019/observations.csv"

type Written = Mapping[Format, bytes]


@pytest.fixture(scope="session")
def theme(tmp_path_factory: pytest.TempPathFactory) -> Theme:
    """The default theme, with the built fonts or else those of the system."""
    if BUILT.is_dir():
        return Theme(fonts=BUILT)
    faces = [SYSTEM / f"NotoSans-{weight}.ttf" for weight in ("Regular", "Bold", "Italic", "BoldItalic")]
    if not all(face.exists() for face in faces):
        pytest.skip("no Noto Sans: neither built nor installed")
    folder = tmp_path_factory.mktemp("fonts")
    for face in faces:
        shutil.copy(face, folder)
    return Theme(fonts=folder)


@pytest.fixture(scope="session")
def analysis() -> Table:
    """The plan's real table where the reference folder is present, an invented one of the same shape elsewhere."""
    if OBSERVATIONS.exists():
        return samples.analysis_table(OBSERVATIONS)
    years = [Column(label=year, align=Align.RIGHT, group="Verloop") for year in ("2014", "2015", "2016", "2017")]
    return Table(
        caption="Statistieken veilige woon- en leefomgeving",
        columns=(Column(label="Indicator"), Column(label="Bron"), *years),
        groups=(
            RowGroup("Sociale kwaliteit", (Row("Cohesie", ("VM", "", "", "", "7,0")),)),
            RowGroup("Objectieve veiligheid", (Row("Vernielingen", ("Politie", "1.087", "78", "73", "66")),)),
        ),
        source="verzonnen cijfers",
    )


@pytest.fixture(scope="session")
def report(theme: Theme, analysis: Table) -> Document:
    return samples.report(theme, analysis)


@pytest.fixture(scope="session")
def hostile(theme: Theme) -> Document:
    return samples.hostile(theme)


@pytest.fixture(scope="session")
def written(report: Document) -> Written:
    return {name: write(report) for name, write in WRITERS.items()}


@pytest.fixture(scope="session")
def written_hostile(hostile: Document) -> Written:
    return {name: write(hostile) for name, write in WRITERS.items()}
