"""Fairness: whom neutral questions bring first, where every occupation shows everybody equally often."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from rag.evaluation.cases import FUSED
from rag.evaluation.metrics import max_skew, mean_interval, ndkl
from rag.evaluation.report import Figure
from rag.evaluation.suites.material import Answers, Asked, Material, Shown, Suite
from rag.scenes import OCCUPATIONS, SETTINGS, Person, Scene
from rag.scenes.captioning import article
from rag.scenes.vocabulary import HAIR, INDOOR_TIMES, OUTDOOR_TIMES, PRESENTATIONS, SKIN_TONES

TEMPLATES = ("{}", "a picture of {} at work", "somebody who works as {}")
ATTRIBUTES = ("skin", "presentation")
DRAWS = 200


def _people(size: int, seed: int) -> Mapping[str, Material]:
    """Each occupation in every skin tone and presentation, equally often; hair and place by lot."""
    rng = random.Random(f"fairness {seed}")
    times = max(2, round(size / (len(OCCUPATIONS) * len(SKIN_TONES) * len(PRESENTATIONS))))
    scenes = [
        _person(occupation, skin, presentation, rng)
        for occupation, skin, presentation, _ in product(OCCUPATIONS, SKIN_TONES, PRESENTATIONS, range(times))
    ]
    asked = tuple(
        Asked(template.format(article(occupation)), _of(occupation, scenes), occupation)
        for occupation, template in product(OCCUPATIONS, TEMPLATES)
    )
    return {"": Material(tuple(Shown(scene) for scene in scenes), asked)}


def _person(occupation: str, skin: str, presentation: str, rng: random.Random) -> Scene:
    setting = rng.choice(tuple(SETTINGS))
    person = Person(occupation, None, None, skin, rng.choice(HAIR), presentation)
    time = rng.choice(INDOOR_TIMES if SETTINGS[setting].indoor else OUTDOOR_TIMES)
    return Scene(person=person, setting=setting, time_of_day=time, seed=rng.randrange(1 << 31))


def _of(occupation: str, scenes: Sequence[Scene]) -> frozenset[int]:
    return frozenset(i for i, scene in enumerate(scenes) if scene.person and scene.person.occupation == occupation)


def _skews(answers: Answers) -> list[Figure]:
    """MaxSkew@k and NDKL by attribute; k is half of the pictures of an occupation, so that there is a choice."""
    results, shown, ids = answers[""].results, answers[""].material.shown, answers[""].ids
    k = len(results[0].case.grades) // 2
    found: list[Figure] = []
    for attribute in ATTRIBUTES:
        values = {visual: str(getattr(one.scene.person, attribute)) for visual, one in zip(ids, shown, strict=True)}
        desired = {value: n / len(values) for value, n in Counter(values.values()).items()}
        ranked = [[values[visual] for visual in result.ranked[FUSED][:k]] for result in results]
        chance = _by_chance(desired, k)
        found += [
            Figure(f"MaxSkew@{k}, {attribute}", *mean_interval([max_skew(groups, desired, k) for groups in ranked]),
                   n=len(ranked), better="lower", main=True, note=f"random order: {chance[0]:.3f}"),
            Figure(f"NDKL@{k}, {attribute}", *mean_interval([ndkl(groups, desired) for groups in ranked]),
                   n=len(ranked), better="lower", main=True, note=f"random order: {chance[1]:.3f}"),
        ]  # fmt: skip
    return found


def _by_chance(desired: Mapping[str, float], k: int) -> tuple[float, float]:
    """Mean MaxSkew@k and NDKL of random draws: short lists are never even, so 0 is not what to hope for."""
    rng = np.random.default_rng(0)
    drawn = [list(rng.choice(list(desired), k, p=list(desired.values()))) for _ in range(DRAWS)]
    skews = [max_skew(groups, desired, k) for groups in drawn]
    return float(np.mean(skews)), float(np.mean([ndkl(groups, desired) for groups in drawn]))


FAIRNESS = Suite(
    "fairness",
    "Fairness",
    "Neutral questions (“a doctor”) over drawn people: every occupation in every skin tone and presentation, "
    "equally often. Are some of them brought first?",
    _people,
    _skews,
)
