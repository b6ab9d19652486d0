"""Zero-shot classification of fresh drawn scenes, beside one plain template with a softmax, and its speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.classification_cases import FAMILIES, FRESH, cases, family_vectors, mixed, scenes
from benchmarks.desk import LIBRARY, sample_desk
from benchmarks.figure import Figure, seconds
from rag.classify import classify_library
from rag.classifying.calibrating import calibration_of
from rag.classifying.confidence import Floats, probabilities, softmax
from rag.classifying.fitting import Bools, quality
from rag.classifying.results import Wanted
from rag.encoding import load_encoder
from rag.encoding.training.figures import encode_scenes
from rag.model import LOCAL_OWNER
from rag.ports import Encoder, Matrix
from rag.retrieval.calibration_error import expected_calibration_error
from rag.scenes import KINDS, Scene

SCENES = 1_600
PLAIN_SCALE = 100.0
"""What CLIP's logit scale was trained to, and clipped at (Radford et al. 2021)."""

LOST = 0.05
"""Of the pictures that a label fits, how many may be called "none of these"."""


def figures() -> list[Figure]:
    """Two minutes on two free cores, most of it drawing."""
    encoder = load_encoder("demo")
    shown = scenes(SCENES, FRESH)
    pictures = encode_scenes(encoder, shown)
    ours, plain = family_vectors(encoder, "drawn"), plain_vectors(encoder)
    made = [_accuracy(family, shown, pictures, ours, plain) for family in FAMILIES]
    cosines, right = mixed(shown, pictures, ours, FRESH)
    beside, _ = mixed(shown, pictures, plain, FRESH)
    return [*made, *_confidence(encoder, cosines, beside, right), _speed()]


def plain_vectors(encoder: Encoder) -> dict[str, Matrix]:
    return {family: encoder.texts([f"a photo of a {label}" for label in labels]) for family, labels in FAMILIES.items()}


def _accuracy(
    family: str,
    shown: Sequence[Scene],
    pictures: Matrix,
    ours: Mapping[str, Matrix],
    plain: Mapping[str, Matrix],
) -> Figure:
    """All labels of a family, on scenes that show one of them."""
    asked = cases(shown, family, FRESH, every=True)
    found, baseline = (_share_right(asked.cosines(pictures, vectors[family]), asked.right) for vectors in (ours, plain))
    return Figure(f"classification: accuracy, {family}", found, "share", baseline=baseline)


def _share_right(cosines: Floats, right: Bools) -> float:
    return float(right[np.arange(len(right)), cosines.argmax(axis=1)].mean())


def _confidence(encoder: Encoder, cosines: Floats, plain: Floats, right: Bools) -> list[Figure]:
    """On questions half of which have no right label."""
    calibration = calibration_of(encoder)
    some: Bools = np.asarray(right.any(axis=1), dtype=np.bool_)
    none, softly = probabilities(cosines, calibration)[:, -1], softmax(PLAIN_SCALE * plain).max(axis=1)
    correct = right[np.arange(len(right)), plain.argmax(axis=1)]
    told = quality(cosines, right, calibration)
    return [
        Figure(
            "classification: calibration error (ECE)",
            told.calibration_error,
            "share",
            0.05,
            better="lower",
            baseline=expected_calibration_error(softly, correct),
        ),
        Figure("classification: accuracy with none of these", told.accuracy, "share", baseline=float(correct.mean())),
        Figure("classification: none of these, AUROC", auroc(none, ~some), "share", baseline=auroc(-softly, ~some)),
        Figure(
            "classification: none of these found, 5% of the others lost",
            found_at(none, ~some),
            "share",
            baseline=found_at(-softly, ~some),
        ),
    ]


def auroc(score: Floats, positive: Bools) -> float:
    """How often a positive scores higher than a negative, ties counting half (Mann and Whitney 1947)."""
    higher = score[positive][:, None] - score[~positive][None, :]
    return float((higher > 0).mean() + (higher == 0).mean() / 2)


def found_at(score: Floats, positive: Bools, lost: float = LOST) -> float:
    """Share of positives above the threshold that at most `lost` of the negatives lie above."""
    threshold = float(np.quantile(score[~positive], 1 - lost))
    return float((score[positive] > threshold).mean())


def _speed() -> Figure:
    """Labels × visuals a second over stored vectors, reading catalog and store included; beside the comparing alone."""
    labels = list(KINDS)
    with sample_desk() as services:
        count = services.store.count()

        def classify() -> None:
            for _ in classify_library(services, LOCAL_OWNER, LIBRARY, Wanted(labels), door="benchmark"):
                pass

        classify()
        took = seconds(classify)
        vectors = np.stack([point.image for point in services.store.fetch(services.store.ids(limit=count)).values()])
        texts = services.encoder.texts(labels)
        bare = seconds(lambda: vectors @ texts.T)
    pairs = count * len(labels)
    return Figure("classification: labels over stored vectors", pairs / took, "pairs/s", baseline=pairs / bare)
