"""How far a fetch may go. Loads no HTTP library, so that settings and sources can speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How far a fetch may go.

    Attributes:
        max_bytes: of the body, after decompression.
        seconds: for all of it: looking the name up, connecting, redirects, the last byte.
        redirects: followed at most; each is checked like the first address.
        ports: that may be connected to.
        allow: networks of the operator's own that may be reached although they are not public.
    """

    max_bytes: int = 100 * 1024 * 1024
    seconds: float = 60.0
    redirects: int = 5
    ports: frozenset[int] = frozenset({80, 443})
    allow: tuple[Network, ...] = ()
