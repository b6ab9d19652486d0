"""The id of an encoder: which model, which weights, which preprocessing."""

from __future__ import annotations

import hashlib
import re

import torch
from torch import nn

LONGEST = 80


def weights_digest(model: nn.Module) -> str:
    """First 12 hex digits of a SHA-256 over names, shapes and values in fp32.

    Taken before weights are cast, so it does not depend on the precision that the
    encoder runs in, nor on the file format they came in.
    """
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        plain = value.detach().cpu()
        plain = plain.float() if plain.is_floating_point() else plain
        digest.update(f"{name}{tuple(plain.shape)}".encode())
        digest.update(plain.contiguous().view(-1).view(torch.uint8).numpy().data if plain.numel() else b"")
    return digest.hexdigest()[:12]


def encoder_id(name: str, weights: str, preprocessing: str) -> str:
    """`name@weights.preprocessing`, at most 80 characters; a name too long loses its middle."""
    tail = f"@{weights}.{preprocessing}"
    room = LONGEST - len(tail)
    plain = re.sub(r"[^A-Za-z0-9._/-]+", "-", name)
    if len(plain) > room:
        plain = f"{plain[: room // 2 - 1]}..{plain[-(room // 2 - 1) :]}"
    return plain + tail
