"""The sealed store: what was sealed opens whole, in its own place, with its own key, or not at all."""

import stat
import tracemalloc
from pathlib import Path

import pytest

from koersvast.connectors.sealed import Destroyed, SealBroken, SealedStore

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CANARY = b"respondent-canary-7351"
MIB = 1024 * 1024


@pytest.fixture
def store(tmp_path: Path) -> SealedStore:
    return SealedStore(tmp_path / "microdata", KEY)


def file_of(tmp_path: Path, name: str) -> Path:
    return tmp_path / "microdata" / f"{name}.sealed"


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_what_was_sealed_opens_the_same(store: SealedStore, size: int) -> None:
    data = (CANARY * (size // len(CANARY) + 1))[:size]
    assert store.open(store.seal(data, context="wave 1"), context="wave 1") == data


def test_sealed_file_shows_nothing_and_is_for_its_owner_only(store: SealedStore, tmp_path: Path) -> None:
    first, second = (store.seal(CANARY * 100, context="canary-context") for _ in range(2))
    assert first != second
    assert store.names() == tuple(sorted([first, second]))
    written = [path.read_bytes() for path in (tmp_path / "microdata").iterdir()]
    assert len(written) == 2
    assert not any(CANARY in each or b"canary-context" in each or KEY in each for each in written)
    assert written[0][200:] != written[1][200:]
    assert stat.S_IMODE(file_of(tmp_path, first).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "microdata").stat().st_mode) == 0o700


def test_file_for_another_wave_or_under_another_name_does_not_open(store: SealedStore, tmp_path: Path) -> None:
    first, second = store.seal(CANARY, context="wave 1"), store.seal(CANARY, context="wave 2")
    with pytest.raises(SealBroken):
        store.open(first, context="wave 2")
    file_of(tmp_path, second).write_bytes(file_of(tmp_path, first).read_bytes())
    with pytest.raises(SealBroken):
        store.open(second, context="wave 1")


def test_every_changed_byte_is_seen(store: SealedStore, tmp_path: Path) -> None:
    name = store.seal(CANARY * 3, context="wave")
    path = file_of(tmp_path, name)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SealBroken) as refused:
            store.open(name, context="wave")
        assert CANARY.decode() not in repr(refused.value)
    for cut in (0, 5, 75, 80, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(SealBroken):
            store.open(name, context="wave")
    path.write_bytes(whole + b"\0")
    with pytest.raises(SealBroken):
        store.open(name, context="wave")


def test_chunks_in_another_order_do_not_open(store: SealedStore, tmp_path: Path) -> None:
    name = store.seal(bytes(2 * MIB), context="wave")
    path = file_of(tmp_path, name)
    whole = path.read_bytes()
    body = len(whole) - 2 * (MIB + 16)
    first, second = whole[body : body + MIB + 16], whole[body + MIB + 16 :]
    path.write_bytes(whole[:body] + second + first)
    with pytest.raises(SealBroken):
        store.open(name, context="wave")


def test_destroyed_file_is_gone_and_an_old_copy_without_its_head_opens_for_nobody(
    store: SealedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.seal(CANARY, context="wave")
    path = file_of(tmp_path, name)
    with monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", lambda *_args, **_: None)  # the machine stops before the name is gone
        store.destroy(name)
    assert not any(path.read_bytes()[:76])
    with pytest.raises(Destroyed):
        store.open(name, context="wave")
    store.destroy(name)
    store.destroy(name)
    assert store.names() == ()
    with pytest.raises(Destroyed):
        store.open(name, context="wave")


@pytest.mark.parametrize("name", ["", "../microdata-key", "a" * 32 + "/../x", "A" * 32, "0" * 31])
def test_name_that_the_store_never_gave_is_no_path(store: SealedStore, name: str) -> None:
    for act in (lambda: store.open(name, context=""), lambda: store.destroy(name), lambda: store.rewrap(name)):
        with pytest.raises(Destroyed):
            act()


def test_master_key_is_changed_without_a_day_on_which_nothing_opens(store: SealedStore, tmp_path: Path) -> None:
    name = store.seal(CANARY, context="wave")
    stranger = SealedStore(tmp_path / "microdata", OTHER)
    assert stranger.names_under_another_key() == (name,)
    with pytest.raises(SealBroken, match="another master key"):
        stranger.open(name, context="wave")
    between = SealedStore(tmp_path / "microdata", OTHER, earlier_keys=(KEY,))
    assert between.names_under_another_key() == ()
    assert between.open(name, context="wave") == CANARY
    between.rewrap(name)
    between.rewrap(name)
    assert stranger.open(name, context="wave") == CANARY
    assert store.names_under_another_key() == (name,)


def test_key_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SealedStore(tmp_path, b"short")


def test_sealing_and_opening_do_not_hold_the_data_twice(store: SealedStore) -> None:
    data = bytes(48 * MIB)
    tracemalloc.start()
    try:
        name = store.seal(data, context="wave")
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
        tracemalloc.reset_peak()
        opened = store.open(name, context="wave")
        assert tracemalloc.get_traced_memory()[1] < 72 * MIB
    finally:
        tracemalloc.stop()
    assert opened == data
