"""Organisations under what they belong to: each once, whatever the lines above them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from koersvast.partners.queries.organisations import OrganisationLine, by_part

CODES = "abcdefgh"


def line(code: str, above: str) -> OrganisationLine:
    return OrganisationLine(
        code=code, name=code, short_name="", kind="unit", is_active=True, parent_code=above, parent_name=above, task="",
        contacts=0, tables=0, actions=0, agreements=0, ending_agreements=0, promised_to_us=0, promised_by_us=0,
        late_promises=0, last_heard_on=date(2026, 1, 1), is_silent=False, lacks_contact=False,
    )  # fmt: skip


@given(st.lists(st.integers(min_value=-2, max_value=7), max_size=8))
def test_everyone_stands_there_once_and_under_its_own(parents: list[int]) -> None:
    """-2 belongs to one that is not shown, -1 to nothing; circles are among them."""
    named = {-2: "gone", -1: ""} | dict(enumerate(CODES))
    above = {code: named[parent] for code, parent in zip(CODES, parents, strict=False)}
    ordered = by_part([line(code, parent) for code, parent in above.items()])
    assert sorted(one.code for _depth, one in ordered) == sorted(above)
    for place, (depth, one) in enumerate(ordered):
        before = [(d, earlier.code) for d, earlier in ordered[:place] if d == depth - 1]
        assert depth == 0 or before[-1][1] == one.parent_code


def test_parts_of_parts_stand_deeper() -> None:
    found = by_part([line("team", "afdeling"), line("afdeling", ""), line("ander", "archief")])
    assert [(depth, one.code) for depth, one in found] == [(0, "afdeling"), (1, "team"), (0, "ander")]
