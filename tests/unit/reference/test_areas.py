"""Areas by edition: who was there when, who belongs to what, and what a list of a new year does."""

from datetime import date
from pathlib import Path

import pytest

from koersvast.reference import changes, queries
from koersvast.reference.borders import Reason
from koersvast.reference.editions import EditionRow, OutOfOrder
from koersvast.reference.models import Area, AreaList, BorderChange, Borders, Membership
from koersvast.reference.sizes import size_class

# Published by CBS for 1 January of each year.
MUNICIPALITIES = {
    2009: 441,
    2010: 431,
    2011: 418,
    2012: 415,
    2013: 408,
    2014: 403,
    2015: 393,
    2016: 390,
    2017: 388,
    2018: 380,
    2019: 355,
    2020: 355,
    2021: 352,
    2022: 345,
    2023: 342,
    2024: 342,
    2025: 342,
    2026: 342,
}


def buurt(code: str, name: str = "", *, flag: int | None = None, outline: str = "") -> EditionRow:
    wijk = "WK" + code[2:8]
    return EditionRow(code=code, name=name or code, kind="buurt", parent_code=wijk, flag=flag, outline=outline)


@pytest.fixture(scope="module")
def held_reference(held_rows: None) -> None:
    changes.load_reference()


@pytest.fixture
def loaded(held_reference: None, db: None) -> None:
    """All areas and border changes that come with the product."""


def test_municipalities_of_each_year_are_as_many_as_cbs_counted(loaded: None) -> None:
    assert {year: queries.municipalities(year).count() for year in MUNICIPALITIES} == MUNICIPALITIES
    assert {one.year: one.areas for one in AreaList.objects.filter(kind="municipality")} == MUNICIPALITIES


def test_reference_loaded_again_leaves_every_row_as_it_was(loaded: None) -> None:
    models = (Area, AreaList, BorderChange, Membership)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    changes.load_reference()
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_municipality_that_differs_from_the_file_is_corrected_in_its_place(loaded: None) -> None:
    area = Area.objects.get(code="GM0148")
    Area.objects.filter(pk=area.pk).update(name="Dalfsum", parent_code="PV20")
    changes.load_reference()
    area.refresh_from_db()
    assert (area.name, area.parent_code) == ("Dalfsen", "PV23")


def test_groups_of_a_municipality_run_from_the_country_to_its_team(loaded: None) -> None:
    groups = queries.groups_of("GM0148", year=2024)
    assert [group.name for group in groups] == [
        "Nederland",
        "Oost-Nederland",
        "Overijssel",
        "Oost-Nederland",
        "Vechtdal",
        "IJsselland",
    ]
    assert [group.kind for group in groups] == [
        "country",
        "landsdeel",
        "province",
        "police_unit",
        "basisteam",
        "safety_region",
    ]


def test_members_of_all_police_units_are_all_municipalities_once(loaded: None) -> None:
    units = [f"RE{number:02d}" for number in range(1, 11)]
    codes = [area.code for unit in units for area in queries.members(unit, year=2024)]
    assert sorted(codes) == sorted(queries.municipalities(2024).values_list("code", flat=True))


def test_members_of_a_unit_before_the_list_is_held_are_not_guessed(loaded: None) -> None:
    assert queries.members("RE02", year=2015) == ()


def test_members_of_a_safety_region_are_those_of_the_law(loaded: None) -> None:
    names = {area.name for area in queries.members("VR04", year=2024)}
    assert names == {
        "Dalfsen",
        "Deventer",
        "Hardenberg",
        "Kampen",
        "Olst-Wijhe",
        "Ommen",
        "Raalte",
        "Staphorst",
        "Steenwijkerland",
        "Zwartewaterland",
        "Zwolle",
    }


def test_province_has_its_municipalities_of_the_year(loaded: None) -> None:
    before = {area.name for area in queries.members("PV28", year=2018)}
    after = {area.name for area in queries.members("PV28", year=2019)}
    assert {"Leerdam", "Zederik"} <= before
    assert not {"Leerdam", "Zederik", "Vijfheerenlanden"} & after
    assert "Vijfheerenlanden" in {area.name for area in queries.members("PV26", year=2019)}


def test_every_border_change_tells_where_all_of_the_area_went(loaded: None) -> None:
    rows = list(BorderChange.objects.all())
    for row in rows:
        gifts = [one for one in rows if (one.on, one.from_code) == (row.on, row.from_code)]
        whole = [one for one in gifts if one.kind in {"merged", "renamed", "recoded"}]
        assert len(gifts) == 1 if whole else len(gifts) >= 2, f"{row.from_code} on {row.on}"


