"""Pixels to a CUDA device while it is busy with the ones before."""

from __future__ import annotations

import torch
from torch import Tensor


class CudaFeed:
    """Copies on a stream of its own, from pinned memory, so that copies and kernels overlap.

    As bytes: a picture's pixels are a quarter of what its normalised floats are.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._copies = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def __call__(self, pixels: Tensor) -> Tensor:
        """The same pixels on the device, for use on the current stream; returns before they are there."""
        pinned = pixels.pin_memory()
        with torch.cuda.stream(self._copies):
            there = pinned.to(self._device, non_blocking=True)
        current = torch.cuda.current_stream(self._device)
        current.wait_stream(self._copies)
        # Else the allocator gives this memory to the next copy while kernels still read it.
        there.record_stream(current)
        return there
