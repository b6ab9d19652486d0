"""Where bytes are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from rag.model import AssetId


class Blobs(Protocol):
    """Bytes kept by the SHA-256 of their content, and small things derived from them."""

    def put(self, content: bytes) -> AssetId:
        """Store bytes under their hash. Atomic: never half a blob. Calling twice is harmless.

        Raises:
            Unavailable: retryable; nothing is stored.
        """

    def get(self, asset_id: AssetId) -> bytes:
        """The bytes.

        Raises:
            NotFound: no such blob.
            Unavailable: retryable.
        """

    def has(self, asset_id: AssetId) -> bool: ...

    def every(self) -> Iterator[AssetId]:
        """The ids of all blobs, in no order."""

    def put_derived(self, asset_id: AssetId, name: str, content: bytes) -> None:
        """Keep something made from a blob (a thumbnail), replacing what had that name.

        Atomic. It can be made again, so it is not forced to disk: a power cut may lose it.
        """

    def has_derived(self, asset_id: AssetId, name: str) -> bool: ...

    def get_derived(self, asset_id: AssetId, name: str) -> bytes:
        """Raises NotFound when nothing of that name was kept."""

    def delete(self, asset_id: AssetId) -> None:
        """Remove derived things, then the blob. Calling twice is harmless."""
