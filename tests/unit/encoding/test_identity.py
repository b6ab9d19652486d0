from __future__ import annotations

import torch
from torch import nn

from rag.encoding.identity import LONGEST, encoder_id, weights_digest


def layer(value: float = 1.0) -> nn.Module:
    made = nn.Linear(2, 2)
    nn.init.constant_(made.weight, value)
    nn.init.zeros_(made.bias)
    return made


def test_the_digest_is_of_values_and_not_of_their_format() -> None:
    assert weights_digest(layer()) == weights_digest(layer().to(torch.bfloat16))
    assert weights_digest(layer()) != weights_digest(layer(2.0))


def test_the_digest_is_the_same_tomorrow() -> None:
    assert weights_digest(layer()) == "d838ab491ce7"


def test_an_id_is_short_however_long_the_name() -> None:
    short = encoder_id("ViT-B-16-SigLIP2/webli", "a" * 12, "b" * 8)
    assert short == f"ViT-B-16-SigLIP2/webli@{'a' * 12}.{'b' * 8}"
    long = encoder_id("x" * 90 + "/webli", "a" * 12, "b" * 8)
    assert len(long) <= LONGEST
    assert "webli@" in long
