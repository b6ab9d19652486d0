"""What makes towers cheaper must change nothing else: random weights, every kind of tower that is touched."""

from __future__ import annotations

import copy
from typing import Any

import open_clip
import pytest
import torch
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from rag.encoding.packed import Int8, Pack, Packed
from rag.encoding.towers import ClassTokenBlock, finish_one_token, pack_called
from tests.unit.encoding.kernels import needs_int8
from tests.unit.encoding.tiny_clip import TINY, tiny_model

SIZE = TINY["vision_cfg"]["image_size"]


def tower(**vision: Any) -> VisionTransformer:
    torch.manual_seed(5)
    model = open_clip.CLIP(embed_dim=32, vision_cfg=TINY["vision_cfg"] | vision, text_cfg=TINY["text_cfg"])
    found: VisionTransformer = model.visual.eval().requires_grad_(False)
    return found


def like_siglip() -> nn.Module:
    torch.manual_seed(5)
    found: nn.Module = TimmModel("test_vit", embed_dim=32, image_size=160, pool="map", proj="none")
    return found.eval().requires_grad_(False)


@torch.inference_mode()
def seen(part: nn.Module, size: int = SIZE) -> Tensor:
    found: Tensor = part(torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1)))
    return found


def cosine(some: Tensor, others: Tensor) -> float:
    return float(nn.functional.cosine_similarity(some, others, dim=-1).min())


@pytest.mark.parametrize(
    "vision", [{}, {"final_ln_after_pool": True}, {"ls_init_value": 0.1}, {"no_ln_pre": True}, {"layers": 1}]
)
@pytest.mark.parametrize("packed", [True, False])
def test_a_tower_that_finishes_one_token_gives_the_same(vision: dict[str, Any], packed: bool) -> None:
    plain = tower(**vision)
    short = copy.deepcopy(plain)
    finish_one_token(short)
    assert isinstance(short.transformer.resblocks[-1], ClassTokenBlock)
    if packed:
        pack_called(short, Packed, lambda: seen(short))
    assert torch.allclose(seen(short), seen(plain), atol=1e-5)


@pytest.mark.parametrize(
    "vision", [{"pool_type": "avg"}, {"attentional_pool": True, "attn_pooler_heads": 4}, {"output_tokens": True}]
)
def test_a_tower_that_needs_all_tokens_keeps_them(vision: dict[str, Any]) -> None:
    plain = tower(**vision)
    finish_one_token(plain)
    assert not isinstance(plain.transformer.resblocks[-1], ClassTokenBlock)


@pytest.mark.parametrize(("pack", "least"), [(Packed, 0.999999), pytest.param(Int8, 0.999, marks=needs_int8)])
@pytest.mark.parametrize(
    "vision",
    [
        {},
        {"pool_type": "avg"},
        {"attentional_pool": True, "attn_pooler_heads": 4},
        {"block_type": "custom"},
        {"scale_attn": True, "scale_fc": True},
    ],
)
def test_a_packed_tower_of_open_clip_gives_the_same(vision: dict[str, Any], pack: Pack, least: float) -> None:
    plain = tower(**vision)
    packed = copy.deepcopy(plain)
    pack_called(packed, pack, lambda: seen(packed))
    assert not any(type(part) is nn.Linear for part in packed.transformer.modules())
    assert cosine(seen(packed), seen(plain)) > least


@pytest.mark.parametrize(("pack", "least"), [(Packed, 0.999999), pytest.param(Int8, 0.999, marks=needs_int8)])
def test_a_packed_tower_of_timm_gives_the_same(pack: Pack, least: float) -> None:
    plain = like_siglip()
    packed = copy.deepcopy(plain)
    pack_called(packed, pack, lambda: seen(packed, 160))
    assert not any(type(part) is nn.Linear for part in packed.modules())
    assert cosine(seen(packed, 160), seen(plain, 160)) > least


class Borrowing(nn.Module):
    """Reads a layer's weight and never calls it, as some towers of timm's do."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.called = nn.Linear(16, 16), nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(self.called(x), self.read.weight)


def test_a_layer_whose_weight_is_read_is_left_alone() -> None:
    plain, x = Borrowing().requires_grad_(False), torch.randn(2, 16)
    expected = plain(x)
    pack_called(plain, Packed, lambda: plain(x))
    assert isinstance(plain.called, Packed)
    assert torch.allclose(plain(x), expected, atol=1e-5)


def test_the_text_tower_of_a_clip_can_be_packed_too() -> None:
    from rag.encoding.text_tower import encode_text

    model = tiny_model().requires_grad_(False)
    tokens = open_clip.get_tokenizer("ViT-B-32", context_length=40)(["a red car", "a blue house on a meadow"])
    with torch.inference_mode():
        expected = model.encode_text(tokens)  # type: ignore[operator]
    pack_called(model.transformer, Packed, lambda: encode_text(model, tokens))  # type: ignore[arg-type]
    with torch.inference_mode():
        assert torch.allclose(encode_text(model, tokens), expected, atol=1e-5)
