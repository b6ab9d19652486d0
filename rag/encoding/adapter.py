"""A small residual adapter over an encoder's vectors, and the encoder that has one.

y = normalize(x + up · gelu(down · x)), one pair of matrices for pictures and one for texts.
It works on vectors alone, so what is stored is adapted without looking at a picture again.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderBroken
from rag.model import AssetId, Channel
from rag.ports import Encoder, Matrix, Pixels, Point, Sigmoid

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = re.compile(r"(?P<base>.+)\+adapter:(?P<weights>[0-9a-f]{64})")
"""An adapted encoder's name: the encoder's own, and the blob that holds the adapter's weights."""

SHOWN = 12
"""Hex digits of the weights' hash in an encoder's id."""

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Residual:
    """One side of an adapter.

    Attributes:
        down: shape (hidden, dim), float32.
        up: shape (dim, hidden), float32; all zero leaves vectors as they are.
    """

    down: Weights
    up: Weights

    def __call__(self, vectors: Matrix) -> Matrix:
        """Shape (n, dim) to (n, dim), rows of unit length."""
        moved = vectors + gelu(vectors @ self.down.T) @ self.up.T
        result: Matrix = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
        return result


def gelu(x: Weights) -> Weights:
    """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): the approximation of Hendrycks & Gimpel 2016, as in training."""
    result: Weights = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return result


@dataclass(frozen=True)
class Adapter:
    """What `encoder adapt` learns from a library.

    Attributes:
        base: id of the encoder whose vectors it takes, and no other's.
        priors: what a cosine means once both sides are adapted; channels left out keep the base's.
    """

    base: str
    image: Residual
    text: Residual
    priors: Mapping[Channel, Sigmoid] = field(default_factory=dict)

    def point(self, point: Point) -> Point:
        """A stored point of the base encoder as the adapted one would have it."""
        captions = self.text(point.captions) if len(point.captions) else point.captions
        return replace(point, image=self.image(point.image[None])[0], captions=captions)


def to_bytes(adapter: Adapter) -> bytes:
    """As safetensors, with what is no tensor in the metadata. The same adapter gives the same bytes."""
    from safetensors.numpy import save

    priors = {channel.value: [prior.slope, prior.midpoint] for channel, prior in adapter.priors.items()}
    tensors = {
        f"{side}.{name}": np.ascontiguousarray(getattr(residual, name), dtype=np.float32)
        for side, residual in (("image", adapter.image), ("text", adapter.text))
        for name in ("down", "up")
    }
    # One entry: safetensors writes several in any order, and the hash is taken of the bytes.
    return bytes(save(tensors, metadata={"adapter": json.dumps({"base": adapter.base, "priors": priors})}))


def from_bytes(content: bytes) -> Adapter:
    """Raises EncoderBroken when these are no adapter's weights."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
        said = json.loads(_metadata(content)["adapter"])
        image, text = (Residual(tensors[f"{side}.down"], tensors[f"{side}.up"]) for side in ("image", "text"))
    except (SafetensorError, KeyError, ValueError) as error:
        raise EncoderBroken("an adapter's weights are damaged: restore the blobs, or go back to its encoder") from error
    priors = {Channel(name): Sigmoid(*values) for name, values in said["priors"].items()}
    return Adapter(said["base"], image, text, priors)


def _metadata(content: bytes) -> dict[str, str]:
    """Of a safetensors file: a length in 8 bytes, then JSON."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    found: dict[str, str] = header["__metadata__"]
    return found


def split_name(name: str) -> tuple[str, AssetId | None]:
    """An encoder's name without its adapter, and the blob with the adapter's weights; None where it has none."""
    found = NAME.fullmatch(name)
    return (found["base"], AssetId(found["weights"])) if found else (name, None)


class AdaptedEncoder:
    """See `rag.ports.Encoder`: another encoder with an adapter on what it gives."""

    def __init__(self, base: Encoder, content: bytes) -> None:
        """
        Args:
            content: the adapter's weights, as `to_bytes` gives them.

        Raises:
            EncoderBroken: the weights are damaged, or another encoder's.
        """
        self.adapter = from_bytes(content)
        if self.adapter.base != base.id or self.adapter.image.up.shape[0] != base.dim:
            raise EncoderBroken(f"this adapter was trained on {self.adapter.base}, not on {base.id}")
        self._base = base
        self.id = f"{base.id}+adapter:{hashlib.sha256(content).hexdigest()[:SHOWN]}"
        self.dim, self.input_size, self.batch, self.demo = base.dim, base.input_size, base.batch, base.demo
        self.description = f"{base.description} Adapted to this installation's captions."
        self.priors: Mapping[Channel, Sigmoid] = {**base.priors, **self.adapter.priors}

    def prepare(self, picture: Image) -> Pixels:
        """See the port."""
        return self._base.prepare(picture)

    def images(self, pictures: Sequence[Image | Pixels]) -> Matrix:
        """See the port."""
        return self.adapter.image(self._base.images(pictures))

    def texts(self, texts: Sequence[str]) -> Matrix:
        """See the port."""
        return self.adapter.text(self._base.texts(texts))
