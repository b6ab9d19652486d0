"""Cutting the context must change nothing but the time: random weights, real tokenizer, every tower that is cut."""

from __future__ import annotations

from typing import Any

import open_clip
import pytest
import torch
from torch import Tensor

from rag.encoding.demo import architecture
from rag.encoding.text_tower import encode_text
from tests.unit.encoding.tiny_clip import tiny_model

TEXTS = ["", "a red car", "a blue house on a green meadow", "word " * 60]
SHORT = TEXTS[:3]


def tokens(texts: list[str]) -> Tensor:
    found: Tensor = open_clip.get_tokenizer("ViT-B-32", context_length=40)(texts)
    return found


@torch.inference_mode()
def difference(model: torch.nn.Module, ids: Tensor) -> float:
    return float((encode_text(model, ids) - model.encode_text(ids)).abs().max())  # type: ignore[operator]


@pytest.mark.parametrize("texts", [SHORT, TEXTS, [""]])
@pytest.mark.parametrize(
    "text",
    [
        {},
        {"custom_text": True},
        {"custom_text": True, "proj_type": "none", "width": 32},
        {"custom_text": True, "proj_bias": True},
        {"custom_text": True, "no_causal_mask": True, "pool_type": "last"},
        {"custom_text": True, "embed_cls": True, "pool_type": "last"},
    ],
)
def test_the_cut_tower_gives_the_whole_towers_vectors(text: dict[str, Any], texts: list[str]) -> None:
    assert difference(tiny_model(**text), tokens(texts)) < 1e-5


def test_the_demo_text_tower_is_cut_exactly() -> None:
    assert difference(architecture.build(), architecture.tokenizer()(SHORT)) < 1e-5


def seen_lengths(model: torch.nn.Module, part: torch.nn.Module, ids: Tensor) -> list[int]:
    found: list[int] = []
    part.register_forward_pre_hook(lambda _, inputs: found.append(inputs[0].shape[1]))
    with torch.inference_mode():
        encode_text(model, ids)
    return found


def test_a_causal_tower_sees_the_longest_text_and_no_more() -> None:
    model = tiny_model()
    longest = int(tokens(SHORT).argmax(dim=-1).max()) + 1
    assert seen_lengths(model, model.transformer.resblocks[0].ln_1, tokens(SHORT)) == [longest]  # type: ignore[union-attr,index]
    assert longest < 12


def test_a_tower_that_attends_to_padding_is_not_cut() -> None:
    model = tiny_model(custom_text=True, no_causal_mask=True, pool_type="last")
    assert seen_lengths(model, model.text.transformer.resblocks[0].ln_1, tokens(SHORT)) == [40]  # type: ignore[union-attr,index]
