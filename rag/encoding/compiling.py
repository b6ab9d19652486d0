"""torch.compile for an image tower, where a compiler is."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)


def compiled(tower: nn.Module, example: Tensor) -> nn.Module:
    """The tower compiled for batches of any size, or as it was, with a warning, where that fails.

    Takes up to a minute.

    Args:
        example: a batch of two, as the tower will get them.
    """
    # torch.compile is annotated as a function's decorator, and gives a module for a module.
    made: nn.Module = torch.compile(tower, dynamic=True)  # type: ignore[assignment]
    try:
        with torch.inference_mode():
            made(example)
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        log.warning("the encoder runs without torch.compile, which failed: %s", reason)
        return tower
    return made
