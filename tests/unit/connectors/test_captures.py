"""Captures: whole or not there, gone on with after a crash, and read back years later."""

import fcntl
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from koersvast.connectors.captures import Capture, Progress, capture_files, load_capture
from koersvast.connectors.journals import Journal, Page
from koersvast.connectors.pages import Walk
from koersvast.connectors.problems import FetchProblem, problem
from koersvast.connectors.snapshot import DamagedSnapshot, NoSuchSnapshot, SnapshotStore
from koersvast.connectors.statline import Slice
from tests.unit.connectors.fault_client import QUICK, TERMS, V3, Place, fetcher_to
from tests.unit.connectors.faults import Ask, Door, Fault, FaultServer, Reply, Upstream, honest

ROOT = Path(__file__).parents[3]
DOORS = list(Door)
SOME = Upstream(page_rows=25)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as serving:
        yield serving
        serving.shutdown()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def captured(server: FaultServer, place: Place, upstream: Upstream, fault: Fault = honest) -> Capture:
    server.reset(upstream, fault)
    with fetcher_to(server) as fetcher:
        return place.capture(upstream.door, fetcher)


def contents(capture: Capture) -> list[tuple[str, str, str]]:
    return [(part.role, part.url, part.sha256) for part in capture.parts]


def pages_asked(server: FaultServer) -> list[str]:
    return [ask.target for ask in server.asks if ask.is_page]


# --- what a capture is


@pytest.mark.parametrize("door", DOORS)
def test_capture_reads_back_as_it_was(door: Door, server: FaultServer, place: Place) -> None:
    capture = captured(server, place, Upstream(door=door))
    assert load_capture(place.snapshots, capture.sha256) == capture
    assert (capture.licence, capture.holder) == (TERMS["licence"], TERMS["holder"])
    assert capture.started_at <= capture.finished_at
    assert all(place.snapshots.note(part.sha256).size_bytes == part.size_bytes for part in capture.parts)
    assert not place.journal.exists()
    if door is not Door.FEATURES:
        assert capture.modified is not None
        assert (capture.modified.year, capture.modified.month, capture.modified.day) == (2025, 4, 15)


def test_parts_are_in_order_whoever_answers_first(server: FaultServer, place: Place) -> None:
    place.wanted = Slice(years=(2021, 2023))
    first = captured(server, place, SOME)
    chance = random.Random(7)  # noqa: S311 shuffles answers, guards nothing

    def late(_: Ask, reply: Reply) -> Reply:
        time.sleep(chance.random() / 100)
        return reply

    for _ in range(3):
        assert contents(captured(server, place, SOME, late)) == contents(first)


def test_slice_is_asked_and_kept(server: FaultServer, place: Place) -> None:
    place.wanted = Slice(areas=("GM9901", "WK9901"), kinds=("1.1.1", "1.4.5"), years=(2022, 2024))
    capture = captured(server, place, Upstream())
    rows = [row for part in capture.of_role("page") for row in json.loads(place.snapshots.read(part.sha256))["value"]]
    assert {row["SoortMisdrijf"].strip() for row in rows} == {"1.1.1", "1.4.5"}
    assert {row["WijkenEnBuurten"].strip() for row in rows} == {"GM9901", "WK990101"}
    assert {row["Perioden"] for row in rows} == {"2022JJ00", "2024JJ00"}
    assert len(rows) == 8
    assert load_capture(place.snapshots, capture.sha256).slice == place.wanted


def test_progress_is_told_in_the_thread_that_asks(server: FaultServer, place: Place) -> None:
    told_in: set[int] = set()
    place.progress = _Telling(told_in)
    captured(server, place, SOME)
    assert told_in == {threading.get_ident()}
    assert [one.text_code for one in (place.progress[0], *place.progress[-2:])] == ["metadata", "checking", "done"]
    pages = [one for one in place.progress if one.text_code == "pages"]
    assert [one.done for one in pages] == list(range(1, len(pages) + 1))
    assert [one.bytes for one in pages] == sorted(one.bytes for one in pages)
    assert place.progress[-1].total == len(pages)


class _Telling(list[Progress]):
    """A list that notes in which threads it is added to."""

    def __init__(self, told_in: set[int]) -> None:
        super().__init__()
        self._told_in = told_in

    def append(self, item: Progress) -> None:
        self._told_in.add(threading.get_ident())
        super().append(item)


# --- going on


