"""The children: no network, no environment, an end."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from koersvast.publications.converters import ConversionFailed, convert, without_network


def test_child_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(ConversionFailed, match="did not finish"):
        convert("vega", b"", seconds=0)


def test_child_that_cannot_read_its_request_fails_with_its_own_words() -> None:
    with pytest.raises(ConversionFailed, match="JSON"):
        convert("vega", b"not a request")


def test_child_without_network_cannot_reach_a_server_on_this_machine() -> None:
    words = without_network()
    if not words:
        pytest.skip("this system does not allow a process without network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
        refused = subprocess.run([*words, sys.executable, "-c", code], capture_output=True, check=False)
    assert refused.returncode != 0


def test_child_sees_nothing_of_the_environment_and_starts_in_an_empty_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, object] = {}

    def spy(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(options, listed=list(Path(str(options["cwd"])).iterdir()))
        return subprocess.CompletedProcess(command, 0, stdout=b"done", stderr=b"")

    without_network()
    monkeypatch.setenv("SECRET_KEY", "not for children")
    monkeypatch.setattr(subprocess, "run", spy)
    assert convert("vega", b"{}") == b"done"
    assert set(seen["env"]) == {"LANG", "HOME", "TMPDIR"}  # type: ignore[call-overload]  # a mapping, seen as object
    assert seen["listed"] == []
