"""Browsers open connections beforehand and may never use them."""

import socket
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def test_connections_that_stay_silent_keep_no_reader_waiting(site: str) -> None:
    place = urlsplit(site)
    with ExitStack() as open_ones:
        for _ in range(6):
            open_ones.enter_context(socket.create_connection((place.hostname or "", place.port or 0)))
        with urllib.request.urlopen(f"{site}/health/", timeout=20) as answer:  # noqa: S310 our own server on loopback
            assert answer.status == 200