@pytest.mark.parametrize(("door", "on_page"), [(Door.V3_JSON, 6), (Door.V4, 4), (Door.FEATURES, 2)])
def test_killed_process_is_gone_on_with_and_no_page_is_fetched_twice(
    door: Door, on_page: int, server: FaultServer, tmp_path: Path
) -> None:
    whole, place = Place(tmp_path / "whole"), Place(tmp_path / "killed")
    upstream = replace(SOME, door=door)
    good = captured(server, whole, upstream)
    running: list[subprocess.Popen[bytes]] = []
    started = threading.Event()

    def kill(ask: Ask, reply: Reply) -> Reply:
        if ask.is_page and len(pages_asked(server)) == on_page:
            started.wait(20)
            os.kill(running[0].pid, signal.SIGKILL)
        return reply

    server.reset(upstream, kill)
    child = [sys.executable, "-m", "tests.unit.connectors.capturing_child", str(server.port), str(place.folder), door]
    with subprocess.Popen(child, cwd=ROOT) as process:
        running.append(process)
        started.set()
        assert process.wait(60) == -signal.SIGKILL
    assert place.manifests() == []
    before = pages_asked(server)[:-1]
    again = captured(server, place, upstream)
    assert contents(again) == contents(good)
    kept_before_the_kill = (
        len(contents(good))
        - len(set(pages_asked(server)))
        - len([part for part in good.parts if part.role not in {"page", "features"}])
    )
    assert kept_before_the_kill >= len(before) - QUICK.parallel
    assert len(place.manifests()) == 1


def test_journal_cut_off_anywhere_leads_to_the_same_capture(server: FaultServer, place: Place) -> None:
    good = captured(server, place, SOME)
    journal = stopped(server, place, SOME, on_page=7)
    chance = random.Random(11)  # noqa: S311 picks places to cut
    first_line = journal.index(b"\n") + 1
    cuts = [0, 1, first_line - 1, first_line, len(journal) - 1, *chance.sample(range(first_line, len(journal)), 12)]
    for cut in cuts:
        place.journal.write_bytes(journal[:cut])
        assert contents(captured(server, place, SOME)) == contents(good)
        whole_lines = max(journal[:cut].count(b"\n") - 1, 0)
        assert len(pages_asked(server)) == len(good.of_role("page")) - whole_lines


def stopped(server: FaultServer, place: Place, upstream: Upstream, *, on_page: int) -> bytes:
    """Let a capture fail on a page and return the journal that is left."""

    def stop(ask: Ask, reply: Reply) -> Reply:
        return Reply(status=404, body=b"{}") if ask.is_page and len(pages_asked(server)) >= on_page else reply

    with pytest.raises(FetchProblem):
        captured(server, place, upstream, stop)
    return place.journal.read_bytes()


def test_lines_that_are_no_pages_end_a_journal(server: FaultServer, place: Place) -> None:
    good = captured(server, place, SOME)
    lines = stopped(server, place, SOME, on_page=5).splitlines(keepends=True)
    for rubbish in (b"\x00\xff\n", b"{}\n", b'{"url": 1}\n', b"[]\n", b"null\n", b'"page"\n'):
        place.journal.write_bytes(b"".join([*lines[:3], rubbish, *lines[3:]]))
        assert contents(captured(server, place, SOME)) == contents(good)
        assert len(pages_asked(server)) == len(good.of_role("page")) - 2


def test_journal_of_another_question_or_edition_counts_for_nothing(server: FaultServer, place: Place) -> None:
    journal = stopped(server, place, SOME, on_page=5)
    pages = len(captured(server, place, SOME).of_role("page"))
    for change in ("modified", "slice", "periods"):
        place.journal.write_bytes(journal)
        place.wanted = Slice(years=(2023, 2024)) if change == "slice" else Slice()
        upstream = replace(SOME, modified="2025-05-01T02:00:00") if change == "modified" else SOME
        if change == "periods":
            upstream = replace(SOME, periods=dict.fromkeys(SOME.periods, "Voorlopig"))
        capture = captured(server, place, upstream)
        assert len(pages_asked(server)) == len(capture.of_role("page"))
        assert change == "slice" or len(pages_asked(server)) == pages


def test_page_that_is_gone_or_harmed_since_is_fetched_again(server: FaultServer, place: Place) -> None:
    good = captured(server, place, SOME)
    journal = stopped(server, place, SOME, on_page=5)
    digests = [json.loads(line)["sha256"] for line in journal.splitlines()[1:]]
    gone, harmed = (place.snapshots.directory / d[:2] / f"{d[2:]}.bytes" for d in digests[:2])
    gone.unlink()
    harmed.write_bytes(b'{"value":[]}')
    assert contents(captured(server, place, SOME)) == contents(good)
    assert len(pages_asked(server)) == len(good.of_role("page")) - len(digests) + 2
    assert all(place.snapshots.read(part.sha256) for part in good.parts)


