"""A file is there whole or not at all, under its own name only."""

import os
import stat
from pathlib import Path

import pytest

from koersvast.connectors.whole_files import write_whole


def test_file_replaces_the_one_before_and_is_for_all_to_read(tmp_path: Path) -> None:
    path = tmp_path / "plans" / "plan.toml"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.toml"
    write_whole(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_and_then_the_name_are_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "plan.toml", list[tuple[bool, bool]]()
    monkeypatch.setattr("os.fsync", lambda file: synced.append((stat.S_ISDIR(os.fstat(file).st_mode), path.exists())))
    write_whole(path, b"one")
    assert synced == [(False, False), (True, True)]
