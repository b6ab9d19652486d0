"""The Encoder port over an open_clip model. Knows nothing of where the model came from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from open_clip.transform import PreprocessCfg
from PIL import Image
from torch import Tensor, nn

from rag.encoding.batch_size import best_batch, measured_rate
from rag.encoding.cuda import CudaFeed
from rag.encoding.identity import encoder_id, weights_digest
from rag.encoding.passes import Passes
from rag.encoding.precision import choose_device, choose_precision
from rag.encoding.preprocessing import Preprocessing
from rag.encoding.text_tower import encode_text
from rag.encoding.tuning import tune_image_tower, tune_text_tower
from rag.errors import EncoderBroken
from rag.model import Channel
from rag.ports import Matrix, Pixels, Sigmoid

Tokenizer = Callable[[list[str]], Tensor]
"""Texts to shape (n, context), int64."""

BATCH = 32
"""Pictures that a caller should hand over at once where the device was not asked."""

CPU_PASS = 8
"""Pictures in one pass on a CPU: 16 gain 2%, and a query waits for a whole pass."""

TEXTS_PASS = 64
"""Texts in one pass."""


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
    """See `rag.ports.Encoder`. Threads may share one: passes and the tokenizer are taken in turn.

    Attributes:
        precision: the number format that was chosen for the image tower.
    """

    def __init__(
        self, loaded: Loaded, *, device: str = "auto", precision: str = "auto", compile_it: bool = False
    ) -> None:
        """Take over the model of `loaded`, which is changed.

        Raises:
            BadSettings: a device or precision that cannot work.
        """
        self._preprocessing = Preprocessing(loaded.preprocessing)
        self._tokenizer = loaded.tokenizer
        self._tokenizing = threading.Lock()
        self._passes = Passes()
        self._device = choose_device(device)
        self._model = loaded.model.eval().requires_grad_(False)
        self.precision = choose_precision(precision, self._device, self._model)
        self.id = encoder_id(loaded.name, weights_digest(self._model), self._preprocessing.digest)
        tune_text_tower(self._model, self._device, self._tokenizer)
        size = self._preprocessing.height_and_width
        tune_image_tower(self._model, self._device, self.precision, size=size, compile_it=compile_it)
        self.input_size = self._preprocessing.input_size
        self.description = loaded.description
        self.demo = loaded.demo
        self.priors = loaded.priors
        self._feed = CudaFeed(self._device) if self._device.type == "cuda" else self._copied
        self.batch, self._pass = self._sizes()
        self.dim = self.images([Image.new("RGB", (self.input_size, self.input_size))]).shape[1]

    def prepare(self, picture: Image.Image) -> Pixels:
        """See the port."""
        return self._preprocessing.prepared(picture)

    def images(self, pictures: Sequence[Image.Image | Pixels]) -> Matrix:
        """See the port. Pictures of any size and RGB; twice `input_size` keeps all there is to see."""
        _require_some(pictures)
        shares = torch.split(self._preprocessing.pixels(pictures), self._pass)
        return self._encoded(shares, self._image_features, urgent=len(pictures) == 1)

    def texts(self, texts: Sequence[str]) -> Matrix:
        """See the port."""
        _require_some(texts)
        with self._tokenizing:
            tokens = self._tokenizer(list(texts))
        return self._encoded(torch.split(tokens, TEXTS_PASS), self._text_features, urgent=len(texts) == 1)

    def _image_features(self, pixels: Tensor) -> Tensor:
        """Shape (n, 3, height, width), uint8, on the CPU, to (n, dim)."""
        normalised = self._preprocessing.normalised(self._feed(pixels))
        features: Tensor = self._model.encode_image(normalised.to(self.precision.dtype))  # type: ignore[operator]
        return features

    def _text_features(self, tokens: Tensor) -> Tensor:
        return encode_text(self._model, tokens.to(self._device))

    @torch.inference_mode()
    def _encoded(self, shares: Sequence[Tensor], features: Callable[[Tensor], Tensor], *, urgent: bool) -> Matrix:
        rows = []
        for share in shares:
            with self._passes.turn(urgent=urgent):
                rows.append(features(share).float())
        # Outside the turn: on a GPU this waits for the kernels, and others may launch theirs meanwhile.
        matrix: Matrix = nn.functional.normalize(torch.cat(rows), dim=-1).cpu().numpy()  # (n, dim)
        if not np.isfinite(matrix).all() or not (np.abs(np.linalg.norm(matrix, axis=1) - 1) < 1e-3).all():
            raise EncoderBroken(f"Encoder {self.id} gave a vector that is not finite: try precision fp32")
        return matrix

    def _copied(self, pixels: Tensor) -> Tensor:
        return pixels.to(self._device)

    def _sizes(self) -> tuple[int, int]:
        """Pictures that a caller should hand over at once, and in one pass."""
        if self._device.type == "cpu":
            return BATCH, CPU_PASS
        if self._device.type != "cuda":
            return BATCH, BATCH
        found = best_batch(measured_rate(self._encode_blanks))
        torch.cuda.empty_cache()
        return 2 * found, found  # so that one half is copied while the other is encoded

    @torch.inference_mode()
    def _encode_blanks(self, count: int) -> None:
        height, width = self._preprocessing.height_and_width
        self._image_features(torch.zeros(count, height, width, 3, dtype=torch.uint8).permute(0, 3, 1, 2))
        torch.cuda.synchronize(self._device)


def _require_some(items: Sequence[object]) -> None:
    if not items:
        raise ValueError("Nothing to encode: give at least one picture or text")
