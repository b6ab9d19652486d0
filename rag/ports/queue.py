"""What carries work to workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.model import AssetRef


class JobQueue(Protocol):
    """Carries ids of accepted assets to workers. What it loses, the outbox sends again."""

    def send(self, refs: Sequence[AssetRef], *, urgent: bool = False, alone: bool = False) -> None:
        """Ask for one task that indexes `refs`. Sending twice is harmless.

        Args:
            urgent: small interactive uploads, not to be stuck behind bulk work.
            alone: to be indexed while the worker indexes nothing else.

        Raises:
            Unavailable: retryable; the outbox still has them.
        """

    def advance(self, number: int) -> None:
        """Ask for one task that works on a coming generation. Sending twice is harmless. Raises Unavailable."""

    def waiting(self) -> int:
        """How many tasks no worker has taken yet. Raises Unavailable when the broker does not answer."""

    def ping(self) -> None:
        """Raises Unavailable when the broker does not answer."""

    def close(self) -> None:
        """Stop the worker inside this process, if there is one, after its current task."""
