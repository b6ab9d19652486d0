"""Runs a text tower over no more tokens than the batch needs, where that changes nothing.

CLIP's text tower is causal and pools at the end token, so what stands behind that
token is never seen; a Hugging Face tower masks its padding. Both can be cut to
the longest text of the batch. Towers that attend to padding (SigLIP) or pool over
all positions are run at full length.
"""

from __future__ import annotations

from open_clip.hf_model import HFTextEncoder, MaxPooler
from open_clip.model import CLIP
from open_clip.transformer import TextTransformer, text_global_pool
from torch import Tensor, nn


def encode_text(model: nn.Module, tokens: Tensor) -> Tensor:
    """What `model.encode_text` gives for `tokens`, sooner.

    Args:
        tokens: shape (n, context), int64.

    Returns:
        shape (n, dim), not normalised.
    """
    if isinstance(model, CLIP) and model.attn_mask is not None and model.text_pool_type == "argmax":
        return _causal(model, tokens[:, : _end(tokens)], model.text_pool_type)
    text = getattr(model, "text", None)
    if isinstance(text, TextTransformer) and _ends_at_the_end_token(text):
        return _causal(text, tokens[:, : _end(tokens)], text.pool_type)
    if isinstance(text, HFTextEncoder) and not isinstance(text.pooler, MaxPooler):
        # open_clip's max pooler does not mask padding, so there the length matters.
        return _features(text(tokens[:, : _unpadded(tokens, text.config.pad_token_id)]))
    features: Tensor = model.encode_text(tokens)  # type: ignore[operator]
    return features


def _ends_at_the_end_token(text: TextTransformer) -> bool:
    return text.attn_mask is not None and text.cls_emb is None and text.pool_type == "argmax"


def _end(tokens: Tensor) -> int:
    """Tokens up to the last end token of the batch; it has the highest number of each text."""
    return int(tokens.argmax(dim=-1).max()) + 1


def _unpadded(tokens: Tensor, padding: int) -> int:
    """Columns up to the last that is not padding throughout; at least one."""
    used = (tokens != padding).any(dim=0).nonzero()
    return int(used.max()) + 1 if len(used) else 1


def _causal(tower: CLIP | TextTransformer, tokens: Tensor, pool: str) -> Tensor:
    """open_clip's own steps, with position embedding and attention mask cut alike."""
    length, dtype = tokens.shape[1], tower.transformer.get_cast_dtype()
    x = tower.token_embedding(tokens).to(dtype)  # (n, length, width)
    x = x + tower.positional_embedding[:length].to(dtype)
    x = tower.transformer(x, attn_mask=tower.attn_mask[:length, :length])
    pooled: Tensor = text_global_pool(tower.ln_final(x), tokens, pool)  # (n, width)
    projection = tower.text_projection
    if projection is None:
        return pooled
    projected: Tensor = projection(pooled) if isinstance(projection, nn.Linear) else pooled @ projection
    return projected


def _features(output: Tensor | tuple[Tensor, ...]) -> Tensor:
    """Some towers give their tokens as well."""
    return output[0] if isinstance(output, tuple) else output