def test_every_border_change_begins_an_edition_and_ends_what_is_gone(loaded: None) -> None:
    for row in BorderChange.objects.all():
        year = row.on.year if (row.on.month, row.on.day) == (1, 1) else row.on.year + 1
        assert Area.objects.filter(code=row.into_code, valid_from=year).exists(), row.into_code
        assert Area.objects.filter(code=row.from_code, valid_until=year - 1).exists(), row.from_code


@pytest.mark.parametrize(
    ("code", "on"),
    [
        ("GM0014", 2019),  # Groningen: Haren and Ten Boer
        ("GM0363", 2023),  # Amsterdam: Weesp, on 24 March 2022
        ("GM0796", 2015),  # 's-Hertogenbosch: a part of Maasdonk
        ("GM0575", 2019),  # Noordwijk: Noordwijkerhout
        ("GM0394", 2019),  # Haarlemmermeer: Haarlemmerliede en Spaarnwoude
    ],
)
def test_municipality_that_kept_code_and_name_is_not_taken_for_the_same(loaded: None, code: str, on: int) -> None:
    assert queries.compare_borders(code, on, 2024).same
    judgement = queries.compare_borders(code, on - 1, 2024)
    assert not judgement.same
    assert Reason.BORDERS_CHANGED in judgement.reasons


def test_count_of_the_new_groningen_is_divided_by_all_three_old_municipalities(loaded: None) -> None:
    inhabitants = {"GM0014": 200_000.0, "GM0017": 20_000.0, "GM0009": 7_000.0}
    found = queries.denominator_for("GM0014", counted_on=2024, inhabitants_on=2018, inhabitants=inhabitants)
    assert found.inhabitants == 227_000
    assert found.judgement.conversion is not None
    assert found.judgement.conversion.is_exact


def test_count_of_boxtel_over_inhabitants_before_haaren_was_split_is_refused(loaded: None) -> None:
    inhabitants = {"GM0757": 30_000.0, "GM0788": 14_000.0}
    found = queries.denominator_for("GM0757", counted_on=2024, inhabitants_on=2020, inhabitants=inhabitants)
    assert found.refused
    assert Reason.SPLIT_WITHOUT_SHARES in found.reasons


def test_municipality_that_is_gone_tells_where_it_went(loaded: None) -> None:
    judgement = queries.compare_borders("GM0241", 2015, 2024)  # Groesbeek, renamed to Berg en Dal in 2016
    assert judgement.refused
    assert judgement.reasons == (Reason.GONE,)
    assert judgement.into == ("GM1945",)


def test_renamed_municipality_has_the_same_borders_under_its_old_code(loaded: None) -> None:
    judgement = queries.compare_borders("GM1940", 2015, 2020)  # De Fryske Marren, De Friese Meren until July 2015
    assert judgement.same
    assert judgement.conversion is not None
    assert judgement.conversion.apply({"GM1921": 51_000}) == 51_000


def test_year_that_is_not_listed_is_no_proof_of_anything(loaded: None) -> None:
    assert queries.compare_borders("GM0148", 2005, 2024).reasons == (Reason.YEAR_NOT_LISTED,)


def test_unchanged_buurt_goes_on_in_its_edition(loaded: None) -> None:
    changes.load_edition([buurt("BU01480101", "Kern")], year=2023, source="KWB 2023", within="GM0148")
    changes.load_edition([buurt("BU01480101", "Centrum", flag=1)], year=2024, source="KWB 2024", within="GM0148")
    area = Area.objects.get(code="BU01480101")
    assert (area.name, area.valid_from, area.valid_until) == ("Centrum", 2023, None)
    assert queries.compare_borders("BU01480101", 2024, 2023).same


@pytest.mark.parametrize(("flag", "reason"), [(3, Reason.BORDERS_CHANGED), (None, Reason.NOT_SAID_WHETHER_CHANGED)])
def test_buurt_with_other_or_unknown_borders_begins_an_edition(loaded: None, flag: int | None, reason: Reason) -> None:
    changes.load_edition([buurt("BU01480101")], year=2023, source="KWB 2023", within="GM0148")
    changes.load_edition([buurt("BU01480101", flag=flag)], year=2024, source="KWB 2024", within="GM0148")
    years = list(Area.objects.filter(code="BU01480101").order_by("valid_from").values_list("valid_from", "valid_until"))
    assert years == [(2023, 2023), (2024, None)]
    judgement = queries.compare_borders("BU01480101", 2023, 2024)
    assert judgement.refused
    assert judgement.reasons == (reason,)


