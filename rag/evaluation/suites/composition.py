"""Suites about how things are put together: whose colour, how many, where to each other, how large."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.evaluation.cases import FUSED
from rag.evaluation.report import Figure
from rag.evaluation.scoring import mean_figure, recall, scores
from rag.evaluation.suites.material import Answers, Asked, Material, Shown, Suite, fresh_scenes, look_alikes
from rag.evaluation.suites.truth import answered_by
from rag.evaluation.suites.wording import captioned, reworded, twins_parted
from rag.scenes import HELD_OUT_PAIRS, KINDS, Scene, captions
from rag.scenes.sampling import sample_relation, sample_single

SCALES = {"": 1.0, "half": 0.5, "third": 0.33, "quarter": 0.25}
"""Edge of a thing, against how large it is usually drawn: about half of the picture's edge."""


def _binding(size: int, seed: int) -> Mapping[str, Material]:
    rng = random.Random(f"binding {seed}")
    scenes = fresh_scenes(size // 2, rng, _two_colours)
    return _with_twins(scenes, [_swapped_colours(scene) for scene in scenes], rng)


def _two_colours(rng: random.Random) -> Scene:
    while True:
        scene = sample_relation(rng, HELD_OUT_PAIRS, relation=rng.choice(("on", "under", "left of", "next to")))
        first, second = (replace(group, count=1) for group in scene.groups)
        if first.colour != second.colour:
            return replace(scene, groups=(first, second))


def _swapped_colours(scene: Scene) -> Scene:
    first, second = scene.groups
    return replace(scene, groups=(replace(first, colour=second.colour), replace(second, colour=first.colour)))


def _counts(size: int, seed: int) -> Mapping[str, Material]:
    """The same things in the same place, two to five of them."""
    rng = random.Random(f"counts {seed}")
    singles = fresh_scenes(size // 4, rng, lambda source: sample_single(source, HELD_OUT_PAIRS))
    scenes = [
        replace(scene, groups=(replace(scene.groups[0], count=count),)) for scene in singles for count in (2, 3, 4, 5)
    ]
    asked = tuple(
        Asked(captions(scene)[0], answered_by(captions(scene)[0], scene, scenes), f"{scene.groups[0].count} things")
        for scene in scenes
    )
    return {"": Material(_named_without_number(scenes), asked)}


def _named_without_number(scenes: Sequence[Scene]) -> tuple[Shown, ...]:
    """Captions that do not say how many, so that counting takes looking."""
    return tuple(Shown(scene, (_plural(scene),)) for scene in scenes)


def _plural(scene: Scene) -> str:
    """ "Red kites on a beach at noon" """
    group, text = scene.groups[0], captions(scene)[0]
    _, plural, place = text.partition(KINDS[group.kind].plural)
    return f"{group.colour} {plural}{place}".capitalize()


def _relations(size: int, seed: int) -> Mapping[str, Material]:
    """Each scene beside one in which the same two things stand otherwise."""
    rng = random.Random(f"relations {seed}")
    scenes = fresh_scenes(size // 2, rng, _on_under_or_left)
    return _with_twins(scenes, [_otherwise(scene) for scene in scenes], rng)


def _on_under_or_left(rng: random.Random) -> Scene:
    relation = rng.choice(("on", "under", "left of", "left of"))
    while True:
        scene = sample_relation(rng, HELD_OUT_PAIRS, relation=relation)
        scene = replace(scene, groups=tuple(replace(group, count=1) for group in scene.groups))
        holds, shelters = KINDS[scene.groups[1].kind].top, KINDS[scene.groups[1].kind].underside
        if relation == "left of" or (holds is not None and shelters is not None):
            return scene


def _otherwise(scene: Scene) -> Scene:
    if scene.relation == "left of":
        return replace(scene, groups=scene.groups[::-1])
    return replace(scene, relation="under" if scene.relation == "on" else "on")


def _with_twins(scenes: Sequence[Scene], twins: Sequence[Scene], rng: random.Random) -> Mapping[str, Material]:
    everything = [*scenes, *twins]
    texts = [reworded(scene, rng) for scene in scenes]
    asked = tuple(
        Asked(text, answered_by(text, scene, everything), scene.relation or "")
        for text, scene in zip(texts, scenes, strict=True)
    )
    return {"": Material(captioned(everything), asked)}


def _small(size: int, seed: int) -> Mapping[str, Material]:
    """One thing in its place, drawn ever smaller; no captions, so that only sight helps."""
    rng = random.Random(f"small {seed}")
    scenes = look_alikes(size, rng)
    asked = tuple(Asked(captions(s)[0], answered_by(captions(s)[0], s, scenes)) for s in scenes)
    return {
        variant: Material(tuple(Shown(scene, scale=scale) for scene in scenes), asked)
        for variant, scale in SCALES.items()
    }


def variants_by_sight(answers: Answers) -> list[Figure]:
    """Recall of each variant, and what it lost against the first, question by question."""
    first, *others = answers
    whole = scores(answers[first].results, FUSED, recall(1))
    found = []
    for variant in others:
        here = scores(answers[variant].results, FUSED, recall(1))
        found.append(mean_figure(f"fused recall@1, {variant}", here, main=True))
        found.append(replace(mean_figure(f"recall@1 lost, {variant}", whole - here), better="lower"))
    return found


BINDING = Suite(
    "colour-binding",
    "Colour binding",
    "Two things in two colours, and a twin with the colours swapped; the question words the first. "
    "A bag of words cannot part them.",
    _binding,
    twins_parted,
)
COUNTS = Suite(
    "counts",
    "Counts",
    "The same things in the same place, two to five of them, under captions that do not say how many.",
    _counts,
    twins_parted,
)
RELATIONS = Suite(
    "relations",
    "Relations",
    "Two things, and a twin in which they stand the other way round: on or under, left or right.",
    _relations,
    twins_parted,
)
SMALL = Suite(
    "small-objects",
    "Small objects",
    "One thing among others of its colour in the same place, uncaptioned, "
    "drawn at a half, a third and a quarter of its usual edge.",
    _small,
    variants_by_sight,
)
