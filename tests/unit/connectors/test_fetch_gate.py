"""The gate of the fetcher: which spellings of an address get through, and to which addresses a connection is made."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.connectors.gate import OPEN_DATA_HOSTS, Forbidden, Gate, is_public, look_up

PUBLIC, PUBLIC_V6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"
GOOD = "dataderden.cbs.nl"

# Loopback, inner networks and clouds' metadata, in every spelling that some program somewhere understands.
_INNER = """
127.0.0.1 127.0.0.1. 127.1 127.0.1 127.000.000.001 0177.0.0.1 0177.0.0.01 017700000001 0x7f.0.0.1 0x7f.0x0.0x0.0x1
0x7f000001 0x7F000001 2130706433 02130706433 127.0.0.1.nip.io 127.255.255.254 0 0.0.0.0 0x0 00000000000
localhost localhost. LOCALHOST LocalHost.localdomain localhost.localdomain. ip6-localhost loopback
10.0.0.1 10.1 012.0.0.1 0xa.0.0.1 0xa000001 167772161 172.16.0.1 172.31.255.255 0xac.0x10.0.1 2886729729
192.168.1.1 192.168.257 0300.0250.1.1 0xc0a80101 3232235777 169.254.169.254 169.254.43518 0251.0376.0251.0376
0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 2852039166 100.64.0.1 100.100.100.200 192.0.0.192 198.18.0.1 224.0.0.1 255.255.255.255
metadata.google.internal metadata instance-data. kubernetes.default.svc host.docker.internal router.lan db.intern
[::1] [0:0:0:0:0:0:0:1] [0000::0001] [::] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1]
[0:0:0:0:0:ffff:127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::1] [2002:7f00:1::]
[2002:7f00:1::1] [2002:a9fe:a9fe::] [2001:0:4136:e378:8000:63bf:3fff:fdd2] [fe80::1] [fe80::1%25eth0] [fe80::1%eth0]
[fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] [100::1] [::1]. [127.0.0.1] [::1%25lo] ::1 ::ffff:7f00:1
"""
# The name of an allowed host, dressed up: every one of them must be taken for what it is, or refused.
_DRESSED = (
    "dataderden.cbs.nl@127.0.0.1",
    "127.0.0.1@dataderden.cbs.nl",
    "dataderden.cbs.nl:443@127.0.0.1",
    "user:secret@dataderden.cbs.nl",
    "@dataderden.cbs.nl",
    ":@dataderden.cbs.nl",
    "dataderden.cbs.nl%40127.0.0.1",
    "dataderden.cbs.nl%2f@127.0.0.1",
    "dataderden.cbs.nl%00.evil.example",
    "dataderden.cbs.nl%2eevil.example",
    "dataderden%2ecbs%2enl",
    "%64ataderden.cbs.nl",
    "dataderden.cbs.nl%09",
    "dataderden.cbs.nl.evil.example",
    "evil-dataderden.cbs.nl",
    "evil.dataderden.cbs.nl",
    "cbs.nl",
    "dataderden.cbs.nl..",
    ".dataderden.cbs.nl",
    "dataderden..cbs.nl",
    "dataderden.cbs.nl\\@127.0.0.1",
    "127.0.0.1\\@dataderden.cbs.nl",
    "dataderden.cbs.nl\\.evil.example",
    "dataderden.cbs.nl\t",
    "data\tderden.cbs.nl",
    "dataderden.cbs.nl\n",
    "dataderden.cbs.nl\r\nHost: evil.example",
    "dataderden.cbs.nl ",
    " dataderden.cbs.nl",
    "dataderden.cbs.nl\0",
    "dataderden.cbs.nl\u00a0",
    "dataderden.cbs.nl\u200b",
    "dataderden.cbs.nl\u2028",
    "dataderden。cbs。nl",
    "dataderden．cbs．nl",
    "ｄataderden.cbs.nl",
    "dаtaderden.cbs.nl",
    "ⓓataderden.cbs.nl",
    "xn--dtaderden-q7g.cbs.nl",
    "dataderden.cbs.nl:80",
    "dataderden.cbs.nl:8443",
    "dataderden.cbs.nl:0443",
    "dataderden.cbs.nl:",
    "dataderden.cbs.nl:443:443",
    "dataderden.cbs.nl:+443",
    "dataderden.cbs.nl:-443",
    "dataderden.cbs.nl:４４３",
    "dataderden.cbs.nl:99999999999",
    "dataderden.cbs.nl:0x1bb",
    "dataderden.cbs.nl,127.0.0.1",
    "dataderden.cbs.nl;127.0.0.1",
    "{dataderden.cbs.nl}",
    "dataderden_cbs.nl",
    "-dataderden.cbs.nl",
    "١٢٧.٠.٠.١",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "",
)
_WHOLE = (
    "http://dataderden.cbs.nl/",
    "HTTP://dataderden.cbs.nl/",
    "ftp://dataderden.cbs.nl/",
    "file:///etc/passwd",
    "file://dataderden.cbs.nl/etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stats",
    "data:application/json,{}",
    "javascript://dataderden.cbs.nl/",
    "unix:///var/run/docker.sock",
    "//dataderden.cbs.nl/",
    "///dataderden.cbs.nl/",
    "https:dataderden.cbs.nl/",
    "https:/dataderden.cbs.nl/",
    "https:///dataderden.cbs.nl/",
    "https:\\\\dataderden.cbs.nl\\",
    "https://",
    "https://?dataderden.cbs.nl",
    "https://#dataderden.cbs.nl",
    "https://127.0.0.1#@dataderden.cbs.nl/",
    "https://127.0.0.1?@dataderden.cbs.nl/",
    "https://127.0.0.1/https://dataderden.cbs.nl/",
    "url:https://dataderden.cbs.nl/",
    " https://dataderden.cbs.nl/",
    "\thttps://dataderden.cbs.nl/",
    "ht\ntps://dataderden.cbs.nl/",
    "https\0://dataderden.cbs.nl/",
    "https://dataderden.cbs.nl/a b",
    "https://dataderden.cbs.nl/\r\nX: y",
    "https://dataderden.cbs.nl/é",
    "https://dataderden.cbs.nl/" + "a" * 8000,
    "",
    "dataderden.cbs.nl",
)
FORBIDDEN = [f"https://{host}/" for host in (*_INNER.split(), *_DRESSED)] + list(_WHOLE)


def never_asked(host: str) -> Sequence[str]:
    raise AssertionError(f"{host!r} was looked up")


def never_dialled(ip: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    raise AssertionError(f"{ip} was dialled")


def test_table_of_spellings_is_long_enough() -> None:
    assert len(set(FORBIDDEN)) >= 180


@pytest.mark.parametrize("url", FORBIDDEN, ids=range(len(FORBIDDEN)))
def test_forbidden_spelling_is_refused_before_anything_is_looked_up(url: str) -> None:
    gate = Gate(resolve=never_asked, dial=never_dialled)
    with pytest.raises(Forbidden) as refused:
        gate.admit(url)
    said = f"{refused.value} {dict(refused.value.problem.values)}"
    assert "secret" not in said
    assert "user" not in said.replace("userinfo", "")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://dataderden.cbs.nl/ODataApi/OData/47018NED", "/ODataApi/OData/47018NED"),
        ("https://DataDerden.CBS.nl/x", "/x"),
        ("HTTPS://dataderden.cbs.nl./x", "/x"),
        ("https://dataderden.cbs.nl:443/x", "/x"),
        ("https://dataderden.cbs.nl", "/"),
        ("https://dataderden.cbs.nl?$format=json", "/?$format=json"),
        ("https://dataderden.cbs.nl/x#part", "/x"),
        ("https://dataderden.cbs.nl/x?$filter=startswith(RegioS,'GM0148')&$top=1", None),
        ("https://dataderden.cbs.nl/x?q=@user:5%20%2F", None),
    ],
)
def test_ordinary_address_is_admitted_under_one_spelling(url: str, path: str | None) -> None:
    address = Gate(resolve=lambda _: [PUBLIC, PUBLIC_V6]).admit(url)
    assert (address.target.scheme, address.target.host, address.target.port) == ("https", GOOD, 443)
    assert address.target.path == (path or url.removeprefix(f"https://{GOOD}"))
    assert address.ips == (PUBLIC, PUBLIC_V6)


@pytest.mark.parametrize("host", OPEN_DATA_HOSTS)
def test_each_listed_host_is_admitted(host: str) -> None:
    assert Gate(resolve=lambda _: [PUBLIC]).admit(f"https://{host}/").target.host == host


NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1
172.31.255.254 192.0.0.1 192.0.0.9 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 233.252.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
2002:808:808::1 2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1
ff02::1 ff0e::1 4000::1 2606:4700::1111%1 127.1 0x7f000001 2130706433 0177.0.0.1 localhost 1.2.3 1.2.3.4.5 １.1.1.1
[::1]
"""


