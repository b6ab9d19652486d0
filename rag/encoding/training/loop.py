"""The training loop: image tower and text head against frozen MiniLM embeddings, with a moving average of weights."""

from __future__ import annotations

import copy
import ctypes
import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from open_clip.model import CustomTextCLIP
from torch import Tensor, nn

from rag.encoding.demo import architecture
from rag.encoding.training.batches import OWN, Batch, batches
from rag.encoding.training.dataset import Dataset
from rag.encoding.training.loss import contrast, distance, separation, swapped
from rag.encoding.training.recipe import Recipe

TRAINED = ("visual", "text.proj")
"""The parts that learn; MiniLM stays as it is, so that words never trained on keep their meaning."""

Watch = Callable[[int, float, CustomTextCLIP], None]
"""Called now and then with (step, mean loss since the last call, averaged model)."""


class Objective(nn.Module):
    """The loss of a batch, with the scales that it learns on the way."""

    def __init__(self, data: Dataset, recipe: Recipe) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.threshold = nn.Parameter(torch.tensor([10.0, -4.0]))
        self._spread = float(np.std(np.asarray(data.embeddings[:20_000], np.float32), axis=0).mean())
        self._recipe = recipe

    def forward(self, model: CustomTextCLIP, batch: Batch) -> Tensor:
        """A scalar."""
        recipe = self._recipe
        pictures = F.normalize(model.visual(batch.pictures), dim=-1)  # (b, d)
        noise = self._noise(len(pictures)) * torch.randn_like(batch.embedded)
        texts = F.normalize(model.text.proj(batch.embedded + noise), dim=-1)  # (4b, d)
        cosines = pictures @ texts.T  # (b, 4b)
        loss = contrast(cosines * self.scale.exp(), batch.true, batch.own)
        loss = loss + recipe.separation * separation(cosines, batch.true, *self.threshold)
        if recipe.swap:
            loss = loss + recipe.swap * swapped(cosines)
        if recipe.strangers:
            strangers = F.normalize(model.text.proj(batch.strangers), dim=-1)  # (s, d)
            loss = loss + recipe.strangers * distance(pictures @ strangers.T)
        return loss

    def _noise(self, b: int) -> Tensor:
        """Standard deviation for each text of a batch of `b` pictures: shape (4b, 1)."""
        noise = torch.full((4, b), self._recipe.caption_noise)
        noise[OWN - 1] = self._recipe.noise  # the prompts
        return self._spread * noise.reshape(-1, 1)

    @torch.no_grad()
    def limit(self) -> None:
        """Keep the temperature from running off, which would fit the noise in near ties."""
        self.scale.clamp_(max=math.log(60))


def train(
    data: Dataset, recipe: Recipe, watch: Watch, every: int = 200, start: CustomTextCLIP | None = None
) -> CustomTextCLIP:
    """The moving average of the trained model, in evaluation mode.

    Args:
        start: a model to go on from; it is left as it is.
        every: steps between calls of `watch`.
    """
    _keep_memory()
    torch.manual_seed(recipe.seed)
    model = (copy.deepcopy(start) if start else architecture.build()).requires_grad_(True)
    averaged = copy.deepcopy(model)
    objective = Objective(data, recipe)
    if start:
        objective.scale.data.copy_(start.logit_scale.data)
    optimiser = _optimiser(model, objective, recipe)
    for part in TRAINED:
        model.get_submodule(part).train()
    losses: list[float] = []
    last = recipe.stop or recipe.steps
    for step, batch in enumerate(itertools.islice(batches(data, recipe), last)):
        losses.append(_step(model, objective, optimiser, batch, _rate(step, recipe)))
        _move(averaged, model, min(recipe.average, (1 + step) / (10 + step)))
        if (step + 1) % every == 0 or step + 1 == last:
            averaged.logit_scale.data.copy_(objective.scale.data)
            watch(step + 1, float(np.mean(losses[-every:])), averaged)
    return averaged


def _step(
    model: CustomTextCLIP, objective: Objective, optimiser: torch.optim.Optimizer, batch: Batch, rate: float
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = rate
    loss: Tensor = objective(model, batch)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 2.0)
    optimiser.step()
    objective.limit()
    return loss.item()


def _optimiser(model: CustomTextCLIP, objective: Objective, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; only matrices and kernels decay."""
    trained = [weight for part in TRAINED for weight in model.get_submodule(part).parameters()]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [*(p for p in trained if p.ndim <= 1), *objective.parameters()], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.peak_rate, betas=(0.9, 0.98), fused=True)


def _rate(step: int, recipe: Recipe) -> float:
    """Linear warm-up, then a cosine down to nothing."""
    if step < recipe.warmup:
        return recipe.peak_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.peak_rate * 0.5 * (1 + math.cos(math.pi * share))


@torch.no_grad()
def _move(averaged: CustomTextCLIP, model: CustomTextCLIP, decay: float) -> None:
    """Batch statistics are averaged like weights; counters are copied."""
    for part in TRAINED:
        target, source = averaged.get_submodule(part).state_dict(), model.get_submodule(part).state_dict()
        for name, value in target.items():
            if value.is_floating_point():
                value.lerp_(source[name], 1 - decay)
            else:
                value.copy_(source[name])


def _keep_memory() -> None:
    """Tell glibc to keep freed memory: fresh pages for each batch's activations take a third of the time."""
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return
    libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
    libc.mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD
