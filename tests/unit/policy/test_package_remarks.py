"""Packages hold what people arranged and said around the figures: feeds, differences, phases, national tables."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django_scopes import scope

from koersvast.access.audit import Operator
from koersvast.access.models import Municipality
from koersvast.indicators.changes import load_reference
from koersvast.indicators.changes.feeds import explain_difference, follow, unfollow
from koersvast.indicators.changes.phases import end_phase, rebase
from koersvast.indicators.models import ControlPhase, Delivery, Following, Indicator, Source, SourceDifference
from koersvast.policy import package_files
from koersvast.policy.changes.packages import PackageOutcome, files_of, import_package
from koersvast.policy.package_problems import PackageRefused
from koersvast.policy.package_wording import worded
from koersvast.policy.queries.packages import export_package
from tests import cast
from tests.conftest import ROOT
from tests.unit.policy.packaged import undone

DEMO = files_of(ROOT / "demo")
FEED = "woninginbraken"
INDICATOR = f'code = "{FEED}"'

FOLLOWED = f"""
[[followings]]
feed = "{FEED}"
takes_over = "by_itself"
since = 2025-02-01
followed_by = "user:7"
"""
LEFT = f"""
[[followings]]
feed = "{FEED}"
takes_over = "by_itself"
since = 2024-03-01
until = 2024-03-01
followed_by = "user:7"
"""
EXPLAINED = """
[[indicators.differences]]
source = "politie-47018ned"
other = "politie-dataset"
text = "De ene bron telt pogingen mee."
written_by = "user:7"
written_at = 2024-05-01T10:00:00Z
"""
PHASED = """
[[indicators.phases]]
area = "GM0148"
starts = "2023-05"
reason = "Een nieuwe aanpak."
set_at = 2024-05-01T10:00:00Z
"""
REPLACED = PHASED.replace("05-01T", "04-01T") + "ended_at = 2024-04-02T10:00:00Z\n"


@pytest.fixture
def words(db: None) -> None:
    """The themes and areas that come with the product."""
    load_reference(by=cast.OPERATOR)


def with_head(*parts: str) -> dict[str, bytes]:
    """The demo with more at the end of package.toml."""
    return DEMO | {"package.toml": DEMO["package.toml"] + "".join(parts).encode()}


def with_remarks(*parts: str) -> dict[str, bytes]:
    """The demo with remarks at its last indicator."""
    return DEMO | {"indicators.toml": DEMO["indicators.toml"] + "".join(parts).encode()}


def with_delivery(line: str) -> dict[str, bytes]:
    """The demo with another line at its last delivery."""
    return DEMO | {"deliveries.toml": DEMO["deliveries.toml"] + line.encode()}


def taken_in(files: dict[str, bytes], operator: Operator) -> tuple[PackageOutcome, Municipality]:
    return import_package(files, by=operator), Municipality.objects.get(code="GM0148")


def all_rows(municipality: Municipality) -> list[Any]:
    """What the rows say that only this part of a package holds, without what an installation numbers itself."""
    with scope(municipality=municipality):
        return [
            sorted(rows, key=str)
            for rows in (
                Following.objects.values_list("feed", "takes_over", "since", "until", "followed_by").distinct(),
                SourceDifference.objects.values_list("source__code", "other__code", "period", "text", "written_at"),
                ControlPhase.objects.values_list("area_code", "starts", "reason", "set_at", "ended_at"),
                Delivery.objects.values_list("identity", "table", "vintage", "withdrawn"),
            )
        ]


def used_for_a_while(operator: Operator) -> Municipality:
    """Dalfsen after people worked with it: feeds, an explanation, phases, and figures of a national table."""
    _, dalfsen = taken_in(DEMO, operator)
    anouk = cast.person("Anouk Veldkamp", "policy_officer", dalfsen)
    with scope(municipality=dalfsen):
        for _ in range(3):  # by mistake, twice: left and followed again on one day
            unfollow(dalfsen, feed=FEED, by=anouk)
            follow(dalfsen, feed=FEED, by=anouk)
        follow(dalfsen, feed="fietsdiefstal", by=operator, takes_over=Following.TakesOver.AFTER_CONFIRMATION)
        indicator = Indicator.objects.get(code=FEED)
        sources = {one.code: one for one in Source.objects.all()}
        for period, text in (("", "De ene bron telt pogingen mee."), ("2019", "Later aangevuld:\n12 aangiften.")):
            source, other = sources["politie-dataset"], sources["politie-47018ned"]
            explain_difference(indicator, source=source, other=other, text=text, by=anouk, period=period)
        end_phase(rebase(indicator, area_code="GM0148", starts="2023-05", reason="Te vroeg.", by=anouk), by=anouk)
        for starts in ("2023-05", "2024-01"):
            rebase(indicator, area_code="GM0148", starts=starts, reason="Een nieuwe aanpak.", by=anouk)
        Delivery.objects.create(
            municipality=dalfsen, source=sources["politie-47018ned"], file_name="47018NED 2024-03-01",
            snapshot="c" * 64, identity="d" * 64, as_of=date(2024, 3, 1), state=Delivery.State.STORED,
            received_at=datetime(2024, 3, 2, tzinfo=UTC), received_by="operator:tests",
            closed_at=datetime(2024, 3, 2, tzinfo=UTC), closed_by="operator:tests",
            withdrawn=4, table="47018NED", vintage=3,
        )  # fmt: skip
    return dalfsen


def test_municipality_in_use_goes_out_in_and_out_again_without_loss(
    words: None, roles: None, operator: Operator
) -> None:
    with undone():
        dalfsen = used_for_a_while(operator)
        before, out = all_rows(dalfsen), export_package(dalfsen)
    with undone():
        assert not Municipality.objects.exists()
        outcome, again = taken_in(out, operator)
        assert (all_rows(again), export_package(again)) == (before, out)
    assert {name: outcome.added[name] for name in ("following", "sourcedifference", "controlphase", "delivery")} == {
        "following": 2 + 1,  # two that stand; one that ended, said twice in the same words
        "sourcedifference": 2,
        "controlphase": 3,
        "delivery": 4,
    }


def test_remarks_taken_in_twice_add_and_change_nothing(words: None, operator: Operator) -> None:
    files = with_head(LEFT, FOLLOWED) | {
        "indicators.toml": with_remarks(EXPLAINED, PHASED, REPLACED)["indicators.toml"]
    }
    import_package(files, by=operator)
    again = import_package(files, by=operator)
    assert (dict(again.added), again.differences) == ({}, ())


def test_sources_of_a_difference_in_the_other_order_are_the_same_difference(words: None, operator: Operator) -> None:
    import_package(with_remarks(EXPLAINED), by=operator)
    turned = EXPLAINED.replace("other =", "x =").replace("source =", "other =").replace("x =", "source =")
    again = import_package(with_remarks(turned), by=operator)
    assert (dict(again.added), again.differences) == ({}, ())


def test_explanation_that_says_something_else_is_brought_in_line_and_listed(words: None, operator: Operator) -> None:
    import_package(with_remarks(EXPLAINED), by=operator)
    files = with_remarks(EXPLAINED.replace("telt pogingen mee", "telt later"))
    outcome, dalfsen = taken_in(files, operator)
    assert [(one.field, one.offered) for one in outcome.differences] == [("text", "De ene bron telt later.")]
    assert (
        export_package(dalfsen)["indicators.toml"] == package_files.write(package_files.read(files))["indicators.toml"]
    )


def test_feed_that_ended_in_the_package_ends_here(words: None, operator: Operator) -> None:
    import_package(with_head(FOLLOWED), by=operator)
    ended = with_head(FOLLOWED.replace("followed_by", "until = 2025-06-30\nfollowed_by"))
    outcome, dalfsen = taken_in(ended, operator)
    assert [(one.field, one.now, one.offered) for one in outcome.differences] == [("until", "", "2025-06-30")]
    with scope(municipality=dalfsen):
        assert Following.objects.get().until == date(2025, 6, 30)


def test_feed_that_ended_and_began_again_on_a_later_day_makes_room_first(words: None, operator: Operator) -> None:
    import_package(with_head(FOLLOWED), by=operator)
    ended = FOLLOWED.replace("followed_by", "until = 2025-06-30\nfollowed_by")
    outcome, dalfsen = taken_in(with_head(FOLLOWED.replace("02-01", "07-01"), ended), operator)
    assert outcome.added["following"] == 1
    with scope(municipality=dalfsen):
        assert [(row.since.month, row.until) for row in Following.objects.order_by("since")] == [
            (2, date(2025, 6, 30)),
            (7, None),
        ]


def test_feed_that_the_catalogue_dropped_stays_as_history(words: None, operator: Operator) -> None:
    files = with_head(LEFT.replace(FEED, "vervallen-reeks"))
    _, dalfsen = taken_in(files, operator)
    assert export_package(dalfsen)["package.toml"] == files["package.toml"]


TABLE, VINTAGE = 'table = "47018NED"\n', "vintage = 3\n"
TWICE = FOLLOWED.replace("2025-02-01", "2025-03-01")
REFUSED = [
    (with_head(FOLLOWED.replace(FEED, "onbekend")), "K33", "followings onbekend"),
    (with_head(FOLLOWED.replace(FEED, "bbv-winkeldiefstallen")), "K11", "followings bbv-winkeldiefstallen"),
    (with_head(FOLLOWED, TWICE), "K10", "followings"),
    (with_head(LEFT, LEFT), "K10", "followings"),
    (with_head(LEFT.replace("until = 2024-03-01", "until = 2024-02-29")), "K14", f"followings {FEED}"),
    (with_head(FOLLOWED.replace("by_itself", "soms")), "K03", "followings[1].takes_over"),
    (with_head(FOLLOWED.replace("02-01", "02-30")), "K02", ""),
    (with_remarks(EXPLAINED, EXPLAINED), "K10", "differences"),
    (with_remarks(EXPLAINED.replace("politie-dataset", "politie-47018ned")), "K10", "differences"),
    (with_remarks(EXPLAINED.replace("politie-dataset", "onbekend")), "K11", "differences"),
    (with_remarks(EXPLAINED.replace("text", 'period = "2019-Q5"\ntext')), "K03", "differences[1].period"),
    (with_remarks(EXPLAINED.replace("De ene bron telt pogingen mee.", "")), "K03", "differences[1].text"),
    (with_remarks(PHASED, PHASED.replace("05-01T", "05-02T")), "K10", "phases"),
    (with_remarks(REPLACED, REPLACED), "K10", "phases"),
    (with_remarks(PHASED.replace("2023-05", "2023")), "K03", "phases[1].starts"),
    (with_remarks(PHASED.replace("Een nieuwe aanpak.", "")), "K03", "phases[1].reason"),
    (with_delivery(TABLE), "K22", "deliveries 3"),
    (with_delivery(VINTAGE), "K22", "deliveries 3"),
    (with_delivery(TABLE + "vintage = 0\n"), "K03", "deliveries[3].vintage"),
]


@pytest.mark.parametrize(("files", "code", "place"), REFUSED)
def test_remark_that_does_not_fit_is_refused_with_code_and_place(
    words: None, operator: Operator, files: dict[str, bytes], code: str, place: str
) -> None:
    with pytest.raises(PackageRefused) as caught:
        import_package(files, by=operator)
    [problem] = caught.value.problems
    assert problem.code == code
    assert place in problem.place
    assert worded(problem).startswith(f"{code} {problem.file}")
    assert not Municipality.objects.exists()


def test_feed_in_another_unit_than_the_indicator_is_refused(words: None, operator: Operator) -> None:
    at = DEMO["indicators.toml"].index(INDICATOR.encode())
    counted_otherwise = DEMO["indicators.toml"][at:].replace(b'unit = "count"', b'unit = "euro"', 1)
    files = with_head(FOLLOWED) | {"indicators.toml": DEMO["indicators.toml"][:at] + counted_otherwise}
    with pytest.raises(PackageRefused) as caught:
        import_package(files, by=operator)
    [problem] = caught.value.problems
    assert (problem.code, problem.values["found"], problem.values["wanted"]) == ("K03", "euro", "count")


def test_every_way_in_which_a_margin_is_written_fits_the_schema() -> None:
    schema = json.loads((ROOT / "src/koersvast/policy/schemas/observation.schema.json").read_text(encoding="utf-8"))
    pattern = re.compile(schema["properties"]["standard_error"]["pattern"])
    for number in (0.00020067657053841512, 1.0512e-05, 123456789.12345678, 0.1, 3.0):
        assert pattern.search(repr(number)), number
