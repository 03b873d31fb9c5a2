"""Borders: what may be set against what, on invented areas; and the laws that hold for any changes."""

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koersvast.reference.borders import (
    BorderBook,
    CannotConvert,
    Change,
    Conversion,
    Edition,
    Part,
    Reason,
    Relation,
)

YEARS = frozenset(range(2010, 2027))


def edition(code: str, first: int = 2000, last: int | None = None, *, begun_by: str = "") -> Edition:
    return Edition(code=code, kind="municipality", valid_from=first, valid_until=last, begun_by=begun_by)


def gave(
    giver: str, taker: str, relation: str = "merged", *, on: str = "2020-01-01", share: float | None = None
) -> Change:
    return Change(on=date.fromisoformat(on), from_code=giver, into_code=taker, relation=Relation(relation), share=share)


def book(editions: list[Edition], changes: list[Change]) -> BorderBook:
    return BorderBook(editions=tuple(editions), changes=tuple(changes), listed={"municipality": YEARS})


# Lindelo takes in Esmarke and keeps its code and its name.
MERGER = book(
    [edition("A", 2000, 2019), edition("A", 2020, begun_by="changed"), edition("B", 2000, 2019), edition("C")],
    [gave("A", "A"), gave("B", "A")],
)


def test_area_that_takes_in_another_is_the_sum_of_both() -> None:
    judgement = MERGER.compare("A", 2015, 2024)
    assert not judgement.same
    assert judgement.reasons == (Reason.BORDERS_CHANGED, Reason.SUM_OF_OLD_AREAS)
    assert judgement.conversion == Conversion(
        code="A", earlier=2015, later=2024, parts=(Part(code="A"), Part(code="B"))
    )
    assert judgement.changed_on == (date(2020, 1, 1),)


def test_area_without_changes_is_the_same() -> None:
    judgement = MERGER.compare("C", 2015, 2024)
    assert judgement.same
    assert judgement.reasons == (Reason.SAME_EDITION,)


def test_area_that_went_into_another_is_gone_and_says_where() -> None:
    judgement = MERGER.compare("B", 2015, 2024)
    assert judgement.refused
    assert (judgement.reasons, judgement.into) == ((Reason.GONE,), ("A",))


def test_unknown_code_and_unlisted_year_are_no_judgement() -> None:
    assert MERGER.compare("X", 2015, 2024).reasons == (Reason.NO_SUCH_AREA,)
    assert MERGER.compare("C", 1999, 2024).reasons == (Reason.YEAR_NOT_LISTED,)


def test_area_of_which_nobody_knows_the_origin_is_refused() -> None:
    new = book([edition("N", 2020)], [])
    assert new.compare("N", 2015, 2024).reasons == (Reason.NOT_YET_THERE,)


def test_change_within_a_year_counts_from_the_next_classification() -> None:
    later = book(
        [edition("A", 2000, 2022), edition("A", 2023, begun_by="changed"), edition("B", 2000, 2022)],
        [gave("A", "A", on="2022-03-24"), gave("B", "A", on="2022-03-24")],
    )
    assert later.compare("A", 2021, 2022).same
    assert not later.compare("A", 2022, 2023).same


def test_changes_one_after_another_are_followed_back() -> None:
    twice = book(
        [
            edition("A", 2000, 2014),
            edition("B", 2000, 2014),
            edition("C", 2000, 2019),
            edition("D", 2015, 2019),
            edition("E", 2020),
        ],
        [gave("A", "D", on="2015-01-01"), gave("B", "D", on="2015-01-01"), gave("D", "E"), gave("C", "E")],
    )
    conversion = twice.compare("E", 2012, 2024).conversion
    assert conversion is not None
    assert [part.code for part in conversion.parts] == ["A", "B", "C"]
    assert twice.compare("E", 2016, 2024).conversion == Conversion(
        code="E", earlier=2016, later=2024, parts=(Part(code="C"), Part(code="D"))
    )


def split(share: float | None, other: float | None = None) -> BorderBook:
    """S is divided between A and B, which keep their codes."""
    return book(
        [edition("S", 2000, 2019)]
        + [edition(code, 2000, 2019) for code in "AB"]
        + [edition(code, 2020, begun_by="changed") for code in "AB"],
        [gave("A", "A"), gave("B", "B"), gave("S", "A", "split", share=share), gave("S", "B", "split", share=other)],
    )


def test_split_without_shares_is_refused() -> None:
    judgement = split(None).compare("A", 2015, 2024)
    assert judgement.refused
    assert judgement.reasons == (Reason.BORDERS_CHANGED, Reason.SPLIT_WITHOUT_SHARES)


def test_split_with_shares_is_converted_and_called_an_estimate() -> None:
    judgement = split(0.25, 0.75).compare("A", 2015, 2024)
    assert judgement.reasons == (Reason.BORDERS_CHANGED, Reason.DIVIDED_BY_SHARES)
    assert judgement.conversion is not None
    assert not judgement.conversion.is_exact
    assert judgement.conversion.apply({"A": 100, "S": 40}) == 110


def test_share_that_is_missing_is_what_the_others_leave() -> None:
    judgement = split(0.25, None).compare("B", 2015, 2024)
    assert judgement.conversion is not None
    assert judgement.conversion.apply({"B": 100, "S": 40}) == 130


def test_part_that_is_missing_stops_the_sum() -> None:
    conversion = MERGER.compare("A", 2015, 2024).conversion
    assert conversion is not None
    with pytest.raises(CannotConvert, match="B"):
        conversion.apply({"A": 100})


