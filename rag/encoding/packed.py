"""Linear layers with their weights in the layout that oneDNN multiplies in, as floats or as int8.

torch lays a weight out anew in each call; here that is done once. What stands here
replaces layers of a loaded model and gives their results. Knows nothing of open_clip.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from rag.errors import BadSettings

LEVELS = 127
"""int8 without -128, so that a weight and its negative round alike."""

OFFSET = 128
"""What turns signed activations into unsigned ones: VNNI multiplies uint8 by int8."""

TINY = torch.finfo(torch.float32).tiny

Pack = Callable[[Tensor, Tensor | None], nn.Module]
"""Weight of shape (width, depth) and bias of shape (width,) to a layer; `Packed` and `Int8` are two."""


class Packed(nn.Module):
    """A linear layer in the number format of its weight."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        # open_clip asks a layer for its number format under this name where its weight is no plain tensor.
        self.int8_original_dtype = weight.dtype
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())
        self._bias = None if bias is None else bias.detach().clone()

    def forward(self, x: Tensor) -> Tensor:
        """Shape (…, depth) to (…, width)."""
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
        return y


class Int8(nn.Module):
    """A linear layer in int8: weights are rounded once, by output, and activations in each call, by row.

    A row has a scale of its own, so a picture's vector does not depend on the
    pictures beside it, and one large activation spoils no other token.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.int8_original_dtype = torch.float32
        weight = weight.detach().float()
        scales = weight.abs().amax(dim=1).clamp_min(TINY) / LEVELS  # (width,)
        rounded = (weight / scales[:, None]).round().to(torch.int8)
        self._weight = torch.ops.onednn.qlinear_prepack(rounded, None)
        self._scales = scales
        self._zeros = torch.zeros(len(scales), dtype=torch.int64)
        self._bias = None if bias is None else bias.detach().float().clone()
        self._middle = torch.tensor(OFFSET + 0.5)  # the half, because the conversion to uint8 cuts

    def forward(self, x: Tensor) -> Tensor:
        """Shape (…, depth) to (…, width), float32."""
        rows = x.reshape(-1, x.shape[-1])
        # Two passes that only read cost less than one that also writes absolute values.
        largest = torch.maximum(rows.amax(1, keepdim=True), rows.amin(1, keepdim=True).neg_()).clamp_min_(TINY)
        rounded = torch.addcmul(self._middle, rows, LEVELS / largest).to(torch.uint8)
        y: Tensor = torch.ops.onednn.qlinear_pointwise(
            rounded, 1.0, OFFSET, self._weight, self._scales, self._zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        y.mul_(largest.div_(LEVELS))
        return (y if self._bias is None else y.add_(self._bias)).view(*x.shape[:-1], -1)


class PackedAttention(nn.Module):
    """`nn.MultiheadAttention` among the tokens of one sequence, with packed projections."""

    def __init__(self, attention: nn.MultiheadAttention, pack: Pack, *, apart: bool = False) -> None:
        """Take the weights of `attention`, which is batch first and has keys as wide as queries.

        Args:
            apart: not all tokens ask, so queries are projected apart from keys and values.
        """
        super().__init__()
        weight, bias, width = attention.in_proj_weight, attention.in_proj_bias, attention.embed_dim
        cuts = [width, 2 * width] if apart else [3 * width]
        biases = [None] * len(cuts) if bias is None else torch.split(bias, cuts)
        self.projections = nn.ModuleList(pack(*pair) for pair in zip(torch.split(weight, cuts), biases, strict=True))
        self.out = pack(attention.out_proj.weight, attention.out_proj.bias)
        self._heads = attention.num_heads

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, need_weights: bool = False, attn_mask: Tensor | None = None
    ) -> tuple[Tensor, None]:
        """As `nn.MultiheadAttention` does it.

        Args:
            query: shape (n, asking, width).
            key: shape (n, length, width); the same as `query` unless built `apart`.
            value: the same as `key`.
            attn_mask: shape (asking, length), added before the softmax.
        """
        if len(self.projections) == 1:
            q, k, v = self._split(self.projections[0](query), 3)
        else:
            (q,), (k, v) = self._split(self.projections[0](query), 1), self._split(self.projections[1](key), 2)
        seen = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=attn_mask)  # (n, heads, asking, head)
        return self.out(seen.transpose(1, 2).flatten(2)), None

    def _split(self, projected: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(n, length, parts * width) to `parts` of shape (n, heads, length, head)."""
        n, length, _ = projected.shape
        return projected.view(n, length, parts, self._heads, -1).permute(2, 0, 3, 1, 4).unbind()


class PackedPatches(nn.Module):
    """A convolution whose kernel is its stride: it sees each patch once, so it is a linear layer over patches."""

    def __init__(self, convolution: nn.Conv2d, pack: Pack) -> None:
        super().__init__()
        # Channels last, as the pixels lie in memory: a patch's lines are then copied whole.
        self.linear = pack(convolution.weight.permute(0, 2, 3, 1).flatten(1), convolution.bias)
        self._height, self._width = convolution.weight.shape[2:]

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, channels, height, width) to (n, width, rows, columns), as the convolution gives it."""
        n, channels, height, width = x.shape
        rows, columns = height // self._height, width // self._width
        x = x[:, :, : rows * self._height, : columns * self._width]
        x = x.reshape(n, channels, rows, self._height, columns, self._width).permute(0, 2, 4, 3, 5, 1)
        y: Tensor = self.linear(x.reshape(n, rows * columns, -1))  # (n, rows * columns, width)
        return y.transpose(1, 2).view(n, -1, rows, columns)


def can_pack(dtype: torch.dtype) -> bool:
    """Whether this CPU and this build of torch multiply packed weights of a number format."""
    weight, row = torch.ones(16, 16, dtype=dtype), torch.ones(1, 16, dtype=dtype)
    try:
        return bool((Packed(weight, None)(row) == 16).all())
    except (AttributeError, NotImplementedError, RuntimeError):
        return False


def check_int8() -> None:
    """Make sure that this CPU multiplies int8 and loses nothing.

    Without VNNI, pairs of products saturate at 16 bits and come out wrong without a word.

    Raises:
        BadSettings: it does not.
    """
    advice = "set PICTUREDESK_PRECISION=auto"
    weight, row = torch.ones(16, 64), torch.ones(1, 64)
    try:
        found = Int8(weight, None)(row)
    except (AttributeError, NotImplementedError, RuntimeError) as error:
        raise BadSettings(f"Precision int8 is not possible with this CPU and build of torch: {advice}") from error
    if not torch.allclose(found, row @ weight.T, rtol=1e-3):
        raise BadSettings(f"Precision int8 gives wrong sums on this CPU, which has no VNNI: {advice}")
