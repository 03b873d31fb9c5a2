"""Handing one mail at a time to a mail server, knowing how far it came.

Whether a mail went out is only sure in two cases: the server refused it before it had the text, or the server took it.
Whatever breaks between those two may have been delivered, and must not be sent again.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TIMEOUT_SECONDS = 20.0
# Plain addresses only: what a server without SMTPUTF8 takes, and nothing that could begin another header.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")

type Tls = Literal["starttls", "ssl", "none"]


def is_address(text: str) -> bool:
    """Whether a text is one plain e-mail address and nothing more."""
    return ADDRESS.fullmatch(text) is not None


class Unreachable(Exception):
    """The server did not answer, was not who it should be, or did not let us in; nothing was sent."""


class Refused(Exception):
    """The server refused this mail before it had the text: surely not sent. `for_now` when a later try may work."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.for_now = 400 <= code < 500


class Unsure(Exception):
    """It broke after the text was on its way: perhaps delivered, perhaps not. Never send it again."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail is handed over. `tls`: `starttls` or `ssl`; `none` only for a server on this machine."""

    host: str
    port: int
    tls: Tls = "starttls"
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.tls})"

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Read smtp://user:password@host:587?tls=starttls; ValueError says what is wrong, never what stands there."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("has no host or port that can be read") from None
        options = dict(parse_qsl(parts.query))
        tls = options.pop("tls", "starttls")
        if parts.scheme != "smtp" or not host or parts.path.strip("/") or parts.fragment or options:
            raise ValueError("is not an address such as smtp://user:password@mail.example:587?tls=starttls")
        if tls not in {"starttls", "ssl", "none"}:
            raise ValueError("has a tls that is not starttls, ssl or none")
        if tls == "none" and host not in LOOPBACK:
            raise ValueError("has tls=none to another machine: mail holds links that let somebody in")
        chosen: Tls = "ssl" if tls == "ssl" else "none" if tls == "none" else "starttls"
        return cls(
            host=host, port=port or (465 if tls == "ssl" else 587), tls=chosen,
            user=unquote(parts.username or ""), password=unquote(parts.password or ""),
        )  # fmt: skip

    @contextmanager
    def open(
        self, *, timeout_seconds: float = TIMEOUT_SECONDS, trust: ssl.SSLContext | None = None
    ) -> Iterator["Line"]:
        """Open a connection for some mails; or raise `Unreachable`. `trust`: whose certificates."""
        try:
            server = self._connect(timeout_seconds, trust or ssl.create_default_context())
        except (OSError, smtplib.SMTPException) as failed:
            raise Unreachable(type(failed).__name__) from None
        try:
            yield Line(server)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connect(self, timeout_seconds: float, trust: ssl.SSLContext) -> smtplib.SMTP:
        if self.tls == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=timeout_seconds, context=trust)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=timeout_seconds)
        try:
            server.ehlo()
            if self.tls == "starttls":
                server.starttls(context=trust)
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


class Line:
    """An open connection to a mail server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> None:
        """Hand over one mail to one recipient; raise `Refused`, `Unreachable` (surely not sent) or `Unsure`."""
        if not (is_address(sender) and is_address(recipient)):
            raise Refused(553)
        content = message.as_bytes(policy=SMTP)
        try:
            self._may(*self._server.mail(sender))
            self._may(*self._server.rcpt(recipient))
        except (OSError, smtplib.SMTPException) as broken:
            raise Unreachable(type(broken).__name__) from None
        try:
            code, _ = self._server.data(content)
        except smtplib.SMTPDataError as refused:  # the server did not want the text yet: none of it was sent
            self._reset()
            raise Refused(refused.smtp_code) from None
        except (OSError, smtplib.SMTPException) as broken:
            raise Unsure(type(broken).__name__) from None
        if code != 250:
            self._reset()
            raise Unsure(str(code))

    def _may(self, code: int, _said: bytes) -> None:
        if code not in {250, 251}:
            self._reset()
            raise Refused(code)

    def _reset(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._server.rset()
