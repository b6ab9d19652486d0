"""How far sources may go, from the settings: the same for every door that files come in through."""

from __future__ import annotations

from ipaddress import ip_network

from rag.errors import BadSettings
from rag.media.fetch_limits import FetchLimits
from rag.settings import Settings
from rag.sources.limits import SourceLimits


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
