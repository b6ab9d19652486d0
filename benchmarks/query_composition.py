"""Queries with something unwanted, and pictures with words: how they are put together, against adding and subtracting.

Scenes with one thing in them ask for others: "a car" or the picture of a car, but not at night (or not on a
beach, or not red); and the picture of a car with "at night" for a car at night. What a scene shows is known exactly.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure
from rag.encoding import load_encoder
from rag.model import Channel, VisualId
from rag.ports import Encoder, Matrix, Scored, Vector
from rag.ports.vectors import NOTHING
from rag.retrieval.composing import DENSE, SAMPLE, Sample, Unwanted, composed_vector
from rag.retrieval.fusion import reciprocal_rank_fusion
from rag.retrieval.unlike import lower_unlike
from rag.scenes import SETTINGS, TIMES, Scene, captions, draw
from rag.scenes.benchmarks import retrieval_scenes

SCENES, CASES, TOP, CANDIDATES = 600, 60, 10, 100
SUBTRACTED = (0.25, 0.5, 0.75, 1.0)
KINDS = ("words, not words", "picture, not words", "picture, not picture", "picture and words")


@dataclass(frozen=True, slots=True)
class World:
    """Drawn scenes with their vectors; row n of both is scene n."""

    scenes: Sequence[Scene]
    images: Matrix
    captions: Matrix

    def rows(self, channel: Channel) -> Matrix:
        return self.images if channel is Channel.IMAGE else self.captions

    def scores(
        self,
        ids: Sequence[VisualId],
        vectors: Mapping[Channel, Vector],
        *,
        known: Mapping[Channel, Collection[VisualId]] = NOTHING,
    ) -> dict[Channel, dict[VisualId, float]]:
        """As `VectorStore.scores`; nothing is known before."""
        return {
            channel: {one: float(self.rows(channel)[int(one)] @ vectors[channel]) for one in ids} for channel in vectors
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One query, the scene it is made of, and which scenes answer it."""

    given: int
    wanted: tuple[Vector, ...]
    unwanted: tuple[Vector, ...]
    answers: NDArray[np.bool_]


def figures() -> list[Figure]:
    """Two minutes on two cores."""
    encoder = load_encoder("demo")
    return measured(encoder, drawn_world(encoder))


def drawn_world(encoder: Encoder) -> World:
    scenes = retrieval_scenes(SCENES, seed=12)
    images = np.concatenate([encoder.images([draw(scene, 224) for scene in some]) for some in _chunks(scenes)])
    texts = np.concatenate([encoder.texts([captions(scene)[0] for scene in some]) for some in _chunks(scenes)])
    return World(scenes, images, texts)


def measured(encoder: Encoder, world: World) -> list[Figure]:
    """nDCG@10 of each kind of query, beside the best weight of subtracting (of adding, where nothing is unwanted)."""
    found = []
    sample = Sample(world.images[:SAMPLE], world.captions[:SAMPLE])
    for kind in KINDS:
        cases = list(cases_of(kind, encoder, world))
        ours = np.mean([ndcg(composed(world, sample, case), case) for case in cases])
        plain = max(np.mean([ndcg(subtracted(world, case, a), case) for case in cases]) for a in SUBTRACTED)
        name = f"composed query, {kind}: nDCG@{TOP} (baseline: vectors added and subtracted)"
        found.append(Figure(name, float(ours), "", baseline=float(plain), target=1.0, of_ratio=True))
    return found


def composed(world: World, sample: Sample, case: Case) -> list[int]:
    """As `rag.retrieval.search` does it."""
    parts = [(dict.fromkeys(DENSE, vector), 1.0) for vector in case.wanted]
    vectors = {channel: composed_vector(channel, parts, sample) for channel in DENSE}
    unwanted = [
        Unwanted(dict.fromkeys(DENSE, one), 1.0, {channel: sample.spread(channel, one) for channel in DENSE})
        for one in case.unwanted
    ]
    candidates = reciprocal_rank_fusion({channel: _nearest(world, channel, vectors[channel]) for channel in DENSE})
    return [int(one.id) for one in lower_unlike(world, candidates, unwanted, {})]  # type: ignore[arg-type]


def subtracted(world: World, case: Case, weight: float) -> list[int]:
    """Rocchio 1971 in the joint space: one vector for everything."""
    total = np.sum(case.wanted, axis=0) - weight * np.sum(case.unwanted, axis=0)
    vector = total / np.linalg.norm(total)
    return [int(one.id) for one in reciprocal_rank_fusion({c: _nearest(world, c, vector) for c in DENSE})]


def cases_of(kind: str, encoder: Encoder, world: World) -> list[Case]:
    rng = random.Random(f"composition {kind}")
    found: list[Case] = []
    for given in rng.sample(range(len(world.scenes)), len(world.scenes)):
        scene = world.scenes[given]
        if len(found) < CASES and len(scene.groups) == 1 and scene.setting and scene.time_of_day:
            case = _case(kind, encoder, world, given, rng)
            if case.answers.sum() >= 3:
                found.append(case)
    return found


def ndcg(order: Sequence[int], case: Case) -> float:
    """nDCG@10 with gains of 0 and 1; the scene that the query is made of does not count."""
    gains = np.array([case.answers[one] for one in order if one != case.given][:TOP], dtype=float)
    ideal = np.ones(min(TOP, int(case.answers.sum())))
    return float(_gain(gains) / _gain(ideal))


def _case(kind: str, encoder: Encoder, world: World, given: int, rng: random.Random) -> Case:
    scene, thing = world.scenes[given], world.scenes[given].groups[0]
    trait = rng.choice(TRAITS)
    same = np.array([thing.kind in {group.kind for group in one.groups} for one in world.scenes])
    alike = np.array([trait(one) == trait(scene) for one in world.scenes])
    others = np.arange(len(world.scenes)) != given
    picture = world.images[given]
    if kind == "picture and words":
        said = rng.choice(sorted({trait(one) for one in world.scenes} - {trait(scene), ""}))
        turned = np.array([trait(one) == said for one in world.scenes])
        return Case(given, (picture, encoder.texts([said])[0]), (), same & turned & others)
    unwanted = encoder.texts([trait(scene)])[0]
    if kind == "picture, not picture":
        unwanted = world.images[rng.choice(np.flatnonzero(alike & ~same & others).tolist())]
    wanted = encoder.texts([f"a {thing.kind}"])[0] if kind == "words, not words" else picture
    return Case(given, (wanted,), (unwanted,), same & ~alike & others)


def _time(scene: Scene) -> str:
    return TIMES[scene.time_of_day] if scene.time_of_day else ""


def _place(scene: Scene) -> str:
    return SETTINGS[scene.setting].phrase if scene.setting else ""


def _colour(scene: Scene) -> str:
    return scene.groups[0].colour if scene.groups else ""


TRAITS = (_time, _place, _colour)


def _nearest(world: World, channel: Channel, vector: Vector) -> list[Scored]:
    scores = world.rows(channel) @ vector
    return [Scored(VisualId(str(at)), float(scores[at])) for at in np.argsort(-scores, kind="stable")[:CANDIDATES]]


def _gain(gains: NDArray[np.float64]) -> float:
    return float(np.sum(gains / np.log2(np.arange(2, len(gains) + 2))))


def _chunks(scenes: Sequence[Scene], size: int = 60) -> list[Sequence[Scene]]:
    return [scenes[at : at + size] for at in range(0, len(scenes), size)]
