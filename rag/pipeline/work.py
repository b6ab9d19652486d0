"""One asset on its way through the pipeline."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from rag.library.findings import merged
from rag.model import Asset, AssetState, Found, Outcome, Visual
from rag.ports import Pixels, Vector


class Work:
    """What is known of one asset so far. Stages hand it on; its future ends it once, whoever is first.

    Attributes:
        keep_personal: whether its library keeps what files say of people and places.
        asset: with what was found in its file, once that is known.
        visuals: in the order of their decoding.
        left_out: which of its pictures could not be taken, and why; empty where all were.
        vectors: beside `visuals`; None until encoded. shape (dim,) each.
    """

    def __init__(self, asset: Asset, *, urgent: bool = False, keep_personal: bool = False) -> None:
        self.asset = asset
        self.urgent = urgent
        self.keep_personal = keep_personal
        self.found = Found()
        self.visuals: list[Visual] = []
        self.vectors: list[Vector | None] = []
        self.ended: Future[Outcome] = Future()
        self.left_out = ""
        self._decoded = False
        self._missing = 0
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        return self.ended.done()

    def learn(self, found: Found) -> None:
        self.found = found
        self.asset = merged(self.asset, found)

    def add(self, visual: Visual, vector: Vector | None = None) -> int:
        """Take a decoded visual; with `vector`, it needs no encoding. Gives its place."""
        with self._lock:
            self.visuals.append(visual)
            self.vectors.append(vector)
            self._missing += vector is None
            return len(self.visuals) - 1

    def encoded(self, place: int, vector: Vector) -> bool:
        """Take a vector; True when it was the last one missing and no visual will follow."""
        with self._lock:
            self.vectors[place] = vector
            self._missing -= 1
            return self._decoded and not self._missing

    def decoded(self) -> bool:
        """Say that no visual will follow; True when no vector is missing."""
        with self._lock:
            self._decoded = True
            return not self._missing

    def finish(self) -> None:
        visuals = tuple(self.visuals)
        self._end(Outcome(self.asset.ref, AssetState.INDEXED, self.left_out, visuals, self.found))

    def refuse(self, state: AssetState, reason: str) -> None:
        """It is skipped or quarantined; or, while `accepted`, this attempt failed."""
        self._end(Outcome(self.asset.ref, state, reason))

    def fail(self, error: Exception) -> None:
        """A part did not answer: nothing is said about the asset."""
        with self._lock:
            if not self.over:
                self.ended.set_exception(error)

    def _end(self, outcome: Outcome) -> None:
        with self._lock:
            if not self.over:
                self.ended.set_result(outcome)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One visual ready for the encoder.

    Attributes:
        place: which of its work's visuals it is.
    """

    work: Work
    place: int
    pixels: Pixels
