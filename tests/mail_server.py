"""A real mail server on this machine, that takes mail and refuses or breaks where it is told to."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from koersvast.connectors.posting import MailServer


class Postbox:
    """Takes mail, and refuses or breaks where it is told to."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.on_recipient, self.on_data = "250 OK", "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        if self.on_data == "drop":
            server.transport.abort()
        return self.on_data


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, MailServer]]:
    box = Postbox()
    controller = Controller(
        box, hostname="127.0.0.1", port=0, auth_require_tls=False,
        authenticator=lambda *given: AuthResult(success=given[-1].password == b"geheim"),
    )  # fmt: skip
    # The controller asks its own port whether it answers before it knows which one it got: take a free one first.
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    yield box, MailServer(host="127.0.0.1", port=controller.port, tls="none")
    controller.stop()
