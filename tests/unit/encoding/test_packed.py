from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from rag.encoding import load_encoder
from rag.encoding.openclip import OpenClipEncoder
from rag.encoding.packed import Int8, Packed, PackedAttention, PackedPatches, can_pack, check_int8
from rag.errors import BadSettings
from tests.unit.encoding.kernels import INT8, needs_bf16, needs_int8
from tests.unit.encoding.tiny_clip import write_tiny_clip


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(7)


def linear(bias: bool = True) -> nn.Linear:
    return nn.Linear(96, 64, bias=bias).requires_grad_(False)


def cosine(some: Tensor, others: Tensor) -> float:
    return float(nn.functional.cosine_similarity(some.float(), others.float(), dim=-1).min())


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, pytest.param(torch.bfloat16, marks=needs_bf16)])
def test_a_packed_layer_gives_what_the_layer_gives(dtype: torch.dtype, bias: bool) -> None:
    assert can_pack(dtype)
    plain, x = linear(bias).to(dtype), torch.randn(3, 5, 96).to(dtype)
    found = Packed(plain.weight, plain.bias)(x)
    assert found.dtype == dtype
    assert torch.allclose(found.float(), plain(x).float(), atol=1e-5 if dtype == torch.float32 else 0.05)


@needs_int8
@pytest.mark.parametrize("bias", [True, False])
def test_an_int8_layer_comes_close(bias: bool) -> None:
    plain, x = linear(bias), torch.randn(3, 5, 96)
    found = Int8(plain.weight, plain.bias)(x)
    assert found.shape == (3, 5, 64)
    assert cosine(found, plain(x)) > 0.9995


def test_in_int8_a_row_does_not_depend_on_the_rows_beside_it() -> None:
    plain = linear()
    layer, x = Int8(plain.weight, plain.bias), torch.randn(4, 96)
    alone = layer(x[:1])
    x[1:] *= 1000  # as the few huge activations of real towers
    assert torch.equal(layer(x)[:1], alone)


def test_in_int8_a_row_of_nothing_gives_the_bias_and_nan_stays_nan() -> None:
    plain = linear()
    layer = Int8(plain.weight, plain.bias)
    assert torch.equal(layer(torch.zeros(1, 96))[0], plain.bias)
    assert layer(torch.full((1, 96), torch.nan)).isnan().all()


@pytest.mark.parametrize("masked", [True, False])
def test_packed_attention_is_attention(masked: bool) -> None:
    plain = nn.MultiheadAttention(64, 4, batch_first=True).eval().requires_grad_(False)
    nn.init.normal_(plain.in_proj_bias)
    x = torch.randn(2, 9, 64)
    mask = torch.full((9, 9), -torch.inf).triu(1) if masked else None
    found, _ = PackedAttention(plain, Packed)(x, x, x, attn_mask=mask)
    assert torch.allclose(found, plain(x, x, x, need_weights=False, attn_mask=mask)[0], atol=1e-5)


def test_packed_attention_of_one_token_is_its_row() -> None:
    plain = nn.MultiheadAttention(64, 4, batch_first=True).eval().requires_grad_(False)
    nn.init.normal_(plain.in_proj_bias)
    x = torch.randn(2, 9, 64)
    found, _ = PackedAttention(plain, Packed, apart=True)(x[:, :1], x, x)
    assert torch.allclose(found, plain(x, x, x, need_weights=False)[0][:, :1], atol=1e-5)


@pytest.mark.parametrize("size", [(48, 36), (50, 47)])
@pytest.mark.parametrize("bias", [True, False])
def test_packed_patches_are_the_convolution(size: tuple[int, int], bias: bool) -> None:
    plain = nn.Conv2d(3, 32, kernel_size=12, stride=12, bias=bias).requires_grad_(False)
    x = torch.randn(2, 3, *size)
    for pixels in (x, x.contiguous(memory_format=torch.channels_last)):
        assert torch.allclose(PackedPatches(plain, Packed)(pixels), plain(pixels), atol=1e-5)


def test_a_cpu_whose_sums_saturate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Int8, "forward", lambda self, x: torch.full((1, 16), 32.0))  # what AVX2 without VNNI gives
    with pytest.raises(BadSettings, match="VNNI") as caught:
        check_int8()
    assert "\n" not in str(caught.value)


def test_a_build_of_torch_without_these_kernels_is_refused_for_int8_and_runs_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_tiny_clip(tmp_path)
    packed = load_encoder(f"local-dir:{folder}", precision="fp32").texts(["a red car"])
    monkeypatch.setattr("torch.ops.mkldnn", None)
    monkeypatch.setattr("torch.ops.onednn", None)
    with pytest.raises(BadSettings, match="PRECISION=auto"):
        load_encoder(f"local-dir:{folder}", precision="int8")
    plain = load_encoder(f"local-dir:{folder}", precision="fp32").texts(["a red car"])
    assert float((plain * packed).sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("precision", ["fp32", pytest.param("bf16", marks=needs_bf16), INT8])
def test_no_weights_are_left_beside_the_packed_ones(precision: str, tmp_path: Path) -> None:
    from rag.encoding.loading import load

    loaded = load(f"local-dir:{write_tiny_clip(tmp_path)}")
    parts = [part for name, part in loaded.model.named_modules() if name.startswith(("visual.", "transformer."))]
    kept = [weakref.ref(part.weight) for part in parts if isinstance(part, nn.Linear | nn.Conv2d)]
    del parts
    encoder = OpenClipEncoder(loaded, precision=precision)
    gc.collect()
    assert encoder.dim == 32
    assert (
        len(kept) == 1 + 2 * 3 + 3 * 3
    )  # the patches, and of each block of both towers the MLP and what attention gives
    assert [weight for weight in kept if weight() is not None] == []
