"""What turns pictures and texts into vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel
from rag.ports.vectors import Matrix

if TYPE_CHECKING:
    from PIL.Image import Image


Pixels = NDArray[np.uint8]
"""shape (height, width, 3), uint8: a picture as an image tower takes it, before it is normalised."""


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """P(relevant | score) = 1 / (1 + exp(-slope * (score - midpoint))): Platt scaling of one channel's cosine."""

    slope: float
    midpoint: float

    def probability(self, score: float) -> float:
        """In [0, 1] (Platt 1999)."""
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.slope * (score - self.midpoint)))))


class Encoder(Protocol):
    """An open_clip model with its weights and preprocessing. Safe to call from several threads.

    Attributes:
        id: names model, weights (by hash) and preprocessing.
        dim: length of its vectors.
        input_size: edge of the square it sees, in pixels; decode to at least twice this.
        batch: pictures that it likes to have in one pass.
        description: one line for people, with what it knows.
        demo: True for the encoder that knows only drawn scenes.
        priors: how a cosine reads as a probability before a library has its own calibration.
    """

    id: str
    dim: int
    input_size: int
    batch: int
    description: str
    demo: bool
    priors: Mapping[Channel, Sigmoid]

    def prepare(self, picture: Image) -> Pixels:
        """A picture (RGB) as the tower takes it. Holds no lock: many threads may prepare for one that encodes."""

    def images(self, pictures: Sequence[Image | Pixels]) -> Matrix:
        """One row per picture: RGB, or prepared. Raises ValueError on none; EncoderBroken on what is not finite."""

    def texts(self, texts: Sequence[str]) -> Matrix:
        """One row per text; long texts are cut to the model's context. Raises as `images`."""
