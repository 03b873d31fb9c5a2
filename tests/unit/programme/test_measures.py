"""The library of known measures: complete, in two languages, each grade with its source."""

import tomllib

import pytest

from koersvast.programme.measures import MEASURES_FILE, BadMeasures, Evidence, library, read_library
from koersvast.programme.models import Action
from koersvast.reference import queries

ONE = MEASURES_FILE.read_text(encoding="utf-8").split("[[measure]]")[1]
HEAD = 'taxonomy = "kernbeleid-2021"\n[[measure]]'


def test_every_measure_is_read_and_there_are_about_fifty() -> None:
    assert len(library().measures) >= 50
    assert {one.evidence for one in library().measures} == set(Evidence)


def test_every_theme_of_a_measure_is_in_the_list_of_themes() -> None:
    path = MEASURES_FILE.parents[2] / "reference" / "data" / f"{library().taxonomy}.toml"
    known = {theme["code"] for field in tomllib.loads(path.read_text())["field"] for theme in field["theme"]}
    assert {theme for one in library().measures for theme in one.themes} <= known
    assert queries.safety_chain()


def test_links_of_the_chain_are_those_of_actions() -> None:
    assert {one.chain_link for one in library().measures} <= set(Action.ChainLink.values)


def test_a_field_stands_for_all_its_themes() -> None:
    traffic = library().about(["4"])
    assert {"snelheid-inrichting", "risicocommunicatie"} <= {one.code for one in traffic}
    assert all(any(theme.startswith("4.") for theme in one.themes) for one in traffic)


def test_text_is_given_in_the_language_that_was_asked() -> None:
    found = library().find("anti-pest")
    assert found is not None
    assert (found.said("title", language="nl"), found.said("title", language="en")) == (
        "Antipestprogramma op school", "Anti-bullying programme at school",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('evidence = "promising"', 'evidence = "proven"'),
        ('url = "https://doi.org/10.1111/j.1468-0297.2011.02429.x"', 'url = ""'),
        ('chain_link = "prevention"', 'chain_link = "preventie"'),
        ("title_en = ", "title_de = "),
    ],
)
def test_measure_that_cannot_be_right_is_refused(old: str, new: str) -> None:
    assert old in ONE
    with pytest.raises(BadMeasures):
        read_library(HEAD + ONE.replace(old, new))


def test_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(BadMeasures):
        read_library(HEAD + ONE + "[[measure]]" + ONE)


def test_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(BadMeasures):
        read_library("[[")
