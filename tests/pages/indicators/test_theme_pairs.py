"""Registered beside experienced: what each side says, and that who reports stands between them."""

from collections.abc import Callable
from itertools import product

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.engine.quantities import ChangeVerdict
from koersvast.indicators.queries import analysis
from koersvast.indicators.queries.themes import REPORTING, Reading, ThemePair, _reading, theme_pairs
from koersvast.reference.models import Area, Taxonomy
from koersvast.web.indicators.parts.themes import reading_sentence

BETTER, WORSE, SAME = ChangeVerdict.IMPROVED, ChangeVerdict.WORSENED, ChangeVerdict.NO_DEMONSTRABLE_CHANGE


def test_two_sides_that_move_apart_are_never_called_an_improvement() -> None:
    for registered, experienced in product((BETTER, WORSE, SAME, None, ChangeVerdict.NOT_COMPARABLE), repeat=2):
        reading = _reading(registered, experienced)
        assert (reading is Reading.BOTH_BETTER) == (registered is BETTER and experienced is BETTER)
        assert (reading is Reading.CANNOT_SAY) == (registered is None or experienced is None)


def test_every_reading_has_its_sentence_and_says_what_is_not_known_of_reporting() -> None:
    said = set()
    for reading in Reading:
        pair = ThemePair(code="1.1", name="Thema", objective=(), subjective=(), reporting=(), reading=reading)
        sentence = reading_sentence(pair)
        assert "aangifte doen, is niet gemeten" in sentence
        said.add(sentence)
    assert len(said) == len(Reading)


@pytest.mark.django_db
def test_pairs_of_the_demo_hold_both_sides_and_the_survey_of_victims(figures: Municipality) -> None:
    with scope(municipality=figures):
        found = analysis(
            figures,
            taxonomy=Taxonomy.objects.get(code="kernbeleid"),
            area=Area.objects.get(code="GM0148"),
            first_year=2013,
            last_year=2017,
            known_on=None,
        )
        field = found.field("1")
        assert field is not None
        pairs = theme_pairs(found, field)
    assert len(pairs) >= 2
    for pair in pairs:
        assert {row.perspective for row in pair.objective} == {"objective"}
        assert {row.perspective for row in pair.subjective} == {"subjective"}
        assert [row.code for row in pair.reporting] == ["geen-aangifte"]
        assert not {row.code for row in pair.subjective} & set(REPORTING)


@pytest.mark.django_db
def test_page_of_a_field_sets_them_beside_each_other(
    figures: Municipality, anouk: User, signed_in: Callable[[User], Client]
) -> None:
    page = signed_in(anouk).get("/dalfsen/veiligheidsbeeld/1/").content.decode()
    assert "Geregistreerd naast ervaren" in page
    assert "Wie aangifte doet" in page
