"""What the support score of a sentence tells apart: true paraphrases of a caption, and sentences with one thing wrong.

Each sentence cites one drawn picture, which has its first caption; the sentence is in other
words, about the same scene, another one, or the same with one colour, kind or place changed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.desk import empty_desk
from benchmarks.figure import Figure
from rag.answering.support import SupportScorer
from rag.indexing.bm25 import document_vector
from rag.model import AssetId, Caption, Evidence, Support, Visual, visual_id
from rag.ports import Matrix, Point, Serving
from rag.scenes import KINDS, SETTINGS, Scene, captions, draw, sample_scene
from rag.scenes.vocabulary import COLOURS
from rag.wiring import WiredServices

SCENES = 200
SEED = 11
LIBRARY = "support"


@dataclass(frozen=True, slots=True)
class Claim:
    scene: int
    kind: str
    sentence: str


def figures() -> list[Figure]:
    rng = random.Random(SEED)
    scenes = [sample_scene(rng) for _ in range(SCENES)]
    with empty_desk() as services:
        evidence = stored(services, scenes)
        found: dict[str, list[Support]] = defaultdict(list)
        for claim in claims(scenes, rng):
            scorer = SupportScorer(services.serving(), [evidence[claim.scene]])
            found[claim.kind] += scorer.score([f"{claim.sentence} [1]."])
    targets = {"the same scene": (0.85, "higher"), "another scene": (0.02, "lower")}
    rows = []
    for kind, supports in found.items():
        target, better = targets.get(kind, (None, "lower"))
        share = float(np.mean([support.supported for support in supports]))
        name = f"answers: sentences taken for supported, {kind}"
        rows.append(Figure(name, share, "share", target, "higher" if better == "higher" else "lower"))
    return rows


def claims(scenes: list[Scene], rng: random.Random) -> Iterator[Claim]:
    for number, scene in enumerate(scenes):
        yield Claim(number, "the same scene", rng.choice(captions(scene)[1:]))
        other = rng.choice([one for one in scenes if one.key != scene.key])
        yield Claim(number, "another scene", rng.choice(captions(other)))
        for kind, changed in changes(scene, rng):
            yield Claim(number, kind, rng.choice(captions(changed)))


def changes(scene: Scene, rng: random.Random) -> Iterator[tuple[str, Scene]]:
    """The scene with one thing wrong; those without groups have no such thing."""
    if not scene.groups:
        return
    first, *others = scene.groups
    colour = rng.choice([one for one in COLOURS if one != first.colour])
    yield "a wrong colour", replace(scene, groups=(replace(first, colour=colour), *others))
    stand = KINDS[first.kind].stand
    kind = rng.choice([name for name, one in KINDS.items() if name != first.kind and one.stand == stand])
    yield "a wrong thing", replace(scene, groups=(replace(first, kind=kind), *others))
    if scene.setting:
        yield "a wrong place", replace(scene, setting=rng.choice([one for one in SETTINGS if one != scene.setting]))


def stored(services: WiredServices, scenes: list[Scene]) -> list[Evidence]:
    serving = services.serving()
    vectors = encoded(serving, scenes)
    evidence = []
    for number, (scene, vector) in enumerate(zip(scenes, vectors, strict=True)):
        asset = AssetId(f"{number:064x}")
        visual = Visual(visual_id(LIBRARY, asset), LIBRARY, asset, 224, 224)
        caption = Caption(captions(scene)[0])
        nothing = np.zeros((0, serving.store.dim), np.float32)
        serving.store.upsert([Point(visual.id, vector, nothing, document_vector(caption.text), {"library": LIBRARY})])
        evidence.append(Evidence(1, visual, caption, relevance=1.0, scores={}, ranks={}))
    return evidence


def encoded(serving: Serving, scenes: list[Scene]) -> Matrix:
    batch = serving.encoder.batch
    pictures = (scenes[at : at + batch] for at in range(0, len(scenes), batch))
    return np.concatenate([serving.encoder.images([draw(scene, 224) for scene in some]) for some in pictures])
