"""Makes the towers of a loaded model cheaper to run, without changing what they give."""

from __future__ import annotations

from collections.abc import Callable

import torch
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn

from rag.encoding.packed import Pack, PackedAttention, PackedPatches


class ClassTokenBlock(nn.Module):
    """The last block of a tower that pools its class token: no other token is finished.

    In the last block all tokens are seen, but only one is used of what comes out.
    The rest of its work, a fifteenth of ViT-B/32's, is left out.
    """

    def __init__(self, block: ResidualAttentionBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        """Shape (n, tokens, width) to (n, 1, width)."""
        block = self.block
        seen = block.ln_1(x)
        x = x[:, :1] + block.ls_1(block.attn(seen[:, :1], seen, seen, need_weights=False)[0])
        finished: Tensor = x + block.ls_2(block.mlp(block.ln_2(x)))
        return finished


def finish_one_token(tower: nn.Module) -> None:
    """Replace the last block of a tower of open_clip's that pools its class token; leave others alone."""
    if not (isinstance(tower, VisionTransformer) and tower.pool_type == "tok" and not tower.output_tokens):
        return
    blocks = tower.transformer.resblocks
    if tower.attn_pool is None and type(blocks[-1]) is ResidualAttentionBlock:
        blocks[-1] = ClassTokenBlock(blocks[-1])


@torch.inference_mode()
def pack_called(tower: nn.Module, pack: Pack, run: Callable[[], object]) -> None:
    """Replace each linear layer that `run` calls with a packed one, in place.

    Some models read a layer's weight and never call it; such layers stay as they are.

    Args:
        run: runs the tower once.
    """
    called: set[nn.Module] = set()
    hooks = [part.register_forward_pre_hook(lambda part, _: called.add(part)) for part in tower.modules()]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    _replace(tower, pack, called)


def _replace(parent: nn.Module, pack: Pack, called: set[nn.Module]) -> None:
    for name, part in parent.named_children():
        if isinstance(part, nn.MultiheadAttention):
            if type(parent) is ResidualAttentionBlock and not hasattr(parent, "ln_1_kv"):
                setattr(parent, name, PackedAttention(part, pack))
        elif isinstance(part, ClassTokenBlock):
            part.block.attn = PackedAttention(part.block.attn, pack, apart=True)
            _replace(part.block, pack, called)
        elif part in called and type(part) is nn.Linear:
            setattr(parent, name, pack(part.weight, part.bias))
        elif part in called and type(part) is nn.Conv2d and _sees_patches(part):
            setattr(parent, name, PackedPatches(part, pack))
        else:
            _replace(part, pack, called)


def _sees_patches(part: nn.Conv2d) -> bool:
    plain = part.groups == 1 and part.dilation == (1, 1) and part.padding in ((0, 0), "valid")
    return plain and part.kernel_size == part.stride and part.kernel_size > (1, 1)
