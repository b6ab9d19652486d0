"""Suites in which the pictures change and the words stay: style, words written on them, backgrounds that mislead."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from rag.evaluation.cases import FUSED
from rag.evaluation.metrics import bootstrap
from rag.evaluation.report import Figure
from rag.evaluation.scoring import mean_figure, recall, scores
from rag.evaluation.suites.composition import variants_by_sight
from rag.evaluation.suites.material import Answers, Asked, Material, Shown, Suite, look_alikes
from rag.evaluation.suites.pixels import blurred, cropped, greyscale, line_drawing, with_label, with_word
from rag.evaluation.suites.truth import answered_by
from rag.media.lettering import without_lettering
from rag.scenes import HELD_OUT_PAIRS, KINDS, SETTINGS, Group, Scene, captions
from rag.scenes.captioning import article
from rag.scenes.sampling import allowed_settings
from rag.scenes.vocabulary import COLOURS, INDOOR_TIMES, OUTDOOR_TIMES

STYLES: dict[str, Callable[[Image], Image] | None] = {
    "": None,
    "line drawing": line_drawing,
    "greyscale": greyscale,
    "blur": blurred,
    "crop": cropped,
}

MASKED = "wrong word, lettering masked"

HOMES = {
    "vehicle": "city street", "animal": "farm", "household": "living room", "building": "meadow", "plant": "park",
    "clothing": "bedroom", "food": "kitchen", "toy": "bedroom",
}  # fmt: skip
"""Where a family of things is usually seen."""


def _style(size: int, seed: int) -> Mapping[str, Material]:
    rng = random.Random(f"style {seed}")
    scenes = look_alikes(size, rng)
    asked = tuple(Asked(captions(s)[0], answered_by(captions(s)[0], s, scenes)) for s in scenes)
    return {name: Material(tuple(Shown(scene, look=look) for scene in scenes), asked) for name, look in STYLES.items()}


def _typographic(size: int, seed: int) -> Mapping[str, Material]:
    """Every picture carries the name of another kind of thing; then the same after lettering was painted over.

    A label without a word tells how much of the loss is what the label covers, which no masking brings back.
    """
    rng = random.Random(f"typographic {seed}")
    scenes = look_alikes(size, rng)
    asked = tuple(Asked(captions(s)[0], answered_by(captions(s)[0], s, scenes)) for s in scenes)
    words = [rng.choice([name for name in KINDS if name != scene.groups[0].kind]) for scene in scenes]
    attacked = [Shown(scene, look=with_word(word)) for scene, word in zip(scenes, words, strict=True)]
    healed = [replace(one, look=_healed(word)) for one, word in zip(attacked, words, strict=True)]
    clean = tuple(Shown(scene) for scene in scenes)
    return {
        "": Material(clean, asked),
        "wrong word": Material(tuple(attacked), asked),
        MASKED: Material(tuple(healed), asked),
        "empty label": Material(
            tuple(replace(one, look=with_label(w)) for one, w in zip(clean, words, strict=True)), asked
        ),
        "no word, lettering masked": Material(tuple(replace(one, look=without_lettering) for one in clean), asked),
    }


def _healed(word: str) -> Callable[[Image], Image]:
    attack = with_word(word)
    return lambda picture: without_lettering(attack(picture))


def _recovered(answers: Answers) -> list[Figure]:
    """What the words cost, and how much of that masking gives back."""
    whole, hurt, mended = (scores(answers[name].results, FUSED, recall(1)) for name in ("", "wrong word", MASKED))
    found = variants_by_sight(answers)
    if whole.mean() <= hurt.mean():
        return found

    def spared(rows: NDArray[np.intp]) -> float:
        lost = whole[rows].mean() - hurt[rows].mean()
        return float((mended[rows].mean() - hurt[rows].mean()) / lost) if lost > 0 else 1.0

    interval = bootstrap(len(whole), spared)
    share = spared(np.arange(len(whole)))
    return [*found, Figure("share of the loss spared by masking", share, *interval, len(whole), target=0.5, main=True)]


def _spurious(size: int, seed: int) -> Mapping[str, Material]:
    """Of each kind of thing: two pictures in its usual place, two elsewhere."""
    rng = random.Random(f"spurious {seed}")
    kinds = [kind for kind in KINDS.values() if kind.stand == "ground" and HOMES[kind.family] in _settings(kind.name)]
    rng.shuffle(kinds)
    scenes: list[Scene] = []
    for kind in kinds[: max(2, size // 4)]:
        home = HOMES[kind.family]
        elsewhere = [name for name in _settings(kind.name) if name not in HOMES.values()]
        scenes += [_at(kind.name, home, rng), _at(kind.name, home, rng)]
        scenes += [_at(kind.name, name, rng) for name in rng.sample(elsewhere, 2)]
    return {"": Material(tuple(Shown(scene) for scene in scenes), tuple(_kind_questions(scenes)))}


def _settings(kind: str) -> tuple[str, ...]:
    return allowed_settings((Group(kind, "red"),))


def _at(kind: str, setting: str, rng: random.Random) -> Scene:
    colour = rng.choice([colour for colour in COLOURS if (colour, kind) not in HELD_OUT_PAIRS])
    times = INDOOR_TIMES if SETTINGS[setting].indoor else OUTDOOR_TIMES
    return Scene((Group(kind, colour),), setting=setting, time_of_day=rng.choice(times), seed=rng.randrange(1 << 31))


def _kind_questions(scenes: list[Scene]) -> list[Asked]:
    """Each kind, by its name alone."""
    kinds = dict.fromkeys(scene.groups[0].kind for scene in scenes)
    return [
        Asked(f"a picture of {article(kind)}", frozenset(i for i, s in enumerate(scenes) if s.groups[0].kind == kind))
        for kind in kinds
    ]


def _worst_place(answers: Answers) -> list[Figure]:
    """Share of the pictures in the usual and in an unusual place among the first ten, and the gap between them."""
    asked = answers[""]
    scenes = dict(zip(asked.ids, (one.scene for one in asked.material.shown), strict=True))
    usual: list[float] = []
    unusual: list[float] = []
    for result in asked.results:
        first = set(result.ranked[FUSED][:10])
        home = {visual for visual in result.case.grades if _is_at_home(scenes[visual])}
        elsewhere = set(result.case.grades) - home
        usual.append(len(first & home) / len(home))
        unusual.append(len(first & elsewhere) / len(elsewhere))
    gap = mean_figure("recall@10 lost to the place", np.array(usual) - np.array(unusual))
    return [
        mean_figure("fused recall@10, usual place", usual, main=True),
        mean_figure("fused recall@10, unusual place", unusual, main=True),
        replace(gap, better="lower"),
    ]


def _is_at_home(scene: Scene) -> bool:
    return scene.setting == HOMES[KINDS[scene.groups[0].kind].family]


STYLE = Suite(
    "style",
    "Style shift",
    "Uncaptioned pictures as drawn, as line drawings, in grey, out of focus and cropped to 70 % of each edge.",
    _style,
    variants_by_sight,
)
TYPOGRAPHIC = Suite(
    "typographic",
    "Typographic attack",
    "A label with the name of another thing is stuck on every picture. Then the same with "
    "PICTUREDESK_MASK_LETTERING=true, which paints lettering over before a picture is encoded.",
    _typographic,
    _recovered,
)
SPURIOUS = Suite(
    "background",
    "Background correlation",
    "Things in their usual place and elsewhere: is an elephant on a beach found as surely as one on a farm?",
    _spurious,
    _worst_place,
)
