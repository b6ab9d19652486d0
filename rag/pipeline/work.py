"""One asset on its way through the pipeline."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from rag.library.findings import merged
from rag.model import Asset, AssetState, Check, Found, Outcome, Visual
from rag.ports import Encoder, Pixels, Serving, Vector


class Work:
    """What is known of one asset so far. Stages hand it on; its future ends it once, whoever is first.

    Attributes:
        targets: the generations that it goes into; the first decides how it ends.
        again: it is indexed already, and goes into another collection: its thumbnails are there.
        keep_personal: whether its library keeps what files say of people and places.
        asset: with what was found in its file, once that is known.
        visuals: in the order of their decoding.
        check: what the policy says of it, once it was checked.
        left_out: which of its pictures could not be taken, and why; empty where all were.
        vectors: beside `visuals`, one for each target; None until encoded. shape (dim,) each.
    """

    def __init__(
        self,
        asset: Asset,
        targets: Sequence[Serving],
        *,
        urgent: bool = False,
        again: bool = False,
        keep_personal: bool = False,
    ) -> None:
        self.asset = asset
        self.targets = tuple(targets)
        self.again = again
        self.urgent = urgent
        self.keep_personal = keep_personal
        self.found = Found()
        self.visuals: list[Visual] = []
        self.vectors: list[list[Vector | None]] = []
        self.ended: Future[Outcome] = Future()
        self.left_out = ""
        self.check: Check | None = None
        self._left_to: set[int] = set()
        self._decoded = False
        self._missing = 0
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        return self.ended.done()

    def learn(self, found: Found) -> None:
        self.found = found
        self.asset = merged(self.asset, found)

    def add(self, visual: Visual, vectors: Sequence[Vector | None]) -> int:
        """Take a decoded visual, with a vector for each target that needs no encoding. Gives its place."""
        with self._lock:
            self.visuals.append(visual)
            self.vectors.append(list(vectors))
            self._missing += sum(vector is None for vector in vectors)
            return len(self.visuals) - 1

    def encoded(self, place: int, target: int, vector: Vector | None) -> bool:
        """Take a vector; True when it was the last one missing and no visual will follow.

        None says that a target's encoder could not: it is left to whoever fills that collection.
        """
        with self._lock:
            self.vectors[place][target] = vector
            if vector is None:
                self._left_to.add(target)
            self._missing -= 1
            return self._decoded and not self._missing

    @property
    def kept_targets(self) -> list[tuple[int, Serving]]:
        """The targets that it goes into in the end, each with its place."""
        return [(place, target) for place, target in enumerate(self.targets) if place not in self._left_to]

    def decoded(self) -> bool:
        """Say that no visual will follow; True when no vector is missing."""
        with self._lock:
            self._decoded = True
            return not self._missing

    def judged(self, check: Check) -> None:
        """Take what the policy says of it: its points say how it is shown."""
        self.check = check
        self.asset = replace(self.asset, moderation=check.state)

    def finish(self) -> None:
        self._end(
            Outcome(
                self.asset.ref,
                AssetState.INDEXED,
                self.left_out,
                visuals=tuple(self.visuals),
                found=self.found,
                check=self.check,
                moderation=self.asset.moderation,
            )
        )

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
        target: for which of its work's targets.
    """

    work: Work
    place: int
    target: int
    pixels: Pixels

    @property
    def encoder(self) -> Encoder:
        return self.work.targets[self.target].encoder
