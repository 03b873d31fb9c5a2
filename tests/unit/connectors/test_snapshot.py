"""The snapshot store: once, whole, checked, and never where a name points."""

import multiprocessing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from koersvast.connectors.snapshot import DamagedSnapshot, NoSuchSnapshot, SnapshotStore

NOTE: dict[str, Any] = {
    "taken_from": "https://data.politie.nl/47018NED",
    "file_name": "cijfers.csv",
    "fetched_at": datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
    "licence": "CC BY 4.0",
    "media_type": "text/csv",
}


def _keep(directory: Path) -> None:
    SnapshotStore(directory).keep(b"samen" * 10_000, **NOTE)


def test_bytes_come_back_with_their_note(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    kept = store.keep(b"a;b\n", **NOTE)
    assert store.read(kept.sha256) == b"a;b\n"
    assert store.note(kept.sha256) == kept
    assert (kept.size_bytes, kept.licence, kept.fetched_at) == (4, "CC BY 4.0", NOTE["fetched_at"])
    assert kept.sha256 in store
    assert list(store) == [kept.sha256]


def test_same_bytes_again_keep_the_first_note(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    first = store.keep(b"a", **NOTE)
    again = store.keep(b"a", **NOTE | {"file_name": "andere naam.csv"})
    assert again == first
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\0b", "..", "x" * 5000, "con:\\a"])
def test_name_is_never_part_of_a_path(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "store"
    kept = SnapshotStore(directory).keep(b"a", **NOTE | {"file_name": name})
    assert SnapshotStore(directory).note(kept.sha256).file_name == name
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize("digest", ["", "..", "../" * 10, "A" * 64, "a" * 63, "a" * 64 + "\n", "b" * 64])
def test_digest_that_is_none_or_unknown_is_no_snapshot(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NoSuchSnapshot):
        SnapshotStore(tmp_path).read(digest)


def test_changed_bytes_are_noticed_and_kept_anew_when_delivered_again(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    kept = store.keep(b"waarheid", **NOTE)
    path = next(tmp_path.rglob("*.bytes"))
    path.write_bytes(b"waarhei!")
    with pytest.raises(DamagedSnapshot):
        store.read(kept.sha256)
    store.keep(b"waarheid", **NOTE)
    assert store.read(kept.sha256) == b"waarheid"


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b'{"sha256": 1}'])
def test_damaged_note_is_noticed(tmp_path: Path, note: bytes) -> None:
    store = SnapshotStore(tmp_path)
    kept = store.keep(b"a", **NOTE)
    next(tmp_path.rglob("*.json")).write_bytes(note)
    with pytest.raises(DamagedSnapshot):
        store.note(kept.sha256)


def test_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    store = SnapshotStore(tmp_path)
    with pytest.raises(OSError, match="No space"):
        store.keep(b"a", **NOTE)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert list(store) == []


def test_moment_without_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        SnapshotStore(tmp_path).keep(b"a", **NOTE | {"fetched_at": datetime(2026, 11, 1)})  # noqa: DTZ001


def test_two_processes_at_once_store_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_keep, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = SnapshotStore(tmp_path)
    (digest,) = store
    assert store.read(digest) == b"samen" * 10_000
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize("data", [b"a", b"samen" * 20_000])
def test_what_is_kept_is_for_its_owner_only(tmp_path: Path, data: bytes) -> None:
    SnapshotStore(tmp_path).keep(data, **NOTE)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}