@pytest.mark.parametrize("ip", [*NOT_PUBLIC.split(), "", " 8.8.8.8", "8.8.8.8\n"])
def test_host_that_leads_to_an_inner_address_is_refused(ip: str) -> None:
    gate = Gate(resolve=lambda _: [ip], dial=never_dialled)
    for attempt in (lambda: gate.admit(f"https://{GOOD}/"), lambda: gate.connect(GOOD, 443, 1)):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.problem.name == "address_not_public"


@pytest.mark.parametrize("ip", ["1.1.1.1", "8.8.8.8", PUBLIC, "185.170.66.1", "2a00:1450:400e::1", PUBLIC_V6])
def test_public_address_is_public(ip: str) -> None:
    assert is_public(ip)


@given(st.integers(0, 2**32 - 1))
def test_public_v4_is_never_what_python_calls_special(number: int) -> None:
    address = IPv4Address(number)
    special = address.is_private or address.is_loopback or address.is_multicast or address.is_reserved
    assert not (is_public(str(address)) and (special or address.is_link_local or address.is_unspecified))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::", "::ffff:", "64:ff9b::", "2002:", "::ffff:0:"]))
def test_v4_in_the_clothes_of_v6_is_never_public(number: int, prefix: str) -> None:
    high, low = divmod(number, 2**16)
    assert not is_public(str(IPv6Address(f"{prefix}{high:x}:{low:x}{'::' if prefix == '2002:' else ''}")))


