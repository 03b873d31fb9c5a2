"""Where this program may fetch from: a list of hosts, https only, and no address that is not public.

A name is looked up once, every address found is judged, and the connection goes to one of those very addresses; so an
answer that differs the second time (DNS rebinding) has no second time. Not for what is fetched: see `fetching`.

Ranges: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates), RFC 6052 and 8215
(NAT64), RFC 3056 (6to4), RFC 4380 (Teredo). `ipaddress.is_global` alone calls some of these public.
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType
from urllib.parse import urljoin

import httpcore

from koersvast.connectors.problems import FetchProblem, problem

# Host | whose it is. Adding a host is a decision: from here bytes come in.
OPEN_DATA_HOSTS: Mapping[str, str] = MappingProxyType(
    {
        "dataderden.cbs.nl": "Centraal Bureau voor de Statistiek, tables of others (police)",
        "opendata.cbs.nl": "Centraal Bureau voor de Statistiek, OData version 3",
        "datasets.cbs.nl": "Centraal Bureau voor de Statistiek, OData version 4",
        "api.pdok.nl": "PDOK, boundaries as features",
        "service.pdok.nl": "PDOK, boundaries as downloads",
    }
)
HTTPS_PORT = 443
LONGEST_ADDRESS = 8000
ADDRESSES_TRIED = 3

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^#]*)(?:#.*)?\Z", re.ASCII)
_VISIBLE = re.compile(r"[\x21-\x5b\x5d-\x7e]*\Z")
_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9\-]*[a-z]){_LABEL}\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds keep their secrets
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# IPv6 is turned round: only global unicast is public, and of that not these. Mapped, compatible, NAT64, unique local,
# link-local, multicast and unspecified addresses all lie outside it.
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


class Forbidden(FetchProblem):
    """The gate does not let this address through; nothing was sent to it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address that may be asked, as far as its spelling goes: nothing was looked up. `path` begins with "/"."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        port = "" if self.port == HTTPS_PORT else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


@dataclass(frozen=True, kw_only=True)
class Address:
    """A target with the addresses that were found for its host, all of them public, in the order of the resolver."""

    target: Target
    ips: tuple[str, ...]


def look_up(host: str) -> Sequence[str]:
    """Ask the system for the addresses of a host; raises OSError where there are none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial_up(ip: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    """Open a connection to a literal address; no name is looked up. Raises httpcore's connection errors."""
    return httpcore.SyncBackend().connect_tcp(ip, port, timeout=timeout)


def is_public(ip: str) -> bool:
    """Return whether a literal address is one on the open internet. What is no address is not public."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_V4)
    return _is_public_v6(address)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or not address.is_global:
        return False
    return address in _GLOBAL_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Judges addresses and opens connections to what it judged. Tests replace `resolve` and `dial`, not the rest.

    `resolve` gives the addresses of a host; `dial` opens a connection to (literal address, port, seconds).
    """

    hosts: frozenset[str] = frozenset(OPEN_DATA_HOSTS)
    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({HTTPS_PORT})
    resolve: Callable[[str], Sequence[str]] = field(default=look_up)
    dial: Callable[[str, int, float | None], httpcore.NetworkStream] = field(default=dial_up)

    def __post_init__(self) -> None:
        if odd := [host for host in self.hosts if not _HOST.match(host)]:
            raise ValueError(f"These are not host names in lower case: {odd}.")

    def judge(self, url: str) -> Target:
        """Judge the spelling of an address, without looking anything up. Raises Forbidden."""
        scheme, authority, path = _split(url)
        if scheme not in self.schemes:
            raise Forbidden(problem("scheme_not_allowed", scheme=scheme))
        if "@" in authority:
            raise Forbidden(problem("userinfo_in_address"))
        host, port = _host_and_port(authority)
        if host not in self.hosts:
            raise Forbidden(problem("host_not_allowed", host=host))
        if port not in self.ports:
            raise Forbidden(problem("port_not_allowed", host=host, port=port))
        return Target(scheme=scheme, host=host, port=port, path=path)

    def redirected(self, target: Target, location: str) -> Target:
        """Judge where an answer points on to, as an address of its own. Raises Forbidden."""
        if not location:
            raise Forbidden(problem("redirect_without_address", host=target.host))
        # Before `urljoin`, which drops tabs and line ends without a word.
        if not _VISIBLE.match(location):
            raise Forbidden(problem("malformed_address", reason="odd_characters"))
        try:
            joined = urljoin(target.url, location)
        except ValueError:  # half a pair of brackets
            raise Forbidden(problem("malformed_address", reason="no_address")) from None
        return self.judge(joined)

    def admit(self, url: str) -> Address:
        """Judge an address and look its host up, once. Raises Forbidden."""
        target = self.judge(url)
        return Address(target=target, ips=self._public_addresses(target.host))

    def connect(self, host: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        """Look a host up once, judge every address found and connect to one of those.

        Raises Forbidden, or the connection error of the last address tried.
        """
        if host not in self.hosts:
            raise Forbidden(problem("host_not_allowed", host=host))
        if port not in self.ports:
            raise Forbidden(problem("port_not_allowed", host=host, port=port))
        *others, last = self._public_addresses(host)[:ADDRESSES_TRIED]
        for ip in others:
            try:
                return self.dial(ip, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self.dial(last, port, timeout)

    def _public_addresses(self, host: str) -> tuple[str, ...]:
        try:
            found = tuple(self.resolve(host))
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise Forbidden(problem("host_not_found", host=host))
        for ip in found:
            # One address that is not public condemns them all: a mixed answer is how rebinding begins.
            if not is_public(ip):
                raise Forbidden(problem("address_not_public", host=host, address=ip))
        return found


def _split(url: str) -> tuple[str, str, str]:
    """Divide an address into scheme, authority and the rest. Stricter than `urllib`, which repairs what it can."""
    if len(url) > LONGEST_ADDRESS:
        raise Forbidden(problem("malformed_address", reason="address_too_long"))
    if not _VISIBLE.match(url):
        raise Forbidden(problem("malformed_address", reason="odd_characters"))
    found = _ADDRESS.match(url)
    if found is None:
        raise Forbidden(problem("malformed_address", reason="no_address"))
    scheme, authority, path = found.groups()
    return scheme.lower(), authority, path if path.startswith("/") else f"/{path}"


def _host_and_port(authority: str) -> tuple[str, int]:
    host, colon, port = authority.partition(":")
    host = host.lower().removesuffix(".")
    if not _HOST.match(host):
        raise Forbidden(problem("odd_host_spelling", host=authority))
    if colon and not _PORT.match(port):
        raise Forbidden(problem("malformed_address", reason="odd_port"))
    return host, int(port) if colon else HTTPS_PORT
