"""What turns accepted assets into stored points."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from rag.errors import Retryable
from rag.model import Asset, Outcome
from rag.ports.encoder import Encoder
from rag.ports.generations import Serving
from rag.ports.vectors import Vector


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look at one file gives that is not kept.

    Attributes:
        vector: shape (dim,), float32, unit length.
        thumbnail: JPEG without metadata.
        perceptual_hash: as `Visual.perceptual_hash`.
    """

    vector: Vector
    thumbnail: bytes
    perceptual_hash: str
    width: int
    height: int


class Pipeline(Protocol):
    """One stream a process, shared by all its tasks: decode, batch, encode, upsert. Memory stays bounded."""

    def turn(self, *, alone: bool = False) -> AbstractContextManager[None]:
        """Be inside while indexing. With `alone`, nobody else is: whatever dies now, no other asset is to blame."""

    def index(
        self, assets: Sequence[Asset], targets: Sequence[Serving], *, urgent: bool = False, again: bool = False
    ) -> list[Outcome | Retryable]:
        """Index assets, and wait until each has its end; safe to call from several threads.

        What is indexed is durable in the vector store, all visuals of an asset at once. Each is
        decoded once, however many targets there are.

        Args:
            targets: the generations it goes into. The first decides how an asset ends; one of the
                others whose encoder fails at it goes without, and is left to whoever fills it.
            urgent: goes before everything that is not.
            again: they are indexed already, so nothing but their points is written.

        Returns:
            One for each asset, in order: its outcome, or the error of a part that did not answer.
        """

    def embed(self, content: bytes, encoder: Encoder) -> Vector:
        """An encoder's vector of the first picture in a file, which is not kept. shape (dim,), float32, unit length.

        Raises:
            BadMedia: it is no picture, or one that cannot be decoded.
        """

    def glance(self, content: bytes, encoder: Encoder) -> Glance:
        """As `embed`, with what else can be seen of the first picture in a file. Raises as `embed`."""

    def thumbnail(self, content: bytes) -> bytes:
        """A small JPEG of the first picture in a file, which is not kept. Raises as `embed`."""

    def close(self) -> None:
        """Let everything inside come to its end, then stop. Calling twice is harmless."""