def test_buurt_with_the_same_outline_goes_on_though_nobody_flagged_it(loaded: None) -> None:
    changes.load_edition([buurt("BU01480101", outline="a" * 64)], year=2021, source="kaart 2021", within="GM0148")
    changes.load_edition([buurt("BU01480101", outline="a" * 64)], year=2024, source="kaart 2024", within="GM0148")
    assert queries.compare_borders("BU01480101", 2021, 2024).same


def test_buurt_that_vanished_ends_the_year_before(loaded: None) -> None:
    both = [buurt("BU01480101"), buurt("BU01480102")]
    changes.load_edition(both, year=2023, source="KWB 2023", within="GM0148")
    changes.load_edition([buurt("BU01480101", flag=1)], year=2024, source="KWB 2024", within="GM0148")
    assert Area.objects.get(code="BU01480102").valid_until == 2023
    assert queries.compare_borders("BU01480102", 2023, 2024).reasons == (Reason.GONE,)


def test_list_of_one_municipality_leaves_the_buurten_of_another_alone(loaded: None) -> None:
    changes.load_edition([buurt("BU01770001")], year=2023, source="KWB 2023", within="GM0177")
    changes.load_edition([buurt("BU01480101")], year=2024, source="KWB 2024", within="GM0148")
    assert Area.objects.get(code="BU01770001").valid_until is None


def test_edition_loaded_again_changes_nothing_and_an_older_one_is_refused(loaded: None) -> None:
    rows = [buurt("BU01480101")]
    changes.load_edition(rows, year=2024, source="KWB 2024", within="GM0148")
    changes.load_edition(rows, year=2024, source="KWB 2024", within="GM0148")
    assert Area.objects.filter(code="BU01480101").count() == 1
    with pytest.raises(OutOfOrder):
        changes.load_edition(rows, year=2023, source="KWB 2023", within="GM0148")


def test_buurten_of_a_municipality_are_found_through_its_wijken(loaded: None) -> None:
    wijk = EditionRow(code="WK014801", name="Dalfsen", kind="wijk", parent_code="GM0148")
    changes.load_edition([wijk], year=2024, source="KWB 2024", within="GM0148")
    changes.load_edition([buurt("BU01480101"), buurt("BU01480102")], year=2024, source="KWB 2024", within="GM0148")
    found = queries.areas_within("GM0148", kind="buurt", year=2024)
    assert [area.code for area in found] == ["BU01480101", "BU01480102"]
    assert [area.code for area in queries.areas_within("NL01", kind="wijk", year=2024)] == ["WK014801"]
    assert not queries.areas_within("GM0148", kind="buurt", year=2023).exists()
    assert queries.is_listed("buurt", year=2024, within="GM0148")
    assert not queries.is_listed("buurt", year=2024)


def test_borders_are_kept_by_hash_and_the_newest_is_found(loaded: None) -> None:
    def keep(capture: str, *, on: date, within: str = "") -> Borders:
        return changes.keep_borders(
            kind="buurt",
            year=2024,
            capture=capture,
            areas=36,
            source="CBS gebiedsindelingen 2024, via PDOK",
            licence="CC BY 4.0",
            taken_on=on,
            within=within,
        )

    first, second = keep("1" * 64, on=date(2024, 5, 1)), keep("2" * 64, on=date(2025, 5, 1))
    assert keep("1" * 64, on=date(2026, 1, 1)) == first
    assert queries.borders("buurt", 2024) == second
    own = keep("3" * 64, on=date(2024, 1, 1), within="GM0148")
    assert queries.borders("buurt", 2024, within="GM0148") == own
    assert queries.borders("buurt", 2023) is None


def test_teams_come_from_a_file_of_the_same_form(loaded: None, tmp_path: Path) -> None:
    file = tmp_path / "teams.toml"
    file.write_text(
        """
        [[team]]
        code = "BT-OEFEN"
        name = "Oefenteam"
        police_unit = "RE02"
        year_from = 2024
        members = ["GM0166", "GM0180"]
        source = "verzonnen"
        """,
        encoding="utf-8",
    )
    changes.load_teams(file)
    assert [area.name for area in queries.members("BT-OEFEN", year=2025)] == ["Kampen", "Staphorst"]
    assert queries.members("BT-OEFEN", year=2023) == ()


def test_size_class_of_a_municipality_at_the_edges() -> None:
    assert [size_class(n).code for n in (0, 4_999, 5_000, 29_000, 50_000, 249_999, 250_000, 930_000)] == [
        "1",
        "1",
        "2",
        "4",
        "5",
        "7",
        "8",
        "8",
    ]
    with pytest.raises(ValueError, match="-1"):
        size_class(-1)