def test_count_on_new_borders_is_divided_by_the_sum_of_the_old_ones() -> None:
    found = MERGER.denominator_for("A", counted_on=2024, inhabitants_on=2015, inhabitants={"A": 100, "B": 20})
    assert (found.inhabitants, found.refused) == (120, False)
    assert Reason.SUM_OF_OLD_AREAS in found.reasons


def test_count_on_new_borders_without_the_inhabitants_of_a_part_is_refused() -> None:
    found = MERGER.denominator_for("A", counted_on=2024, inhabitants_on=2015, inhabitants={"A": 100})
    assert found.refused
    assert Reason.PART_MISSING in found.reasons


def test_count_on_old_borders_is_never_divided_by_the_inhabitants_of_new_ones() -> None:
    found = MERGER.denominator_for("A", counted_on=2015, inhabitants_on=2024, inhabitants={"A": 120})
    assert found.refused
    assert Reason.COUNT_LIES_ON_OLDER_BORDERS in found.reasons


def test_count_on_the_same_borders_is_divided_by_its_own_inhabitants() -> None:
    found = MERGER.denominator_for("C", counted_on=2024, inhabitants_on=2015, inhabitants={"C": 50, "A": 1})
    assert found.inhabitants == 50
    assert MERGER.denominator_for("C", counted_on=2024, inhabitants_on=2015, inhabitants={}).refused


def test_renamed_area_is_divided_by_the_inhabitants_under_its_old_code() -> None:
    renamed = book([edition("A", 2000, 2019), edition("Z", 2020)], [gave("A", "Z", "renamed")])
    found = renamed.denominator_for("Z", counted_on=2024, inhabitants_on=2015, inhabitants={"A": 50})
    assert found.inhabitants == 50
    assert found.judgement.same
    back = renamed.denominator_for("Z", counted_on=2015, inhabitants_on=2024, inhabitants={"Z": 55})
    assert back.inhabitants == 55


# ── Laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def countries(draw: st.DrawFn) -> tuple[BorderBook, list[str], list[str]]:
    """A country of up to six areas in 2010 that goes through up to four days of changes, with all shares known."""
    codes = [f"O{number}" for number in range(draw(st.integers(1, 6)))]
    old, now, changes = list(codes), list(codes), []
    since, editions, fresh = dict.fromkeys(codes, 2000), [], 0
    for year in sorted(draw(st.sets(st.integers(2011, 2024), max_size=4))):
        on, touched, targets = f"{year}-01-01", set(), []
        givers = draw(st.lists(st.sampled_from(now), unique=True, min_size=1, max_size=len(now)))
        for giver in givers:
            shares = draw(st.sampled_from([(1.0,), (0.5, 0.5), (0.25, 0.75), (0.125, 0.375, 0.5)]))
            known_codes = st.sampled_from([*givers, f"N{fresh}", f"N{fresh + 1}", f"N{fresh + 2}"])
            takers = draw(st.lists(known_codes, unique=True, min_size=len(shares), max_size=len(shares)))
            relation = "merged" if len(takers) == 1 else "split"
            for taker, share in zip(takers, shares, strict=True):
                changes.append(gave(giver, taker, relation, on=on, share=share))
                targets.append(taker)
            touched.add(giver)
        fresh += 3
        editions += [edition(code, since[code], year - 1) for code in touched]
        now = sorted((set(now) - touched) | set(targets))
        since |= dict.fromkeys(targets, year)
    editions += [edition(code, since[code]) for code in now]
    return book(editions, changes), old, now


@settings(max_examples=80, deadline=None)
@given(countries(), st.data())
def test_conversion_of_all_areas_keeps_the_total(
    country: tuple[BorderBook, list[str], list[str]], data: st.DataObject
) -> None:
    known, old, now = country
    inhabitants = {code: float(data.draw(st.integers(0, 10**6))) for code in old}
    sums = []
    for code in now:
        found = known.denominator_for(code, counted_on=2026, inhabitants_on=2010, inhabitants=inhabitants)
        assert not found.refused
        sums.append(found.inhabitants or 0)
    assert math.isclose(math.fsum(sums), math.fsum(inhabitants.values()), abs_tol=1e-6)


@settings(max_examples=80, deadline=None)
@given(countries(), st.integers(2010, 2026), st.integers(2010, 2026))
def test_judgement_does_not_depend_on_the_order_of_the_years(
    country: tuple[BorderBook, list[str], list[str]], one: int, other: int
) -> None:
    known, old, now = country
    for code in {*old, *now}:
        assert known.compare(code, one, other) == known.compare(code, other, one)


@settings(max_examples=80, deadline=None)
@given(countries(), st.integers(2010, 2026))
def test_area_is_the_same_as_itself_in_one_year_and_never_converted(
    country: tuple[BorderBook, list[str], list[str]], year: int
) -> None:
    known, old, now = country
    for code in {*old, *now}:
        judgement = known.compare(code, year, year)
        assert judgement.same or judgement.reasons == (Reason.GONE,)
        assert judgement.conversion is None


@settings(max_examples=80, deadline=None)
@given(countries())
def test_share_of_an_old_area_over_all_new_ones_is_one(country: tuple[BorderBook, list[str], list[str]]) -> None:
    known, old, now = country
    given_away = dict.fromkeys(old, 0.0)
    for code in now:
        judgement = known.compare(code, 2010, 2026)
        parts = judgement.conversion.parts if judgement.conversion else (Part(code=code),)
        for part in parts:
            given_away[part.code] += part.share
    assert all(math.isclose(share, 1, abs_tol=1e-9) for share in given_away.values())
