"""The shared words come from dated files, load again without change, and editions map onto one another."""

from datetime import date

import pytest
from django.utils.translation import override

from koersvast.access.audit import Operator
from koersvast.access.models import AuditRecord
from koersvast.indicators import changes as indicator_changes
from koersvast.reference import changes, queries
from koersvast.reference.models import Area, Field, Theme, ThemeMapping

pytestmark = pytest.mark.django_db


def test_classic_edition_has_five_fields_and_22_themes() -> None:
    changes.load_reference()
    classic = queries.taxonomy("kernbeleid")
    assert classic is not None
    fields = list(classic.fields.all())
    assert [field.code for field in fields] == ["1", "2", "3", "4", "5"]
    assert [len(field.themes.all()) for field in fields] == [4, 5, 4, 4, 5]
    assert fields[3].themes.all()[0].name_nl == "Verkeersveiligheid"


def test_taxonomy_loaded_again_changes_no_row() -> None:
    changes.load_reference()
    rows = [Field.objects.count(), Theme.objects.count(), ThemeMapping.objects.count(), Area.objects.count()]
    keys = set(Theme.objects.values_list("pk", flat=True))
    changes.load_reference()
    assert [Field.objects.count(), Theme.objects.count(), ThemeMapping.objects.count(), Area.objects.count()] == rows
    assert set(Theme.objects.values_list("pk", flat=True)) == keys


def test_loading_is_one_named_change_of_the_floor_above(operator: Operator) -> None:
    before = AuditRecord.objects.count()
    indicator_changes.load_reference(by=operator)
    assert AuditRecord.objects.count() == before + 1


def test_every_theme_of_the_classic_edition_has_a_place_in_that_of_2021() -> None:
    classic, later = changes.load_reference()
    mapped = {link.earlier.code for link in queries.mapping(earlier=classic, later=later)}
    assert mapped == set(Theme.objects.filter(field__taxonomy=classic).values_list("code", flat=True))


def test_mapping_is_many_to_many() -> None:
    classic, later = changes.load_reference()
    social = [link for link in queries.mapping(earlier=classic, later=later) if link.earlier.code == "1.1"]
    assert [(link.later.code, link.relation) for link in social] == [("1.1", "same"), ("6.2", "overlap")]


def test_edition_of_a_day_is_the_one_that_held_then() -> None:
    changes.load_reference()
    on = {day: queries.taxonomy_on(day) for day in (date(2018, 1, 1), date(2023, 1, 1), date(2001, 1, 1))}
    assert [found.code if found else None for found in on.values()] == ["kernbeleid", "kernbeleid-2021", None]


def test_what_is_not_verified_is_said() -> None:
    for edition in changes.load_reference():
        assert "niet aan de bron getoetst" in edition.source or "Niet aan de bron getoetst" in edition.source
    assert queries.method_steps().is_reconstruction


def test_chain_lenses_and_steps_are_complete_in_both_languages() -> None:
    assert [link.code for link in queries.safety_chain()] == [
        "proactie", "preventie", "preparatie", "repressie", "nazorg",
    ]  # fmt: skip
    assert len(queries.lenses()) == 4
    assert [step.number for step in queries.method_steps().steps] == list(range(1, 13))
    with override("en"):
        assert queries.safety_chain()[0].name == "Proaction"
    with override("nl"):
        assert queries.safety_chain()[0].name == "Proactie"


def test_area_of_a_year_has_the_borders_of_that_year() -> None:
    changes.load_reference()
    dalfsen = queries.area_of("GM0148", year=2017)
    assert dalfsen is not None
    assert (dalfsen.name, dalfsen.valid_from, dalfsen.parent_code) == ("Dalfsen", 2001, "PV23")
    assert queries.area_of("GM0148", year=1999) is None
    assert Area.objects.filter(kind="municipality", parent_code="PV23", valid_until=None).count() == 25
