"""Drawn scenes with the labels that are true of them, half of the questions without a right answer.

`python -m benchmarks.classification_cases` fits the demo encoder's calibration on scenes of
one seed and writes it to `rag/classifying/demo.json`; `benchmarks.classification` measures
it on scenes of another..
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.classifying.calibrating import write_measured
from rag.classifying.confidence import Floats
from rag.classifying.fitting import Bools, fit
from rag.classifying.templates import label_vectors, load_templates
from rag.encoding import load_encoder
from rag.encoding.training.figures import encode_scenes
from rag.ports import Encoder, Matrix
from rag.scenes import KINDS, Scene
from rag.scenes.sampling import sample_chart, sample_person, sample_relation, sample_sign, sample_single
from rag.scenes.vocabulary import OCCUPATIONS, SETTINGS

FITTING, FRESH = 11, 12
"""Seeds."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "objects": tuple(KINDS),
    "places": tuple(SETTINGS),
    "occupations": tuple(OCCUPATIONS),
    "charts": ("bar chart", "line chart", "pie chart"),
    "subjects": ("person", "chart", "sign"),
}
"""Labels of one kind; a scene's tags say which are true of it."""

MAKERS: tuple[Callable[[random.Random], Scene], ...] = (
    sample_single,
    sample_single,
    sample_person,
    sample_chart,
    sample_sign,
    sample_relation,
)


@dataclass(frozen=True)
class Cases:
    """One question a row.

    Attributes:
        rows: which scene.
        asked: shape (n, labels), which labels of the family are asked about.
        right: shape (n, labels), which of them are true.
    """

    family: str
    rows: tuple[int, ...]
    asked: Bools
    right: Bools

    def cosines(self, pictures: Matrix, labels: Matrix) -> Floats:
        """shape (n, labels), -inf where a label is not asked about, from (scenes, dim) and (labels, dim)."""
        found = (pictures[list(self.rows)] @ labels.T).astype(np.float64)
        return np.where(self.asked, found, -np.inf)


def scenes(count: int, seed: int) -> list[Scene]:
    """Singles twice as often as people, charts, signs and two things together."""
    rng = random.Random(f"classification {seed}")
    return [MAKERS[at % len(MAKERS)](rng) for at in range(count)]


def cases(shown: Sequence[Scene], family: str, seed: int, *, every: bool = False) -> Cases:
    """A question a scene: a random set of two labels or more; where some are true, they are in half of the sets.

    Args:
        every: all labels of the family, of scenes that one of them is true of.
    """
    rng = random.Random(f"{family} {seed}")
    labels = FAMILIES[family]
    rows: list[int] = []
    asked: list[Bools] = []
    right: list[Bools] = []
    for at, scene in enumerate(shown):
        true = np.array([label in scene.tags for label in labels])
        if every and not true.any():
            continue
        wanted = np.ones(len(labels), dtype=np.bool_) if every else _some(rng, true)
        rows.append(at)
        asked.append(wanted)
        right.append(true & wanted)
    return Cases(family, tuple(rows), np.array(asked), np.array(right))


def _some(rng: random.Random, true: Bools) -> Bools:
    others = [int(at) for at in np.flatnonzero(~true)]
    chosen = rng.sample(others, rng.randint(min(2, len(others)), len(others)))
    wanted = np.zeros(len(true), dtype=np.bool_)
    wanted[chosen] = True
    return wanted | true if rng.random() < 0.5 else wanted


def padded(parts: Sequence[Floats], value: float) -> Floats:
    """Rows of several families below each other, filled up with `value`."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=value) for part in parts])


def mixed(shown: Sequence[Scene], pictures: Matrix, vectors: Mapping[str, Matrix], seed: int) -> tuple[Floats, Bools]:
    """Cosines and truth over all families: each scene is asked about one of them, objects as often as all others.

    Surplus questions without a right label are left out, so that half of all have one.

    Args:
        vectors: of the labels, by family.
    """
    turns = [family for family in FAMILIES if family != "objects" for family in ("objects", family)]
    order = random.Random(f"mixed {seed}").sample(range(len(shown)), len(shown))
    cosines: list[Floats] = []
    right: list[Floats] = []
    for place, family in enumerate(turns):
        some = order[place :: len(turns)]
        made = cases([shown[at] for at in some], family, seed)
        cosines.append(made.cosines(pictures[some], vectors[family]))
        right.append(made.right.astype(np.float64))
    return _balanced(padded(cosines, -np.inf), padded(right, 0.0).astype(np.bool_), seed)


def _balanced(cosines: Floats, right: Bools, seed: int) -> tuple[Floats, Bools]:
    some = np.flatnonzero(right.any(axis=1))
    none = np.random.default_rng(seed).permutation(np.flatnonzero(~right.any(axis=1)))[: len(some)]
    kept = np.concatenate([some, none])
    return cosines[kept], right[kept]


def family_vectors(encoder: Encoder, template: str) -> dict[str, Matrix]:
    templates = load_templates(template)
    return {family: label_vectors(encoder, templates, labels) for family, labels in FAMILIES.items()}


def main(count: int = 1_600) -> None:
    """A minute or two on two free cores, most of it drawing."""
    encoder = load_encoder("demo")
    shown = scenes(count, FITTING)
    cosines, right = mixed(shown, encode_scenes(encoder, shown), family_vectors(encoder, "drawn"), FITTING)
    basis = f"{len(cosines):,} questions about drawn scenes that the demo encoder never saw"
    write_measured(encoder, fit(cosines, right, basis))


if __name__ == "__main__":
    main()