def test_contradiction_is_not_met_again_at_the_next_attempt(server: FaultServer, place: Place) -> None:
    def same_again(ask: Ask, reply: Reply) -> Reply:
        if ask.is_page and ask.query.get("$skip") == "50":
            return server.upstream.answer(replace(ask, query={**ask.query, "$skip": "25"}))
        return reply

    with pytest.raises(FetchProblem) as refused:
        captured(server, place, SOME, same_again)
    assert refused.value.problem.name == "page_repeated"
    assert not place.journal.exists()
    assert captured(server, place, SOME).of_role("page")


def test_pages_under_way_hear_that_they_are_not_wanted_and_are_written_down(tmp_path: Path) -> None:
    begun = threading.Event()

    def fetch_page(url: str, is_wanted: Callable[[], bool]) -> Page:
        if url == "refused":
            begun.wait(10)
            raise FetchProblem(problem("no_rows", table="x"))
        begun.set()
        while is_wanted():
            time.sleep(0.001)
        return Page(url=url, sha256="0" * 64, size_bytes=1, rows=1)

    with Journal(tmp_path / "journal", {}) as journal:
        walk = Walk(
            table="x", fetch_page=fetch_page, is_kept=lambda _: True, journal=journal, report=lambda _: None,
            parallel=2, most_pages=9,
        )  # fmt: skip
        with pytest.raises(FetchProblem):
            walk.visit(["slow", "refused"])
        assert list(journal.pages) == ["slow"]


def test_more_pages_than_there_can_be_are_refused(tmp_path: Path) -> None:
    def fetch_page(url: str, _: Callable[[], bool]) -> Page:
        number = int(url)
        return Page(url=url, sha256=f"{number:064d}", size_bytes=1, rows=1, next_url=str(number + 1))

    with Journal(tmp_path / "journal", {}) as journal:
        walk = Walk(
            table="x", fetch_page=fetch_page, is_kept=lambda _: True, journal=journal, report=lambda _: None,
            parallel=2, most_pages=20,
        )  # fmt: skip
        with pytest.raises(FetchProblem) as refused:
            walk.visit(["0"])
    assert (refused.value.problem.name, walk.done) == ("too_many_pages", 20)


def test_table_is_fetched_by_one_process_at_a_time(server: FaultServer, place: Place) -> None:
    with Journal(place.journal, {"about": "the other process"}), pytest.raises(FetchProblem) as refused:
        captured(server, place, SOME)
    assert refused.value.problem.name == "already_fetching"
    assert captured(server, place, SOME).parts


def test_journal_that_another_process_removed_at_the_last_moment_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock, locked = tmp_path / "journal", fcntl.flock, list[int]()

    def locked_too_late(file: int, how: int) -> None:
        if not locked:
            path.unlink()
        locked.append(file)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", locked_too_late)
    with Journal(path, {}) as journal:
        journal.note(Page(url="a", sha256="0" * 64, size_bytes=1, rows=1))
        with pytest.raises(FetchProblem), Journal(path, {}):
            pass
    assert len(locked) > 1
    assert path.read_bytes().count(b"\n") == 2


def test_journal_gives_back_what_was_noted(tmp_path: Path) -> None:
    page = Page(url="https://x/ü?a=1", sha256="0" * 64, size_bytes=5, rows=2, announced=7, next_url="https://x/2")
    about = {"table": "x", "slice": {"years": [2024]}}
    with Journal(tmp_path / "deep" / "journal", about) as journal:
        journal.note(page)
    with Journal(tmp_path / "deep" / "journal", about) as journal:
        assert journal.pages == {page.url: page}
    with Journal(tmp_path / "deep" / "journal", {"table": "y"}) as journal:
        assert journal.pages == {}


# --- files by hand, and reading back


FILES = [("b.csv", b"2;b\n"), ("a.csv", b"1;a\n")]
BY_HAND = TERMS | {"taken_from": "e-mail", "title": "Ongevallen", "table": "BRON"}
WHEN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_file_that_could_not_be_read_back_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("koersvast.connectors.captures.LARGEST_BYTES", 4)
    with pytest.raises(FetchProblem) as refused:
        capture_files([*FILES, ("c.csv", b"12345")], snapshots=place.snapshots, fetched_at=WHEN, **BY_HAND)
    assert refused.value.problem.name == "file_too_large"
    assert list(place.snapshots) == []


def test_files_given_by_hand_are_a_capture_in_the_order_of_their_names(place: Place) -> None:
    capture = capture_files(FILES, snapshots=place.snapshots, fetched_at=WHEN, **BY_HAND)
    assert [(part.role, part.url) for part in capture.parts] == [("file", "a.csv"), ("file", "b.csv")]
    assert place.snapshots.read(capture.parts[0].sha256) == b"1;a\n"
    assert (capture.address, capture.modified, capture.table) == (None, None, "BRON")
    assert load_capture(place.snapshots, capture.sha256) == capture
    again = capture_files(FILES[::-1], snapshots=place.snapshots, fetched_at=WHEN, **BY_HAND)
    assert again == capture


