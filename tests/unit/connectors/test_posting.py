"""A mail is sent, surely not sent, or perhaps sent; a real server on this machine says which."""

import socket
from contextlib import closing
from email.message import EmailMessage

import pytest

from koersvast.connectors.posting import MailServer, Refused, Unreachable, Unsure, is_address
from tests.mail_server import Postbox, postbox

__all__ = ["postbox"]
SENDER, RECIPIENT = "koersvast@example.nl", "iemand@partner.example"


def mail() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Uw acties deze week"
    message.set_content("Een regel met é.\n.\nEn een regel na de punt.\n")
    return message


def test_mail_arrives_whole_and_two_go_over_one_line(postbox: tuple[Postbox, MailServer]) -> None:
    box, server = postbox
    with server.open() as line:
        line.send(mail(), sender=SENDER, recipient=RECIPIENT)
        line.send(mail(), sender=SENDER, recipient=RECIPIENT)
    assert len(box.taken) == 2
    assert b"En een regel na de punt" in box.taken[0]


@pytest.mark.parametrize(("answer", "for_now"), [("550 no such person", False), ("451 try later", True)])
def test_refused_recipient_is_surely_not_sent_and_the_next_one_is(
    postbox: tuple[Postbox, MailServer], answer: str, for_now: bool
) -> None:
    box, server = postbox
    box.on_recipient = answer
    with server.open() as line:
        with pytest.raises(Refused) as refused:
            line.send(mail(), sender=SENDER, recipient=RECIPIENT)
        assert refused.value.for_now == for_now
        assert box.taken == []
        box.on_recipient = "250 OK"
        line.send(mail(), sender=SENDER, recipient=RECIPIENT)
    assert len(box.taken) == 1


@pytest.mark.parametrize("answer", ["drop", "451 not now", "550 looks like spam"])
def test_whatever_breaks_after_the_text_is_unsure(postbox: tuple[Postbox, MailServer], answer: str) -> None:
    box, server = postbox
    box.on_data = answer
    with server.open() as line, pytest.raises(Unsure):
        line.send(mail(), sender=SENDER, recipient=RECIPIENT)


def test_wrong_password_and_no_server_are_unreachable(postbox: tuple[Postbox, MailServer]) -> None:
    box, server = postbox
    wrong = MailServer(host=server.host, port=server.port, tls="none", user="koersvast", password="fout")  # noqa: S106
    with pytest.raises(Unreachable) as refused, wrong.open(timeout_seconds=0.5):
        pass
    assert "fout" not in str(refused.value) + repr(wrong)
    right = MailServer(host=server.host, port=server.port, tls="none", user="koersvast", password="geheim")  # noqa: S106
    with right.open() as line:
        line.send(mail(), sender=SENDER, recipient=RECIPIENT)
    assert len(box.taken) == 1


def test_server_without_tls_is_not_used_where_tls_is_asked(postbox: tuple[Postbox, MailServer]) -> None:
    box, server = postbox
    asks = MailServer(host=server.host, port=server.port, tls="starttls", user="koersvast", password="geheim")  # noqa: S106
    with pytest.raises(Unreachable), asks.open():
        pass
    assert box.taken == []


def test_server_that_hangs_is_left() -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes the connection, and says nothing
        server = MailServer(host="127.0.0.1", port=silent.getsockname()[1], tls="none")
        with pytest.raises(Unreachable), server.open(timeout_seconds=0.2):
            pass


@pytest.mark.parametrize(
    "text", ["", "geen", "a@b\r\nBcc: c@d.nl", "a@b.nl, c@d.nl", "A <a@b.nl>", "a b@c.nl", "é@b.nl", "a@b.nl\n"]
)
def test_what_is_no_plain_address_is_refused_before_anything_is_said(
    postbox: tuple[Postbox, MailServer], text: str
) -> None:
    box, server = postbox
    assert not is_address(text)
    with server.open() as line, pytest.raises(Refused):
        line.send(mail(), sender=SENDER, recipient=text)
    assert box.taken == []


def test_address_of_a_server_is_read_with_its_secrets() -> None:
    found = MailServer.from_url("smtp://k%40example:p%2Fw@mail.example?tls=ssl")
    assert (found.host, found.port, found.tls, found.user, found.password) == (
        "mail.example", 465, "ssl", "k@example", "p/w",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:25", "http://mail.example", "smtp://", "smtp://k:geheim@mail.example:poort",
        "smtp://k:geheim@mail.example?tls=none", "smtp://k:geheim@mail.example?tls=perhaps", "smtp://mail.example/x",
    ],
)  # fmt: skip
def test_address_that_is_unsafe_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is not|has)") as refused:
        MailServer.from_url(url)
    assert "geheim" not in str(refused.value)
