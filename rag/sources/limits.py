"""How far a source may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network

from rag.errors import BadSettings
from rag.media.fetch_limits import FetchLimits
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Made by the caller from its settings.

    Attributes:
        max_bytes: largest file that is read; a larger one is skipped before it is read.
        fetch: for what comes from the web; its own `max_bytes` counts there.
    """

    max_bytes: int
    fetch: FetchLimits = field(default_factory=FetchLimits)


def source_limits(settings: Settings) -> SourceLimits:
    """Raises BadSettings when a private network cannot be read."""
    try:
        allow = tuple(ip_network(network) for network in settings.fetch_private)
    except ValueError as error:
        raise BadSettings(f"PICTUREDESK_FETCH_PRIVATE: {error}; write networks as 10.1.0.0/16") from error
    fetch = FetchLimits(
        max_bytes=settings.max_bytes,
        seconds=settings.fetch_seconds,
        ports=frozenset(settings.fetch_ports),
        allow=allow,
    )
    return SourceLimits(settings.max_bytes, fetch)
