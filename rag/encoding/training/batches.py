"""Batches of the training data: cropped and lit pictures, embedded texts, and which text is true of which picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from numpy.typing import NDArray
from torch import Tensor

from rag.encoding.demo import architecture
from rag.encoding.training.dataset import DISTRACTORS, PARAPHRASES, PROMPTS, SIDE, Dataset
from rag.encoding.training.loss import truth
from rag.encoding.training.recipe import Recipe

OWN = 3
"""True texts of each picture in a batch: two paraphrases and a prompt. A fourth is a distractor."""

STRANGERS = 128
"""Texts of a batch that no scene answers."""

Picks = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """`b` pictures with 4 `b` texts: picture i's own are at i, b + i, 2 b + i, its distractor at 3 b + i.

    Attributes:
        pictures: shape (b, 3, side, side), float32, normalised.
        embedded: shape (4b, 384), float32: MiniLM's mean-pooled tokens.
        true: shape (b, 4b), bool.
        strangers: shape (s, 384), float32: texts that no scene answers.
    """

    pictures: Tensor
    embedded: Tensor
    true: Tensor
    strangers: Tensor

    @property
    def own(self) -> Tensor:
        """shape (OWN, b), int64: where picture i's own texts are."""
        return torch.arange(OWN * len(self.pictures)).view(OWN, -1)


def batches(data: Dataset, recipe: Recipe) -> Iterator[Batch]:
    """One batch for each step; the same recipe gives the same batches."""
    for step, picks in enumerate(_crowded(data, recipe) if recipe.places else _picks(len(data), recipe)):
        rng = np.random.default_rng((recipe.seed, step))
        rows = np.asarray(data.rows)[picks[:, None], _columns(len(picks), recipe.asked, rng)].T.reshape(-1)  # (4b,)
        yield Batch(
            _pictures(data, picks, recipe.side, rng),
            torch.from_numpy(data.embeddings[rows].astype(np.float32)),
            _true(data, picks, rows),
            torch.from_numpy(data.embeddings[rng.choice(data.strangers, STRANGERS)].astype(np.float32)),
        )


def _true(data: Dataset, picks: Picks, rows: NDArray[np.int32]) -> Tensor:
    """shape (b, 4b), bool; what is drawn from a picture's own texts is true of it, whatever the facts say."""
    true = truth(
        torch.from_numpy(data.facts[picks]),
        torch.from_numpy(data.needs[rows].astype(np.int64)),
        torch.from_numpy(data.scene_content[picks].astype(np.int64)),
        torch.from_numpy(data.text_content[rows].astype(np.int64)),
    )
    true[torch.arange(len(picks)).repeat(OWN), torch.arange(OWN * len(picks))] = True
    return true


def _picks(n: int, recipe: Recipe) -> Iterator[Picks]:
    """Scenes of each step: shuffled, epoch after epoch; shape (batch,)."""
    rng = np.random.default_rng(recipe.seed)
    waiting = np.empty(0, np.int64)
    for _ in range(recipe.steps):
        while len(waiting) < recipe.batch:
            waiting = np.concatenate([waiting, rng.permutation(n)])
        yield np.sort(waiting[: recipe.batch])
        waiting = waiting[recipe.batch :]


def _crowded(data: Dataset, recipe: Recipe) -> Iterator[Picks]:
    """Scenes of each step, from a few places that are chosen by how many scenes they have; shape (batch,)."""
    rng = np.random.default_rng(recipe.seed)
    members = [np.flatnonzero(data.place == place) for place in range(int(data.place.max()) + 1)]
    share = recipe.batch // recipe.places
    sizes = np.array([len(some) if len(some) >= share else 0 for some in members], float)
    weights = np.where(data.several, _several_weight(float(data.several.mean()), recipe.several), 1.0)
    for _ in range(recipe.steps):
        chosen = rng.choice(len(members), recipe.places, replace=False, p=sizes / sizes.sum())
        yield np.sort(np.concatenate([_some(members[place], share, weights, rng) for place in chosen]))


def _some(members: Picks, n: int, weights: NDArray[np.float64], rng: np.random.Generator) -> Picks:
    """`n` different ones of `members`, those of more weight more often."""
    odds = weights[members]
    return rng.choice(members, n, replace=False, p=odds / odds.sum())


def _several_weight(have: float, want: float) -> float:
    """How much more often scenes of several things must be drawn, to be `want` of a batch where they are `have`."""
    return want * (1 - have) / (have * (1 - want)) if want else 1.0


def _columns(n: int, asked: float, rng: np.random.Generator) -> Picks:
    """For each picture: two paraphrases, a prompt and a distractor, as columns of `rows`; shape (n, 4).

    A share of `asked` has its question in place of the first paraphrase.
    """
    first = rng.integers(0, PARAPHRASES, n)
    second = (first + rng.integers(1, PARAPHRASES, n)) % PARAPHRASES
    prompt = PARAPHRASES + rng.integers(0, PROMPTS, n)
    distractor = PARAPHRASES + PROMPTS + rng.integers(0, DISTRACTORS, n)
    question = PARAPHRASES + PROMPTS + DISTRACTORS
    return np.stack([np.where(rng.random(n) < asked, question, first), second, prompt, distractor], axis=1)


def _pictures(data: Dataset, picks: Picks, side: int, rng: np.random.Generator) -> Tensor:
    """Cropped a little and lit a little differently; never mirrored, so that left stays left."""
    window = int(rng.integers(SIDE - 16, SIDE + 1))
    left, top = rng.integers(0, SIDE - window + 1, (2, len(picks)))
    crops = [data.pixels[i, y : y + window, x : x + window] for i, x, y in zip(picks, left, top, strict=True)]
    batch = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
    if window != side:
        # While still uint8 and channels-last: torch's kernel for that is ten times faster.
        batch = F.interpolate(batch, size=(side, side), mode="bilinear", antialias=True, align_corners=False)
    batch = batch.float() / 255
    light = torch.from_numpy(rng.normal((1.0, 0.0), (0.08, 0.03), (len(picks), 2)).astype(np.float32))
    batch = (batch - 0.5) * light[:, :1, None, None] + 0.5 + light[:, 1:, None, None]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in _statistics())
    return ((batch - mean) / std).contiguous()


def _statistics() -> tuple[tuple[float, ...], tuple[float, ...]]:
    return architecture.PREPROCESSING.mean, architecture.PREPROCESSING.std
