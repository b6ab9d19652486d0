"""What a policy finds in some assets: pure, from vectors and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.prompting import as_data
from rag.classifying.confidence import Floats, sigmoid
from rag.indexing.points import searchable_captions
from rag.model import MISMATCH, Action, Asset, Caption, CaptionOrigin, CaptionStatus, Hit, Visual
from rag.moderation.policy import Category, Mismatch
from rag.moderation.rules import Rules, hit_of, meanwhile_state, reached
from rag.moderation.scoring import Scorer, TextScore, sides_of
from rag.moderation.words import folded_terms
from rag.ports import Subject

SHOWN_CAPTION = 120
"""Characters of a caption in a reason."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something said of an asset, ready to be looked through. `locator`: of which picture; empty means all."""

    where: str
    locator: str
    terms: list[str]


def findings(subjects: Sequence[Subject], scorer: Scorer, rules: Rules) -> list[tuple[Hit, ...]]:
    """The hits of each subject, in the order of the policy's categories; one matrix product a category."""
    images = np.concatenate([subject.images for subject in subjects])
    ends = np.cumsum([len(subject.visuals) for subject in subjects])[:-1]
    texts = [texts_of(subject.asset) for subject in subjects]
    found: list[list[Hit]] = [[] for _ in subjects]
    for category in rules.policy.categories:
        rows = np.split(scorer.pictures(category, images), ends)
        for place, subject in enumerate(subjects):
            hit = _category_hit(category, rules, scorer, subject=subject, images=rows[place], texts=texts[place])
            found[place] += [hit] if hit else []
    if (mismatch := rules.policy.file.mismatch) is not None:
        for place, subject in enumerate(subjects):
            hit = _mismatch_hit(mismatch, scorer, subject)
            found[place] += [hit] if hit else []
    return [tuple(hits) for hits in found]


def texts_of(asset: Asset) -> list[Text]:
    """Everything that is said of an asset and shown to people."""
    captions = [Text("caption", one.locator, folded_terms(one.text)) for one in asset.captions if _counts(one)]
    tags = Text("tag", "", folded_terms(" . ".join(asset.all_tags)))
    return [*captions, tags, Text("file name", "", folded_terms(asset.name))]


def _counts(caption: Caption) -> bool:
    return caption.status is not CaptionStatus.REJECTED


def _category_hit(
    category: Category, rules: Rules, scorer: Scorer, *, subject: Subject, images: Floats, texts: Sequence[Text]
) -> Hit | None:
    """The hit of the picture that is surest of the category."""
    thresholds = rules.thresholds[category.name]
    said = [_text_score(category, scorer, subject, place, texts) for place in range(len(subject.visuals))]
    scores = [sides_of(category, float(p), one.score) for p, one in zip(images, said, strict=True)]
    best = max(range(len(scores)), key=lambda place: max(scores[place].values()))
    reaching = sum(reached(thresholds, max(one.values())) is not None for one in scores)
    return hit_of(
        category,
        thresholds,
        visual=subject.visuals[best].id,
        locator=subject.visuals[best].locator,
        scores=scores[best],
        why=_why(scores[best], said[best]),
        also=reaching - 1,
    )


def _text_score(category: Category, scorer: Scorer, subject: Subject, place: int, texts: Sequence[Text]) -> TextScore:
    """Words first: whoever says it leaves nothing to be guessed from the meaning."""
    locator = subject.visuals[place].locator
    for text in texts:
        if text.locator in ("", locator) and (word := scorer.word(category, text.terms)):
            return TextScore(1.0, f'its {text.where} says "{word}"')
    return TextScore(scorer.meaning(category, subject.captions[place]))


def _why(scores: dict[str, float], text: TextScore) -> str:
    side = max(scores, key=scores.__getitem__)
    says = text.word or "the meaning of its caption"
    if side == "image":
        return "the picture looks like it"
    return says if side == "text" else f"the picture looks like it and {says}, both together"


def _mismatch_hit(mismatch: Mismatch, scorer: Scorer, subject: Subject) -> Hit | None:
    """The caption that fits least, if it fits none of the pictures that it is about."""
    fits = fitting(mismatch, scorer, subject)
    if not fits:
        return None
    caption, visual, fit = min(fits, key=lambda one: one[2])
    if fit >= mismatch.below:
        return None
    said = as_data(caption.text, SHOWN_CAPTION)
    return Hit(
        category=MISMATCH,
        visual=visual.id,
        locator=visual.locator,
        score=round(1 - fit, 4),
        margin=round(mismatch.below - fit, 4),
        action=Action.REVIEW,
        severity=mismatch.severity,
        review=True,
        meanwhile=meanwhile_state(Action(mismatch.meanwhile)),
        reason=f"The caption hardly fits the picture ({fit:.2f}; review below {mismatch.below:.2f}): {said}",
        scores={"fits": round(fit, 4)},
    )


def fitting(mismatch: Mismatch, scorer: Scorer, subject: Subject) -> list[tuple[Caption, Visual, float]]:
    """Each caption of people and files, the picture that it fits best, and the probability that it does."""
    best: dict[Caption, tuple[Visual, float]] = {}
    for visual, image, rows in zip(subject.visuals, subject.images, subject.captions, strict=True):
        for caption, row in zip(searchable_captions(subject.asset, visual), rows, strict=True):
            if not _describes(caption, mismatch):
                continue
            cosine = np.array([float(image @ row)])
            fit = float(sigmoid(scorer.fitting.slope * (cosine - scorer.fitting.midpoint))[0])
            if caption not in best or fit > best[caption][1]:
                best[caption] = (visual, fit)
    return [(caption, visual, fit) for caption, (visual, fit) in best.items()]


def _describes(caption: Caption, mismatch: Mismatch) -> bool:
    """Captions that people wrote, here or into the file. The text of a page is no caption of it."""
    by_people = caption.origin is CaptionOrigin.HUMAN or (
        caption.origin is CaptionOrigin.EMBEDDED and not caption.locator
    )
    language = caption.language.lower().partition("-")[0]
    return by_people and language in ("", *mismatch.languages)
