"""Training an adapter on vectors that are stored already, and measuring whether it is worth having."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from numpy.typing import NDArray
from torch import Tensor, nn

from rag.encoding.adapter import Adapter, Residual
from rag.model import Channel
from rag.ports import Matrix, Sigmoid

HIDDEN = 64
EPOCHS = 200
PATIENCE = 20
"""Epochs without a better validation loss after which training ends."""

BATCH = 256
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
SCALE = 30.0
"""Of cosines, in the loss: 1 / temperature."""

SHARES = (0.6, 0.2)
"""Of the groups, for training and for stopping; what is left is held out."""


@dataclass(frozen=True)
class Pairs:
    """Captions and the pictures they were written for.

    Attributes:
        images, texts: shape (n, dim) each, as the unadapted encoder gave them.
        groups: shape (n,), int64: pairs with the same caption, or of the same file, share a number.
    """

    images: Matrix
    texts: Matrix
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.groups)

    def some(self, chosen: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.images[chosen], self.texts[chosen], self.groups[chosen])


class Parts(NamedTuple):
    training: Pairs
    stopping: Pairs
    held_out: Pairs


def parted(pairs: Pairs, seed: int = 0) -> Parts:
    """Split by groups, so that no caption and no file is on two sides."""
    names = np.unique(pairs.groups)
    order = np.random.default_rng(seed).permutation(names)
    ends = [int(len(names) * share) for share in np.cumsum(SHARES)]
    return Parts(*(pairs.some(np.isin(pairs.groups, some)) for some in np.split(order, ends)))


class _Side(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.down = nn.Linear(dim, hidden, bias=False)
        self.up = nn.Linear(hidden, dim, bias=False)
        nn.init.normal_(self.down.weight, std=1.0)
        nn.init.zeros_(self.up.weight)  # the adapter begins as none

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, dim) to (n, dim), unit rows."""
        moved: Tensor = x + self.up(F.gelu(self.down(x), approximate="tanh"))
        return F.normalize(moved, dim=-1)

    def frozen(self) -> Residual:
        return Residual(self.down.weight.detach().numpy().copy(), self.up.weight.detach().numpy().copy())


def train(parts: Parts, base: str, *, seed: int = 0) -> Adapter:
    """The adapter that does best on the part kept for stopping. The held-out part is not looked at.

    Deterministic for the same pairs, seed and number of threads.

    Args:
        base: id of the encoder that gave the vectors.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        dim = parts.training.images.shape[1]
        sides = nn.ModuleDict({"image": _Side(dim, HIDDEN), "text": _Side(dim, HIDDEN)})
        _fit(sides, parts)
        image, text = (_frozen(sides[name]) for name in ("image", "text"))
    return Adapter(base, image, text, priors={Channel.IMAGE: _prior(image, text, parts.stopping)})


def _prior(image: Residual, text: Residual, pairs: Pairs) -> Sigmoid:
    """What a cosine of an adapted text and an adapted picture means: the unadapted prior says nothing of it."""
    from rag.encoding.training.fitting import fit_sigmoid

    cosines = (text(pairs.texts) @ image(pairs.images).T).astype(np.float64)
    return fit_sigmoid(cosines.ravel(), (pairs.groups[:, None] == pairs.groups[None]).ravel())


def _frozen(side: nn.Module) -> Residual:
    assert isinstance(side, _Side)
    return side.frozen()


def _fit(sides: nn.ModuleDict, parts: Parts) -> None:
    optimizer = torch.optim.AdamW(sides.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    stopping = [_tensors(some) for some in _batches(parts.stopping, None)]
    best, kept, waited = _mean_loss(sides, stopping), copy.deepcopy(sides.state_dict()), 0
    shuffling = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for some in _batches(parts.training, shuffling):
            optimizer.zero_grad()
            _loss(sides, *_tensors(some)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        loss = _mean_loss(sides, stopping)
        waited += 1
        if loss < best:
            best, kept, waited = loss, copy.deepcopy(sides.state_dict()), 0
        if waited >= PATIENCE:
            break
    sides.load_state_dict(kept)


def _batches(pairs: Pairs, shuffling: np.random.Generator | None) -> list[Pairs]:
    order = np.arange(len(pairs)) if shuffling is None else shuffling.permutation(len(pairs))
    count = max(1, round(len(pairs) / BATCH))
    return [Pairs(pairs.images[some], pairs.texts[some], pairs.groups[some]) for some in np.array_split(order, count)]


def _tensors(pairs: Pairs) -> tuple[Tensor, Tensor, Tensor]:
    return torch.from_numpy(pairs.images), torch.from_numpy(pairs.texts), torch.from_numpy(pairs.groups)


def _loss(sides: nn.ModuleDict, images: Tensor, texts: Tensor, groups: Tensor) -> Tensor:
    """InfoNCE in both directions (van den Oord et al. 2018; Radford et al. 2021); a group's others are no negatives."""
    logits = SCALE * sides["text"](texts) @ sides["image"](images).T  # (n, n)
    same = (groups[:, None] == groups[None]) & ~torch.eye(len(groups), dtype=torch.bool)
    logits = logits.masked_fill(same, float("-inf"))
    own = torch.arange(len(groups))
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


@torch.no_grad()
def _mean_loss(sides: nn.ModuleDict, batches: Sequence[tuple[Tensor, Tensor, Tensor]]) -> float:
    return float(np.mean([float(_loss(sides, *some)) for some in batches]))