@given(st.text(max_size=60))
def test_any_text_is_refused_or_leads_to_a_listed_host(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{GOOD}{text}"):
        try:
            target = Gate().judge(url)
        except Forbidden:
            continue
        assert (target.scheme, target.port) == ("https", 443)
        assert target.host in OPEN_DATA_HOSTS
        assert target.path.isascii()
        assert target.path.isprintable()


def test_one_inner_address_among_public_ones_condemns_all() -> None:
    gate = Gate(resolve=lambda _: [PUBLIC, "127.0.0.1"], dial=never_dialled)
    with pytest.raises(Forbidden):
        gate.connect(GOOD, 443, 1)


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), OSError("no network"), UnicodeError("label")])
def test_host_without_addresses_is_not_found(error: Exception) -> None:
    def fails(host: str) -> Sequence[str]:
        raise error

    with pytest.raises(Forbidden) as refused:
        Gate(resolve=fails).admit(f"https://{GOOD}/")
    assert refused.value.problem.name == "host_not_found"
    with pytest.raises(Forbidden) as refused:
        Gate(resolve=lambda _: []).admit(f"https://{GOOD}/")
    assert refused.value.problem.name == "host_not_found"


class Rebinding:
    """A resolver that answers with a public address once, and with loopback ever after."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _: str) -> Sequence[str]:
        self.asked += 1
        return [PUBLIC] if self.asked == 1 else ["127.0.0.1"]


def test_connection_goes_to_the_address_that_was_judged_and_the_name_is_asked_once() -> None:
    dialled: list[tuple[str, int]] = []

    def dial(ip: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        dialled.append((ip, port))
        return httpcore.MockStream([])

    resolve = Rebinding()
    gate = Gate(resolve=resolve, dial=dial)
    gate.connect(GOOD, 443, 1)
    assert (dialled, resolve.asked) == ([(PUBLIC, 443)], 1)
    with pytest.raises(Forbidden):
        gate.connect(GOOD, 443, 1)
    assert dialled == [(PUBLIC, 443)]


def test_second_address_is_tried_when_the_first_does_not_answer() -> None:
    dialled: list[str] = []

    def dial(ip: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        dialled.append(ip)
        if ip == PUBLIC_V6:
            raise httpcore.ConnectError("no route")
        return httpcore.MockStream([])

    Gate(resolve=lambda _: [PUBLIC_V6, PUBLIC], dial=dial).connect(GOOD, 443, 1)
    assert dialled == [PUBLIC_V6, PUBLIC]


@pytest.mark.parametrize(("host", "port"), [("evil.example", 443), ("127.0.0.1", 443), (GOOD, 22)])
def test_connection_is_judged_also_when_the_address_was_not(host: str, port: int) -> None:
    with pytest.raises(Forbidden):
        Gate(resolve=never_asked, dial=never_dialled).connect(host, port, 1)


@pytest.mark.parametrize(
    "location",
    [
        "http://dataderden.cbs.nl/",
        "//127.0.0.1/",
        "https://evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "",
        "//[::1/",
        "https://[",
    ],
)
def test_redirect_is_judged_like_any_address(location: str) -> None:
    gate = Gate(resolve=never_asked)
    with pytest.raises(Forbidden):
        gate.redirected(gate.judge(f"https://{GOOD}/a/b"), location)


def test_redirect_within_the_list_is_followed() -> None:
    gate = Gate(resolve=never_asked)
    start = gate.judge(f"https://{GOOD}/a/b?x=1")
    assert gate.redirected(start, "c?y=2").url == f"https://{GOOD}/a/c?y=2"
    assert gate.redirected(start, "https://opendata.cbs.nl/z").host == "opendata.cbs.nl"


@pytest.mark.parametrize("host", ["Opendata.cbs.nl", "127.0.0.1", "localhost", "[::1]", "*.cbs.nl", "cbs.nl."])
def test_list_of_hosts_takes_plain_names_only(host: str) -> None:
    with pytest.raises(ValueError, match="host names"):
        Gate(hosts=frozenset({host}))


def test_system_resolver_gives_literal_addresses() -> None:
    assert set(look_up("127.0.0.1")) == {"127.0.0.1"}
