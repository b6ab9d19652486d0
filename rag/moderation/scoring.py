"""Vectors and words -> the probability of each category of a policy.

Whether a picture shows a category is asked as classification asks for labels: does it fit at all, and
is it that rather than what is easily taken for it,

    P = sigmoid(fits.slope · (x⁺ - fits.midpoint)) · sigmoid(scale · (x⁺ - x⁻))

with x the soft maximum of the cosines with `prompts` and with `against` (see `rag.classifying.confidence`;
without `against` the second factor is 1). A text is read the same way by its own vector, and a word of the
policy in it makes 1. The pair is the mean of both: harmless picture, harmless text, and together not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.classifying.calibrating import calibration_of
from rag.classifying.confidence import ASKED_SHARE, Calibration, Floats, sigmoid, soft_maximum
from rag.classifying.templates import default_template, label_vectors, load_templates
from rag.model import Channel
from rag.moderation.policy import Category, Policy
from rag.moderation.words import folded_terms, said
from rag.ports import Encoder, Matrix, Sigmoid, Vector


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of one category as vectors: shape (n, dim) each; those in `against` may be none."""

    wanted: Matrix
    against: Matrix
    texts: Matrix
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TextScore:
    """How much a text speaks for a category. `word` is what of the policy it says; empty where the meaning told."""

    score: float = 0.0
    word: str = ""


class Scorer:
    """A policy made ready for one encoder: its prompts are encoded once.

    Args:
        encoder: whose vectors will come.
    """

    def __init__(self, policy: Policy, encoder: Encoder) -> None:
        templates = load_templates(policy.file.template or default_template(encoder))
        self.encoder_id = encoder.id
        self._pictures = calibration_of(encoder)
        self._texts = _for_texts(encoder)
        self.fitting = at_even_odds(encoder.priors[Channel.IMAGE])
        labels = dict.fromkeys(label for one in policy.categories for label in _labels(one))
        rows = dict(zip(labels, label_vectors(encoder, templates, list(labels)), strict=True)) if labels else {}
        self._prompts = {one.name: _prompts(one, rows, encoder.dim) for one in policy.categories}

    def pictures(self, category: Category, images: Matrix) -> Floats:
        """Probability that each picture shows the category, shape (n,); 0 without prompts. images: (n, dim)."""
        prompts = self._prompts[category.name]
        return _applies(images, prompts.wanted, prompts.against, self._pictures)

    def meaning(self, category: Category, texts: Matrix) -> float:
        """The most that a text's vector says for the category; 0 without texts. texts: shape (n, dim)."""
        prompts = self._prompts[category.name]
        found = _applies(texts, prompts.texts, prompts.against, self._texts)
        return float(found.max()) if len(found) else 0.0

    def word(self, category: Category, terms: Sequence[str]) -> str:
        """The first word of the policy that a text says; empty where it says none."""
        place = said(self._prompts[category.name].words, terms)
        return "" if place is None else category.words[place]


def sides_of(category: Category, image: float, text: float) -> dict[str, float]:
    """What each side of the category says, by its name."""
    every: Mapping[str, float] = {"image": image, "text": text, "pair": (image + text) / 2}
    return {side: every[side] for side in category.sides}


def at_even_odds(prior: Sigmoid) -> Sigmoid:
    """A prior for search, where one candidate in fifty fits, for a question with even odds before looking."""
    return Sigmoid(prior.slope, prior.midpoint - math.log((1 - ASKED_SHARE) / ASKED_SHARE) / prior.slope)


def _for_texts(encoder: Encoder) -> Calibration:
    prior = at_even_odds(encoder.priors[Channel.CAPTION])
    return Calibration(prior.slope, prior, "the encoder's prior for captions")


def _labels(category: Category) -> tuple[str, ...]:
    return (*category.prompts, *category.against, *category.said_as)


def _prompts(category: Category, rows: Mapping[str, Vector], dim: int) -> Prompts:
    """
    Args:
        rows: the vector of each label of the policy, encoded once however many categories have it.
    """

    def of(labels: Sequence[str]) -> Matrix:
        return np.stack([rows[label] for label in labels]) if labels else np.zeros((0, dim), np.float32)

    words = tuple(tuple(folded_terms(word)) for word in category.words)
    return Prompts(of(category.prompts), of(category.against), of(category.said_as), words)


def _applies(vectors: Matrix, wanted: Matrix, against: Matrix, calibration: Calibration) -> Floats:
    if not len(wanted) or not len(vectors):
        return np.zeros(len(vectors))
    best = soft_maximum((vectors @ wanted.T).astype(np.float64), calibration.scale)
    fits = sigmoid(calibration.fits.slope * (best - calibration.fits.midpoint))
    if not len(against):
        return fits
    other = soft_maximum((vectors @ against.T).astype(np.float64), calibration.scale)
    return np.asarray(fits * sigmoid(calibration.scale * (best - other)))
