"""How far a source may go."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.media.fetch_limits import FetchLimits


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Made by the caller from its settings.

    Attributes:
        max_bytes: largest file that is read; a larger one is skipped before it is read.
        fetch: for what comes from the web; its own `max_bytes` counts there.
    """

    max_bytes: int
    fetch: FetchLimits = field(default_factory=FetchLimits)
