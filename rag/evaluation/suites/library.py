"""Suites about what a library has: captions for only some pictures, and no answer at all."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from rag.errors import BadSource
from rag.evaluation.suites.material import Asked, Material, Shown, Suite, fresh_scenes
from rag.evaluation.suites.truth import answered_by
from rag.evaluation.suites.wording import reworded
from rag.scenes import captions

ASKED_AS = (
    "{}",
    "have we got {} anywhere?",
    "I need {} for a slide",
    "any shots of {}",
    "something with {}, please",
    "do you know where {} might be?",
)
"""How people ask; none of these was among the templates of the demo encoder's training."""


@cache
def unanswerable_questions() -> tuple[str, ...]:
    """Questions that no picture library answers, one a line of a file beside this package; `#` begins a comment."""
    return _listed(files("rag.evaluation").joinpath("unanswerable.txt").read_text(encoding="utf-8"))


def read_unanswerable(path: Path) -> tuple[str, ...]:
    """A file of one's own in the same form. Raises BadSource when it cannot be read, or holds no question."""
    try:
        found = _listed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"{path} cannot be read: {error}") from error
    if not found:
        raise BadSource(f"{path} holds no question; write one a line")
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _mixed(size: int, seed: int) -> Mapping[str, Material]:
    """Every second picture has a caption; every picture is asked for."""
    rng = random.Random(f"mixed {seed}")
    scenes = fresh_scenes(size, rng)
    shown = tuple(Shown(scene, (captions(scene)[0],) if i % 2 else ()) for i, scene in enumerate(scenes))
    texts = [reworded(scene, rng) for scene in scenes]
    asked = tuple(
        Asked(text, answered_by(text, scene, scenes), "captioned" if i % 2 else "uncaptioned")
        for i, (text, scene) in enumerate(zip(texts, scenes, strict=True))
    )
    return {"": Material(shown, asked)}


def _unanswerable(size: int, seed: int) -> Mapping[str, Material]:
    """Questions as people ask them, of what is there, and of what no picture shows."""
    rng = random.Random(f"unanswerable {seed}")
    scenes = fresh_scenes(size, rng)
    shown = tuple(Shown(scene, (captions(scene)[0],) if rng.random() < 0.8 else ()) for scene in scenes)
    texts = [reworded(scene, rng) for scene in scenes]
    asked = [
        _as_question(text, rng, answered_by(text, scene, scenes)) for text, scene in zip(texts, scenes, strict=True)
    ]
    asked += [Asked(text, frozenset(), "unanswerable") for text in unanswerable_questions()]
    return {"": Material(shown, tuple(asked))}


def _as_question(text: str, rng: random.Random, right: frozenset[int]) -> Asked:
    return Asked(rng.choice(ASKED_AS).format(text[0].lower() + text[1:]), right)


MIXED = Suite(
    "mixed",
    "Captions for some",
    "Every second picture has a caption, every picture is asked for in other words: no channel alone can find all.",
    _mixed,
    calibrated=True,
    gain=0.05,
)
UNANSWERABLE = Suite(
    "unanswerable",
    "Unanswerable questions",
    "Questions about what the library shows beside unrelated ones, which should be refused.",
    _unanswerable,
    calibrated=True,
)
