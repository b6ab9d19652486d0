"""What is fixed once the weights are: priors from held-out scenes, and the canary's vector."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoding import priors
from rag.encoding.canary import canary_vector
from rag.encoding.demo import loading
from rag.encoding.training.figures import encode_scenes
from rag.encoding.training.probes import Probes
from rag.encoding.training.strangers import strangers_kept
from rag.encoding.training.texts import Text, content, facts, paraphrases, prompts, questions
from rag.model import Channel
from rag.ports import Encoder, Matrix, Sigmoid
from rag.scenes import Scene, captions

CANARY = "canary.json"
RELEVANT_SHARE = 1 / 50
"""Of the candidates a search looks at, about one in fifty answers the question."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def write_priors(encoder: Encoder, probes: Probes, folder: Path) -> None:
    """Fit one sigmoid per dense channel on scenes that no training picture shares a key with.

    Pictures are asked for as people do: with captions, short prompts and questions.
    Captions are asked for with other wordings of whole captions, because the cosine of a
    short prompt and a caption says little. Both also get questions that no scene answers.
    """
    scenes = probes.fitting
    wordings = [text for scene in scenes for text in paraphrases(scene, random.Random(scene.key), 2)[1:]]
    captioned = encoder.texts([captions(scene)[0] for scene in scenes])
    fitted = {
        Channel.IMAGE: _fitted(encoder, asked_of(scenes), scenes, encode_scenes(encoder, scenes)),
        Channel.CAPTION: _fitted(encoder, wordings, scenes, captioned),
    }
    priors.write(fitted, folder / loading.PRIORS)


def _fitted(encoder: Encoder, wanted: list[Text], scenes: tuple[Scene, ...], gallery: Matrix) -> Sigmoid:
    asked = encoder.texts([text.words for text in wanted] + strangers_kept())
    unanswered = np.zeros((len(asked) - len(wanted), len(scenes)), dtype=np.bool_)
    return fit_sigmoid(*_pairs(asked, gallery, np.concatenate([answers(wanted, scenes), unanswered])))


def asked_of(scenes: tuple[Scene, ...]) -> list[Text]:
    """A caption, a prompt and a question of each scene."""
    found = []
    for scene in scenes:
        rng = random.Random(f"asked {scene.key}")
        found += paraphrases(scene, rng, 2)[1:] + prompts(scene, rng, 1) + questions(scene, rng, 1)
    return found


def answers(wanted: list[Text], scenes: tuple[Scene, ...]) -> Bools:
    """Which scenes show what a text asks for: shape (texts, scenes)."""
    shown = [(facts(scene), content(scene)) for scene in scenes]
    rows = [[set(text.needs) <= known and text.content in (None, told) for known, told in shown] for text in wanted]
    return np.array(rows, dtype=np.bool_)


def write_canary(encoder: Encoder, folder: Path) -> None:
    """Keep the canary's vector with the id of the encoder that gave it."""
    vector = [round(float(value), 6) for value in canary_vector(encoder)]
    (folder / CANARY).write_text(json.dumps({"encoder": encoder.id, "vector": vector}) + "\n")


def fit_sigmoid(scores: Floats, relevant: Bools, prior: float = RELEVANT_SHARE) -> Sigmoid:
    """Platt scaling: logistic regression of relevance on the score by Newton's method.

    Positives and negatives are weighted to `prior`, so the result is a probability
    among candidates of a search and not among the pairs that happened to be measured.

    Args:
        scores: shape (n,).
        relevant: shape (n,).
    """
    weights = np.where(relevant, prior / relevant.mean(), (1 - prior) / (~relevant).mean())
    x = np.stack([scores, np.ones_like(scores)], axis=1)
    beta = np.array([1.0, math.log(prior / (1 - prior))])
    for _ in range(100):
        p = 1 / (1 + np.exp(-(x @ beta)))
        gradient = x.T @ (weights * (relevant - p)) - 1e-3 * beta
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta += step / max(1.0, float(np.abs(step).max()) / 5)
        if np.abs(step).max() < 1e-8:
            break
    return Sigmoid(slope=round(float(beta[0]), 3), midpoint=round(float(-beta[1] / beta[0]), 4))


def _pairs(queries: Matrix, gallery: Matrix, relevant: Bools) -> tuple[Floats, Bools]:
    return (queries @ gallery.T).astype(np.float64).ravel(), relevant.ravel()
