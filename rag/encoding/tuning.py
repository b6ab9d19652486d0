"""A loaded model made ready for a device and a precision: what is packed, cast, compiled, and in which order."""

from __future__ import annotations

from collections.abc import Callable

import torch
from open_clip.model import CLIP
from open_clip.transformer import TextTransformer
from torch import Tensor, nn

from rag.encoding.compiling import compiled
from rag.encoding.packed import Int8, Pack, Packed, can_pack
from rag.encoding.precision import Precision
from rag.encoding.text_tower import encode_text
from rag.encoding.towers import finish_one_token, pack_called
from rag.errors import BadSettings


def tune_image_tower(
    model: nn.Module, device: torch.device, precision: Precision, *, size: tuple[int, int], compile_it: bool = False
) -> None:
    """Change `model.visual` in place; its weights are kept in one form only.

    Args:
        size: height and width of what it takes.

    Raises:
        BadSettings: int8 is not compiled.
    """
    if compile_it and precision is Precision.INT8:
        raise BadSettings(
            "torch.compile does not read int8 layers: unset PICTUREDESK_COMPILE, or PICTUREDESK_PRECISION"
        )
    tower: nn.Module = model.visual  # type: ignore[assignment]
    finish_one_token(tower)
    layout = torch.channels_last if device.type == "cuda" else torch.preserve_format
    tower.to(device, precision.dtype, memory_format=layout)  # type: ignore[call-overload]
    example = torch.zeros(2, 3, *size, device=device, dtype=precision.dtype).contiguous(
        memory_format=torch.channels_last
    )
    if compile_it:
        model.visual = compiled(tower, example)
    elif (pack := packing(device, precision)) is not None:
        pack_called(tower, pack, lambda: tower(example))


def tune_text_tower(model: nn.Module, device: torch.device, tokenizer: Callable[[list[str]], Tensor]) -> None:
    """Change the text tower in place. Towers that open_clip borrows are left as they are: some read their weights."""
    model.to(device)
    pack = packing(device, Precision.FP32)
    tower = model if isinstance(model, CLIP) else getattr(model, "text", None)
    if pack is not None and isinstance(tower, CLIP | TextTransformer):
        pack_called(tower.transformer, pack, lambda: encode_text(model, tokenizer(["a"])))


def packing(device: torch.device, precision: Precision) -> Pack | None:
    """How layers are packed; None where they are left to the device's own kernels."""
    if device.type != "cpu":
        return None
    if precision is Precision.INT8:
        return Int8
    return Packed if can_pack(precision.dtype) else None
