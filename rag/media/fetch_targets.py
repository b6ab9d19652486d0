"""Which addresses may be fetched: the form of a URL, and the networks that no fetch may reach.

A URL out of a manifest is untrusted: whoever wrote it may aim at this machine, at the network around it or at a
cloud's metadata service. The rules follow OWASP's SSRF cheat sheet and IANA's special-purpose address registries.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from rag.errors import UnsupportedMedia
from rag.media.fetch_limits import Network

Address = IPv4Address | IPv6Address

LONGEST_URL = 8_192
SCHEMES = {"http": 80, "https": 443}
URL_CHARACTERS = re.compile(r"[^\x00-\x20\x7f\\]+")
AUTHORITY = re.compile(r"[a-z]+://([^/?#]*)", re.IGNORECASE)
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
HOST_AND_PORT = re.compile(r"([^:\[\]]+|\[[^\[\]]+\])(:[0-9]{0,5})?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

FORBIDDEN_V4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared"),
    ("100.100.100.200/32", "cloud metadata"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmark"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
)
GLOBAL_V6 = "2000::/3"
"""All that IANA has assigned for the public IPv6 internet; everything else is forbidden. That takes in loopback,
unique local, link-local, multicast, IPv4-mapped and -compatible addresses and NAT64 (64:ff9b::/96, 64:ff9b:1::/48)."""
FORBIDDEN_V6: tuple[tuple[str, str], ...] = (
    ("2001::/23", "Teredo or reserved"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
)
ISATAP = {0x00005EFE, 0x02005EFE}
"""The upper half of an interface identifier whose lower half is an IPv4 address (RFC 5214)."""


def checked_url(text: str, ports: Collection[int]) -> httpx.URL:
    """A URL that may be asked for, as far as its form tells; without its fragment.

    Raises:
        UnsupportedMedia: it is malformed, its scheme is neither http nor https, its port is none of `ports`, it
            names a user, or its host is written in a form that different programs read differently.
    """
    if len(text) > LONGEST_URL or not URL_CHARACTERS.fullmatch(text):
        raise UnsupportedMedia(f"it is no URL: at most {LONGEST_URL:,} characters, no spaces and no backslashes")
    authority = AUTHORITY.match(text)
    try:
        url = httpx.URL(text)
        port = SCHEMES.get(url.scheme) if url.port is None else url.port
        host = url.host and url.raw_host.decode("ascii")  # `host` checks that an xn-- name stands for something
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:  # idna's errors are UnicodeErrors
        raise UnsupportedMedia("it is no URL that can be read; its host or port is malformed") from error
    if authority is None or url.scheme not in SCHEMES:
        raise UnsupportedMedia("only http:// and https:// addresses are fetched")
    if "@" in authority[1]:
        raise UnsupportedMedia("it names a user or a password, and none are sent; take them out of the URL")
    if port not in ports or not HOST_AND_PORT.fullmatch(authority[1]):
        raise UnsupportedMedia(f"port {port} is not among those that may be fetched from")
    _check_host(host)
    return url.copy_with(fragment=None)


def check_address(address: Address, allow: Collection[Network]) -> None:
    """Refuse an address that is not on the public internet, unless one of the networks in `allow` holds it.

    Raises:
        UnsupportedMedia: names the kind of address, not the address: that would map the network for whoever asks.
    """
    if any(address.version == network.version and address in network for network in allow):
        return
    if kind := _kind(address):
        raise UnsupportedMedia(f"its host has a {kind} address; only addresses of the public internet are fetched")


def _check_host(host: str) -> None:
    if ":" in host and "%" not in host:
        return  # an IPv6 literal, which the URL's reader has parsed
    if not HOST_NAME.fullmatch(host):
        raise UnsupportedMedia("its host is no host name: letters, digits, dashes and dots only, and no dot at the end")
    if NUMBER.fullmatch(host.rpartition(".")[2]) and not _is_dotted_quad(host):
        raise UnsupportedMedia("its host is a number; write an IPv4 address as four decimal numbers")


def _is_dotted_quad(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _kind(address: Address) -> str | None:
    """Why an address is forbidden, None for one of the public internet."""
    forbidden = FORBIDDEN_V4 if address.version == 4 else FORBIDDEN_V6
    for network, kind in forbidden:
        if address in ip_network(network):
            return kind
    if isinstance(address, IPv6Address):
        if address not in ip_network(GLOBAL_V6):
            return _local_kind(address)
        if (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
            return "tunnelled (ISATAP)"
    return None


def _local_kind(address: IPv6Address) -> str:
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        return "loopback, link-local, multicast or unspecified"
    return "private, translated or reserved"


def address_of(text: str) -> Address | None:
    """An address as a resolver writes it; None for anything else. A scope (`%eth0`) is dropped."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
