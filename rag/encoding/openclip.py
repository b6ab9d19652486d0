"""The Encoder port over an open_clip model. Knows nothing of where the model came from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from open_clip.transform import PreprocessCfg
from PIL import Image
from torch import Tensor, nn

from rag.encoding.identity import encoder_id, weights_digest
from rag.encoding.precision import choose_device, choose_dtype
from rag.encoding.preprocessing import Preprocessing
from rag.encoding.text_tower import encode_text
from rag.errors import EncoderBroken
from rag.model import Channel
from rag.ports import Matrix, Pixels, Sigmoid

T = TypeVar("T")

Tokenizer = Callable[[list[str]], Tensor]
"""Texts to shape (n, context), int64."""

AT_ONCE = 64
"""Pictures or texts in one forward pass: larger batches gain nothing on a CPU and cost memory."""


@dataclass(frozen=True)
class Loaded:
    """A model as it was loaded: fp32, on the CPU, with its tokenizer and what to tell people."""

    name: str
    model: nn.Module
    tokenizer: Tokenizer
    preprocessing: PreprocessCfg
    priors: Mapping[Channel, Sigmoid]
    description: str
    demo: bool = False


class OpenClipEncoder:
    """See `rag.ports.Encoder`. Threads may share one: only the tokenizer keeps state, and it has a lock."""

    def __init__(self, loaded: Loaded, *, device: str = "auto", precision: str = "auto") -> None:
        self._preprocessing = Preprocessing(loaded.preprocessing)
        self._tokenizer = loaded.tokenizer
        self._tokenizing = threading.Lock()
        self._device = choose_device(device)
        self._dtype = choose_dtype(precision, self._device, loaded.model)
        self.id = encoder_id(loaded.name, weights_digest(loaded.model), self._preprocessing.digest)
        self._model = loaded.model.to(self._device, self._dtype).eval().requires_grad_(False)
        self.input_size = self._preprocessing.input_size
        self.batch = 32
        self.description = loaded.description
        self.demo = loaded.demo
        self.priors = loaded.priors
        self.dim = self.images([Image.new("RGB", (self.input_size, self.input_size))]).shape[1]

    def prepare(self, picture: Image.Image) -> Pixels:
        """See the port."""
        return self._preprocessing.prepared(picture)

    def images(self, pictures: Sequence[Image.Image | Pixels]) -> Matrix:
        """See the port. Pictures of any size and RGB; twice `input_size` keeps all there is to see."""
        return self._encoded(pictures, self._image_features)

    def texts(self, texts: Sequence[str]) -> Matrix:
        """See the port."""
        return self._encoded(texts, self._text_features)

    def _image_features(self, pictures: Sequence[Image.Image | Pixels]) -> Tensor:
        pixels = self._preprocessing.pixels(pictures).to(self._device)
        features: Tensor = self._model.encode_image(self._preprocessing.normalised(pixels).to(self._dtype))  # type: ignore[operator]
        return features

    def _text_features(self, texts: Sequence[str]) -> Tensor:
        with self._tokenizing:
            tokens = self._tokenizer(list(texts))
        return encode_text(self._model, tokens.to(self._device))

    @torch.inference_mode()
    def _encoded(self, items: Sequence[T], features: Callable[[Sequence[T]], Tensor]) -> Matrix:
        if not items:
            raise ValueError("Nothing to encode: give at least one picture or text")
        rows = torch.cat([features(some).float() for some in _shares(items)])  # (n, dim)
        matrix: Matrix = nn.functional.normalize(rows, dim=-1).cpu().numpy()
        if not np.isfinite(matrix).all() or not (np.abs(np.linalg.norm(matrix, axis=1) - 1) < 1e-3).all():
            raise EncoderBroken(f"Encoder {self.id} gave a vector that is not finite: try precision fp32")
        return matrix


def _shares(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), AT_ONCE):
        yield items[at : at + AT_ONCE]
