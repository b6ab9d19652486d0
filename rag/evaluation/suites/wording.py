"""Suites in which the words change and the pictures stay: paraphrase, words never trained on, negation."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.evaluation.cases import FUSED
from rag.evaluation.report import Figure
from rag.evaluation.scoring import channels_of, mean_figure, rank_of
from rag.evaluation.suites.material import Answers, Asked, Material, Shown, Suite, fresh_scenes, trained_keys
from rag.evaluation.suites.truth import answered_by
from rag.scenes import HELD_OUT_PAIRS, KINDS, SETTINGS, TIMES, Scene, captions
from rag.scenes.benchmarks import held_out_word_queries
from rag.scenes.captioning import article, group_phrase
from rag.scenes.sampling import sample_relation


def captioned(scenes: Sequence[Scene]) -> tuple[Shown, ...]:
    """Each with the one caption that an editor would have written."""
    return tuple(Shown(scene, (captions(scene)[0],)) for scene in scenes)


def reworded(scene: Scene, rng: random.Random) -> str:
    """One of the scene's other captions: other words, another order, perhaps without place or time."""
    return rng.choice(captions(scene)[1:])


def _paraphrase(size: int, seed: int) -> Mapping[str, Material]:
    rng = random.Random(f"paraphrase {seed}")
    scenes = fresh_scenes(size, rng)
    texts = [reworded(scene, rng) for scene in scenes]
    asked = tuple(Asked(text, answered_by(text, scene, scenes)) for text, scene in zip(texts, scenes, strict=True))
    return {"": Material(captioned(scenes), asked)}


def _held_out_words(size: int, seed: int) -> Mapping[str, Material]:
    """Half of the pictures answer a question with such a word; the others are in their way."""
    rng = random.Random(f"held-out words {seed}")
    wanted: dict[str, tuple[str, Scene]] = {}
    for turn in range(1000):
        if len(wanted) >= size // 2:
            break
        drawn = held_out_word_queries(1000 * seed + turn)
        wanted |= {scene.key: (text, scene) for text, scene in drawn if scene.key not in trained_keys()}
    pairs = list(wanted.values())[: size // 2]
    scenes = [scene for _, scene in pairs] + fresh_scenes(size - len(pairs), rng)
    asked = tuple(Asked(text, answered_by(captions(scene)[0], scene, scenes)) for text, scene in pairs)
    return {"": Material(captioned(scenes), asked)}


def _negation(size: int, seed: int) -> Mapping[str, Material]:
    """Pairs that differ in one thing, which the question rules out."""
    rng = random.Random(f"negation {seed}")
    both = fresh_scenes(size // 2, rng, lambda source: sample_relation(source, HELD_OUT_PAIRS, relation="next to"))
    alone = [replace(scene, groups=scene.groups[:1], relation=None) for scene in both]
    scenes = [*both, *alone]
    asked = tuple(_without(scene, scenes) for scene in both)
    return {"": Material(captioned(scenes), asked)}


def _without(scene: Scene, scenes: Sequence[Scene]) -> Asked:
    kept, unwanted = scene.groups
    where = f"{SETTINGS[scene.setting or 'meadow'].phrase} {TIMES[scene.time_of_day or 'noon']}"
    text = f"{group_phrase(kept)} {where} without {article(KINDS[unwanted.kind].name)}"
    right = frozenset(
        i
        for i, other in enumerate(scenes)
        if kept in other.groups
        and (other.setting, other.time_of_day) == (scene.setting, scene.time_of_day)
        and all(group.kind != unwanted.kind for group in other.groups)
    )
    return Asked(text, right)


def twins_parted(answers: Answers) -> list[Figure]:
    """How often a right picture comes before every wrong one, by channel; chance is a half where twins differ."""
    results = answers[""].results
    return [
        mean_figure(
            f"{channel} right one first",
            [float(rank_of(result, channel) == 1) for result in results],
            main=channel == FUSED,
        )
        for channel in channels_of(results)
    ]


PARAPHRASE = Suite(
    "paraphrase",
    "Paraphrase",
    "Every picture has one caption; questions word it differently: synonyms, another order, without place or time.",
    _paraphrase,
    calibrated=True,
)
HELD_OUT_WORDS = Suite(
    "held-out-words",
    "Words never trained on",
    "Questions name things by words that no training text and no caption has: automobile, settee, spaceship.",
    _held_out_words,
)
NEGATION = Suite(
    "negation",
    "Negation",
    "Pairs of pictures that differ in one thing, and a question that rules it out in words: "
    "“a red chair in a park at noon without a lamp”.",
    _negation,
    twins_parted,
)
