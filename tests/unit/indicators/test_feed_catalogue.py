"""Walks the catalogue: every feed is a file that holds together, with a known table and texts in two languages."""

import re
import tomllib
from pathlib import Path

import pytest

from koersvast.engine.quantities import Unit
from koersvast.indicators import releases
from koersvast.indicators.feeds import DATA, FEEDS, LEVELS, SETS, SOURCES, BadFeed, Feed, feeds_of_table, load_feed
from koersvast.indicators.models import Break, Indicator, Source
from koersvast.reference.changes import DATA as REFERENCE
from koersvast.registers.tables import TABLES
from tests.conftest import ROOT

THEMES = {
    theme["code"]
    for field in tomllib.loads((REFERENCE / "kernbeleid.toml").read_text(encoding="utf-8"))["field"]
    for theme in field["theme"]
}
PAGE = (ROOT / "docs" / "reference" / "feeds.md").read_text(encoding="utf-8")
every_feed = pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.code)


@every_feed
def test_tables_are_known_and_hold_what_the_feed_takes(feed: Feed) -> None:
    table = TABLES[feed.table]
    assert set(feed.tables) <= set(TABLES)
    assert feed.measure in table.measure_of or table.other_measures_by_key
    assert not table.kinds or set(feed.kinds) <= set(table.kinds)
    assert set(feed.levels) <= set(LEVELS) & {level.value for level in table.levels}


@every_feed
def test_kinds_are_well_formed_and_stand_once(feed: Feed) -> None:
    assert all(re.fullmatch(r"[0-9A-Z]+(\.\d+)*", kind) for kind in feed.kinds)
    assert len(set(feed.kinds)) == len(feed.kinds)
    assert bool(feed.kinds) == bool(TABLES[feed.table].kind_titles)


@every_feed
def test_indicator_fits_the_register(feed: Feed) -> None:
    assert feed.theme in THEMES
    assert feed.perspective in Indicator.Perspective.values
    assert re.fullmatch(r"[a-z0-9-]{1,80}", feed.indicator)
    assert len(feed.external_code) <= 80
    assert feed.source in SOURCES


@every_feed
def test_every_text_is_there_in_both_languages(feed: Feed) -> None:
    for text in (feed.name, feed.text, feed.caution, feed.group, *(one.note for one in feed.breaks)):
        assert text.nl
        assert text.en
        assert text.nl != text.en or text is feed.name
    assert len(feed.caution.nl) > 40, "a caution says something"


@every_feed
def test_name_leaves_the_unit_to_the_sentence(feed: Feed) -> None:
    for name in (feed.name.nl, feed.name.en):
        assert name[0].isupper()
        assert not re.search(r"\bper \d|%|, tota+l", name), "a sentence adds the unit itself"


@every_feed
def test_breaks_fit_the_register_and_lie_within_the_table(feed: Feed) -> None:
    for one in feed.breaks:
        assert one.kind in Break.Kind.values
        assert 2000 < one.on.year < 2030
    days = [(one.on, one.kind) for one in feed.breaks]
    assert len(set(days)) == len(days)


@every_feed
def test_rate_has_a_population_and_a_count_below_it(feed: Feed) -> None:
    if feed.per_inhabitants:
        assert TABLES[feed.table].measure_of[feed.measure].unit is Unit.COUNT
        assert feed.population_table


@every_feed
def test_feed_stands_on_the_reference_page_as_the_file_has_it(feed: Feed) -> None:
    row = (
        f"| `{feed.code}` | {feed.name.nl} | {feed.external_code} | {', '.join(feed.levels)} | {', '.join(feed.sets)} |"
    )
    assert row in PAGE, f"the row should be: {row}"


def test_page_names_no_feed_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.partition("## Sets")[0], re.MULTILINE)) == set(FEEDS)


def test_feeds_of_one_table_have_one_source() -> None:
    sources = {table: {feed.source for feed in FEEDS.values() if feed.table == table} for table in TABLES}
    assert [table for table, found in sources.items() if len(found) > 1] == []


def test_indicator_is_fed_once() -> None:
    fed = [feed.indicator for feed in FEEDS.values()]
    assert len(set(fed)) == len(fed)


def test_ready_sets_hold_what_they_promise() -> None:
    members = {code: {feed.code for feed in FEEDS.values() if code in feed.sets} for code in SETS}
    kinds = {kind for code in members["misdaadmeter"] for kind in FEEDS[code].kinds}
    assert kinds == {"1.1.1", "1.1.2", "1.2.1", "1.2.2", "1.2.4", "1.4.4", "1.4.5", "1.4.6", "1.4.7", "2.2.1"}
    assert kinds == set(TABLES["47018NED"].sum_of["ad_ten"].parts)
    assert len(members["bbv"]) == 4
    assert {feed.unit for feed in FEEDS.values() if "bbv" in feed.sets} == {Unit.PER_1000}
    assert all(members.values())
    assert {code for feed in FEEDS.values() for code in feed.sets} == set(SETS)


def test_violence_is_the_declared_sum_with_breaks_of_its_own() -> None:
    violence = FEEDS["geweldsdelicten"]
    assert violence.kinds == TABLES["47018NED"].sum_of["violence"].parts
    assert violence.is_sum
    assert violence.takes_breaks_of_table is False
    assert [one.on.isoformat() for one in violence.breaks] == ["2018-07-01"]


def test_total_takes_the_break_of_its_table() -> None:
    assert [one.on.isoformat() for one in FEEDS["misdrijven-totaal"].breaks] == ["2018-07-01"]
    assert FEEDS["woninginbraken"].breaks == ()


def test_every_fetched_table_has_a_rhythm() -> None:
    fetched = {table for feed in FEEDS.values() for table in feed.tables if TABLES[table].address}
    assert [table for table in sorted(fetched) if releases.rhythm_of(table) is None] == []


def test_sources_fit_the_register() -> None:
    assert {one.kind for one in SOURCES.values()} <= set(Source.Kind.values)
    assert {feed.source for feed in FEEDS.values()} == set(SOURCES)
    assert all(len(one.label.nl) <= 40 and len(one.label.en) <= 40 for one in SOURCES.values())


def test_table_finds_its_feeds() -> None:
    found = feeds_of_table("70072ned", ["woninginbraken", "vm-sociale-cohesie", "unknown"])
    assert [feed.code for feed in found] == ["woninginbraken"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("sets = ", "stes = ", "sets"),
        ("caution_en = ", "caution_fr = ", "caution"),
        ('unit = "count"', 'unit = "pieces"', "pieces"),
        ('code = "47018NED"', 'code = "47018NED"\nmesure = "x"', "mesure"),
        ("name_en = ", "# name_en = ", "name"),
    ],
)
def test_file_with_a_slip_is_refused_by_name(old: str, new: str, why: str, tmp_path: Path) -> None:
    text = (DATA / "feeds" / "woninginbraken.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "slip.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFeed, match=f"slip.toml.*{why}"):
        load_feed(path)
