"""The example policy against what is truly drawn, and what checking costs at ingest."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.classification_cases import FRESH, scenes
from benchmarks.desk import ingest_sample
from benchmarks.figure import Figure, paired_seconds
from rag.classifying.confidence import sigmoid
from rag.encoding import load_encoder
from rag.encoding.training.figures import encode_scenes
from rag.model import Action
from rag.moderation.policy import Category, Policy, load_policy
from rag.moderation.scoring import Scorer
from rag.ports import Encoder, Matrix
from rag.scenes import Scene, captions
from rag.scenes.sample_library import sample_library, write_sample_library
from rag.settings import Settings
from rag.wiring import WiredServices, throwaway

POLICY = "sample-library"
FRESH_SCENES = 800
INGESTS = 3

EMERGENCY = frozenset({"doctor", "nurse", "firefighter", "police officer"})


def _shows(*kinds: str) -> Callable[[Scene], bool]:
    return lambda scene: any(group.kind in kinds for group in scene.groups)


TRUTH: Mapping[str, Callable[[Scene], bool]] = {
    "poisonous": _shows("mushroom"),
    "alcohol": _shows("bottle"),
    "emergency": lambda scene: scene.person is not None and scene.person.occupation in EMERGENCY,
    "lettering": lambda scene: scene.sign is not None,
    "allergens": _shows("cake", "ice cream"),
}
"""Which scenes a category is meant for. `healthy-sweets` is about texts."""


@dataclass
class Counted:
    """Reached any threshold; acted on without asking."""

    true: int = 0
    found: int = 0
    right: int = 0
    acted: int = 0
    acted_right: int = 0


def figures() -> list[Figure]:
    """Two minutes on two free cores, most of it drawing and ingesting."""
    encoder, policy = load_encoder("demo"), load_policy(POLICY)
    sample = [item.scene for item in sample_library()]
    fresh = scenes(FRESH_SCENES, FRESH)
    made: list[Figure] = []
    for name, shown in (("sample library", sample), ("fresh scenes", fresh)):
        pictures = encode_scenes(encoder, shown)
        made += _policy_figures(name, policy, encoder, shown, pictures)
        made += _mismatch_figures(name, policy, encoder, shown, pictures)
    return [*made, _ingest()]


def _policy_figures(
    name: str, policy: Policy, encoder: Encoder, shown: Sequence[Scene], pictures: Matrix
) -> list[Figure]:
    """By the pictures alone: captions and file names of drawn scenes say what they show."""
    scorer, total = Scorer(policy, encoder), Counted()
    made = []
    for category in policy.categories:
        if category.name in TRUTH:
            own = _counted(category, scorer, shown, pictures)
            made += _shares(f"{name}, {category.name}", own)
            for field in vars(total):
                setattr(total, field, getattr(total, field) + getattr(own, field))
    acted = total.acted_right / max(1, total.acted)
    hidden = Figure(f"moderation, {name}: precision of what is hidden without asking", acted, "share")
    return [*made, *_shares(f"{name}, all categories", total), hidden]


def _counted(category: Category, scorer: Scorer, shown: Sequence[Scene], pictures: Matrix) -> Counted:
    scores = scorer.pictures(category, pictures)
    true = np.array([TRUTH[category.name](scene) for scene in shown])
    found = scores >= min(category.thresholds.values())
    acting = [least for action, least in category.thresholds.items() if action in (Action.BLUR, Action.BLOCK)]
    acted = scores >= min(acting, default=2.0)
    counts = (true, found, found & true, acted, acted & true)
    return Counted(*(int(one.sum()) for one in counts))


def _shares(name: str, counted: Counted) -> list[Figure]:
    return [
        Figure(f"moderation, {name}: precision", counted.right / max(1, counted.found), "share"),
        Figure(f"moderation, {name}: recall", counted.right / max(1, counted.true), "share"),
    ]


def _mismatch_figures(
    name: str, policy: Policy, encoder: Encoder, shown: Sequence[Scene], pictures: Matrix
) -> list[Figure]:
    """Each picture with its own caption, and with that of the one before it."""
    mismatch = policy.file.mismatch
    assert mismatch is not None
    fits, below = Scorer(policy, encoder).fitting, mismatch.below
    texts = encoder.texts([captions(scene)[0] for scene in shown])

    def flagged(rows: Matrix) -> float:
        cosines = (pictures * rows).sum(axis=1).astype(np.float64)
        return float((sigmoid(fits.slope * (cosines - fits.midpoint)) < below).mean())

    return [
        Figure(f"moderation, {name}: captions of other pictures flagged", flagged(np.roll(texts, 1, axis=0)), "share"),
        Figure(f"moderation, {name}: own captions flagged", flagged(texts), "share", better="lower"),
    ]


def _ingest() -> Figure:
    """Seconds for the sample library with the policy, beside those without, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = write_sample_library(Path(folder))
        plain = Settings(_env_file=None)
        under = plain.model_copy(update={"policy": POLICY})
        with_policy, without = paired_seconds(
            lambda: _taken_in(under, manifest), lambda: _taken_in(plain, manifest), INGESTS
        )
    name = "moderation: ingest under a policy, beside without"
    return Figure(name, with_policy, "s", 1.1, better="lower", baseline=without, of_ratio=True)


def _taken_in(settings: Settings, manifest: Path) -> None:
    with throwaway(settings) as services:
        _warm(services)
        ingest_sample(services, manifest)


def _warm(services: WiredServices) -> None:
    services.warm_up()