@pytest.mark.parametrize("files", [[], [("a.csv", b"")], [("a.csv", b"1"), ("b.csv", b"")]])
def test_no_file_or_an_empty_one_is_no_capture(files: list[tuple[str, bytes]], place: Place) -> None:
    with pytest.raises(FetchProblem) as refused:
        capture_files(files, snapshots=place.snapshots, fetched_at=WHEN, **BY_HAND)
    assert refused.value.problem.name == "no_rows"
    assert place.manifests() == []


def kept(store: SnapshotStore, data: bytes) -> str:
    return store.keep(
        data, taken_from="x", file_name="x", fetched_at=WHEN, licence="x", media_type="application/json"
    ).sha256


@pytest.mark.parametrize(
    "manifest", [b"", b"{", b"[]", b"null", b'{"version": 2}', b'{"version": 1}', b"\xff\xfe", b"[" * 100_000]
)
def test_manifest_that_is_none_is_a_damaged_capture(manifest: bytes, place: Place) -> None:
    with pytest.raises(FetchProblem) as refused:
        load_capture(place.snapshots, kept(place.snapshots, manifest))
    assert refused.value.problem.name == "damaged_capture"


def test_manifest_changed_in_any_field_is_damaged_or_another_capture(server: FaultServer, place: Place) -> None:
    capture = captured(server, place, Upstream())
    manifest = json.loads(place.snapshots.read(capture.sha256))
    values: list[Any] = [None, 5, "x", [], {}, [{"role": "page", "url": "", "sha256": "../x", "size_bytes": 1}]]
    for name in manifest:
        for value in values:
            digest = kept(place.snapshots, json.dumps(manifest | {name: value}).encode())
            assert outcome(place, digest) in {digest, "damaged_capture"}


def outcome(place: Place, digest: str) -> str:
    try:
        return load_capture(place.snapshots, digest).sha256
    except FetchProblem as refused:
        return refused.problem.name


def test_capture_of_which_a_part_is_gone_is_damaged(server: FaultServer, place: Place) -> None:
    capture = captured(server, place, Upstream())
    part = capture.of_role("page")[0].sha256
    (place.snapshots.directory / part[:2] / f"{part[2:]}.bytes").unlink()
    with pytest.raises(FetchProblem) as refused:
        load_capture(place.snapshots, capture.sha256)
    assert refused.value.problem.name == "damaged_capture"


def test_unknown_capture_is_no_snapshot(place: Place) -> None:
    with pytest.raises(NoSuchSnapshot):
        load_capture(place.snapshots, "a" * 64)


# --- large pages on disk


def large_page(rows: int = 4000) -> bytes:
    return json.dumps([{"ID": number, "SoortMisdrijf": "0.0.0 "} for number in range(rows)]).encode()


def test_large_page_lies_packed_under_the_digest_of_what_came(place: Place) -> None:
    data = large_page()
    digest = kept(place.snapshots, data)
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < len(data) / 5
    assert place.snapshots.read(digest) == data
    assert digest in place.snapshots
    assert list(place.snapshots) == [digest]
    assert kept(place.snapshots, data) == digest
    assert [path for path in place.folder.rglob("*") if path.is_file()] == files


def test_large_page_that_lay_there_unpacked_still_reads(place: Place) -> None:
    data = large_page()
    digest = kept(place.snapshots, data)
    packed = place.snapshots.directory / digest[:2] / f"{digest[2:]}.bytes.gz"
    packed.with_suffix("").write_bytes(data)
    packed.unlink()
    assert place.snapshots.read(digest) == data
    assert kept(place.snapshots, data) == digest
    assert not packed.exists()


def test_packed_page_that_is_harmed_is_noticed_and_mended(place: Place) -> None:
    data = large_page()
    digest = kept(place.snapshots, data)
    packed = place.snapshots.directory / digest[:2] / f"{digest[2:]}.bytes.gz"
    good = packed.read_bytes()
    bomb = gzip.compress(b" " * 5_000_000)
    for bad in (b"", good[:-1], good[:-9], good + b"x", b"x" * 100, good[:50] + b"\0" + good[51:], bomb):
        packed.write_bytes(bad)
        with pytest.raises(DamagedSnapshot):
            place.snapshots.read(digest)
        assert kept(place.snapshots, data) == digest
        assert place.snapshots.read(digest) == data


def test_address_of_a_table_is_kept_with_its_capture(server: FaultServer, place: Place) -> None:
    capture = captured(server, place, Upstream())
    assert capture.address == V3
    assert {part.url.split("/")[2] for part in capture.parts} == {V3.host}
