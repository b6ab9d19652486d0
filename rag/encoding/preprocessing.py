"""Pictures to the tensor that an image tower takes: open_clip's own geometry, the arithmetic once per batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import torch
from open_clip.transform import MaybeToTensor, PreprocessCfg, image_transform_v2
from PIL.Image import Image
from torchvision.transforms import Normalize

from rag.ports import Pixels


class Preprocessing:
    """Resizes and crops as the model was trained to expect. Holds no state, so threads may share it."""

    def __init__(self, config: PreprocessCfg) -> None:
        *geometry, to_tensor, normalise = image_transform_v2(config, is_train=False).transforms
        # The last two steps are done for a whole batch below; were open_clip to
        # change them, vectors would be wrong without a word.
        if not (isinstance(to_tensor, MaybeToTensor) and isinstance(normalise, Normalize)):
            raise TypeError("open_clip's transform no longer ends with ToTensor and Normalize")
        self._geometry = geometry
        self._mean = torch.tensor(normalise.mean).view(1, 3, 1, 1)
        self._std = torch.tensor(normalise.std).view(1, 3, 1, 1)
        self.config = config

    @property
    def input_size(self) -> int:
        """Edge of the square, or the longer edge, in pixels."""
        return int(max(self.config.input_size[1:]))

    @property
    def digest(self) -> str:
        """First 8 hex digits of a SHA-256 over everything that decides the pixels."""
        return hashlib.sha256(json.dumps(asdict(self.config), sort_keys=True).encode()).hexdigest()[:8]

    def prepared(self, picture: Image) -> Pixels:
        """shape (height, width, 3), uint8."""
        return np.asarray(self._shaped(picture))

    def pixels(self, pictures: Sequence[Image | Pixels]) -> torch.Tensor:
        """shape (n, 3, height, width), uint8, on the CPU."""
        stacked = np.stack(
            [one if isinstance(one, np.ndarray) else self.prepared(one) for one in pictures]
        )  # (n, h, w, 3)
        return torch.from_numpy(stacked).permute(0, 3, 1, 2)

    def normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        """The same shape and device, float32: (x / 255 - mean) / std for each channel."""
        mean, std = self._mean.to(pixels.device), self._std.to(pixels.device)
        return (pixels.float() / 255 - mean) / std

    def _shaped(self, picture: Image) -> Image:
        for step in self._geometry:
            picture = step(picture)
        return picture
