"""What a suite is made of: pictures whose content is known, and questions with the pictures that answer them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.errors import BadQuery
from rag.evaluation.cases import Result
from rag.evaluation.report import Figure
from rag.model import VisualId
from rag.scenes import COLOURS, HELD_OUT_PAIRS, KINDS, SETTINGS, Group, Scene, draw, sample_scene
from rag.scenes.sampling import allowed_settings
from rag.scenes.vocabulary import INDOOR_TIMES, OUTDOOR_TIMES

if TYPE_CHECKING:
    from PIL.Image import Image

BLOCK = 12

SIDE = 192
"""Pixels of the pictures: twice what the demo encoder sees. Models that see more get them enlarged."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture.

    Attributes:
        look: what is done to it after it was drawn.
        scale: how large its things are, 1 as they are usually drawn.
    """

    scene: Scene
    captions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    look: Callable[[Image], Image] | None = None
    scale: float = 1.0

    def picture(self) -> Image:
        """RGB; always the same pixels."""
        drawn = draw(self.scene, SIDE, scale=self.scale)
        return self.look(drawn) if self.look else drawn


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and the places in `Material.shown` of what answers it; none where nothing does."""

    text: str
    right: frozenset[int]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """One library and what is asked of it."""

    shown: tuple[Shown, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One variant after it was asked.

    Attributes:
        ids: of the pictures, in the order of `material.shown`.
        results: in the order of `material.asked`.
    """

    material: Material
    ids: tuple[VisualId, ...]
    results: tuple[Result, ...]


Answers = Mapping[str, Answered]
"""By variant."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A way in which retrieval may fail, and how it is provoked.

    Attributes:
        material: of a size and a seed, one library per variant; the first is what the others are compared with.
        figures: beside recall, MRR and nDCG: what the suite is for.
        calibrated: whether relevance is promised to be a probability here: where nothing was done to pictures or words.
        gain: what fusion is to add to the best channel's recall@5.
        depth: hits taken of each question.
    """

    name: str
    title: str
    told: str
    material: Callable[[int, int], Mapping[str, Material]]
    figures: Callable[[Answers], Sequence[Figure]] = lambda answers: ()
    calibrated: bool = False
    gain: float = 0.0
    depth: int = 50


Sampler = Callable[[random.Random], Scene]


def fresh_scenes(n: int, rng: random.Random, sampler: Sampler | None = None) -> list[Scene]:
    """`n` scenes with different keys, none of which the demo encoder was trained on; no held-out pair.

    Raises:
        BadQuery: the sampler has not so many.
    """
    draw_one = sampler or (lambda source: sample_scene(source, exclude_pairs=HELD_OUT_PAIRS))
    known = trained_keys()
    found: dict[str, Scene] = {}
    for _ in range(200 * n + 1000):
        if len(found) == n:
            return list(found.values())
        scene = draw_one(rng)
        if scene.key not in known:
            found.setdefault(scene.key, scene)
    raise BadQuery(
        f"the size is too large: of {n:,} scenes only {len(found):,} differ from each other and from those trained on"
    )


def look_alikes(n: int, rng: random.Random) -> list[Scene]:
    """`n` scenes of one thing, up to `BLOCK` of them in one colour, place and time: only the thing tells them apart.

    Scenes mostly differ in colour and place, by which an encoder that knows no object finds nearly all of them.

    Raises:
        BadQuery: there are not so many that the demo encoder was not trained on.
    """
    found: dict[str, Scene] = {}
    for _ in range(n + 1000):
        block = _same_but_for_the_thing(rng)
        found |= {scene.key: scene for scene in rng.sample(block, min(BLOCK, len(block)))}
        if len(found) >= n:
            return list(found.values())[:n]
    raise BadQuery(f"the size is too large: of {n:,} scenes that look alike there are only {len(found):,}")


def _same_but_for_the_thing(rng: random.Random) -> list[Scene]:
    setting, colour = rng.choice(tuple(SETTINGS)), rng.choice(tuple(COLOURS))
    time = rng.choice(INDOOR_TIMES if SETTINGS[setting].indoor else OUTDOOR_TIMES)
    groups = [(Group(kind, colour),) for kind in KINDS if (colour, kind) not in HELD_OUT_PAIRS]
    scenes = [
        Scene(group, setting=setting, time_of_day=time, seed=rng.randrange(1 << 31))
        for group in groups
        if setting in allowed_settings(group)
    ]
    return [scene for scene in scenes if scene.key not in trained_keys()]


@cache
def trained_keys() -> frozenset[str]:
    """Keys of the scenes that the demo encoder saw in training, drawn again from the training seed. Seconds."""
    from rag.encoding.training.dataset import scenes_for_training
    from rag.encoding.training.probes import probes

    return frozenset(scene.key for scene in scenes_for_training(TRAINED_SCENES, TRAINED_SEED, probes().keys()))


TRAINED_SCENES, TRAINED_SEED = 40_000, 7
"""As `rag/encoding/demo/run.json` says; a test compares them."""
