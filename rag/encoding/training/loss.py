"""What training minimises: contrast between true and false texts, where a batch may hold several true ones."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from torch import Tensor


def truth(facts: Tensor, needs: Tensor, scene_content: Tensor, text_content: Tensor) -> Tensor:
    """Which texts are true of which pictures: shape (b, t), bool.

    Args:
        facts: shape (b, f + 1), bool.
        needs: shape (t, k), int64: columns of `facts`.
        scene_content: shape (b,), int64.
        text_content: shape (t,), int64; -1 for a text that any scene with the needed facts satisfies.
    """
    satisfied = facts[:, needs].all(-1)
    same = (scene_content[:, None] == text_content[None]) | (text_content[None] < 0)
    return satisfied & same


def contrast(logits: Tensor, true: Tensor, own: Tensor) -> Tensor:
    """InfoNCE in both directions over each picture's own texts; other true texts are no negatives.

    For each own pair (i, j): -log(e_ij / (e_ij + sum of e over what is false)), once
    over the texts of picture i and once over the pictures of text j.

    Args:
        logits: shape (b, t): scaled cosines.
        true: shape (b, t), bool.
        own: shape (k, b), int64: for each of k kinds of text, which is picture i's.
    """
    false_only = logits.masked_fill(true, float("-inf"))
    over_texts = false_only.logsumexp(1)  # (b,)
    over_pictures = false_only.logsumexp(0)  # (t,)
    losses = []
    for texts in own:
        mine = logits[torch.arange(len(texts)), texts]
        losses.append(F.softplus(over_texts - mine).mean() + F.softplus(over_pictures[texts] - mine).mean())
    return torch.stack(losses).mean() / 2


def separation(cosines: Tensor, true: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """Sigmoid loss over all pairs (Zhai et al. 2023), true and false weighing the same.

    It keeps one threshold meaningful for short and long texts alike, which contrast alone does not.
    """
    logits = cosines * scale + bias
    right = F.softplus(-logits)[true].mean()
    wrong = F.softplus(logits)[~true].mean()
    return (right + wrong) / 2


def swapped(cosines: Tensor, scale: float = 30.0) -> Tensor:
    """Logistic loss of each picture's second paraphrase against its distractor.

    Args:
        cosines: shape (b, 4b), in the order of `Batch`.
    """
    b = len(cosines)
    i = torch.arange(b)
    return F.softplus(scale * (cosines[i, 3 * b + i] - cosines[i, b + i])).mean()


def distance(cosines: Tensor, scale: float = 20.0, threshold: float = 0.15) -> Tensor:
    """What texts that no picture answers cost, where their cosine comes near or over `threshold`; shape (b, s)."""
    return F.softplus(scale * (cosines - threshold)).mean()
