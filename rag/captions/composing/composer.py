"""The composer: what the desk drafts with where no language model is."""

from __future__ import annotations

from collections.abc import Sequence

from rag.captions.composing.seeing import Observer
from rag.captions.composing.vocabulary import Vocabulary, vocabulary_of
from rag.captions.composing.wording import ENOUGH, Composed, Material, compose
from rag.captions.sight import Sight
from rag.captions.subject import Subject
from rag.captions.wish import DraftWish
from rag.model import Actor, AssetState, CaptionOrigin, Example
from rag.ports import Services

COMPOSED = "composed"
"""What stands where an LLM's id would."""

NOTICE = (
    "Composed from tags and the nearest captions, without a language model: check every word. "
    "Set PICTUREDESK_LLM (and PICTUREDESK_LLM_URL) for written drafts."
)

SAMPLE = 500
"""Assets whose captions and tags make a library's vocabulary: the first by id, which is a hash."""


def library_vocabulary(services: Services, actor: Actor, libraries: Sequence[str]) -> Vocabulary:
    """The words of some libraries, as far as the actor may see them; of captions by people and files alone."""
    captions: list[tuple[str, str]] = []
    tags: list[str] = []
    for library in libraries:
        for asset in services.catalog.assets(actor, library, state=AssetState.INDEXED, limit=SAMPLE):
            truth = (caption for caption in asset.captions if caption.is_truth)
            captions += [(one.text, one.language) for one in truth if one.origin is not CaptionOrigin.OCR]
            tags += asset.tags
    return vocabulary_of(captions, tags)


def composed(
    wish: DraftWish,
    subject: Subject,
    sight: Sight,
    vocabulary: Vocabulary,
    *,
    examples: Sequence[Example],
    language: str,
) -> list[Composed]:
    """Some more texts than wished, from which the best can be taken.

    What people said of the picture itself comes before what it looks like; one such caption is enough for one draft.
    """
    own = [Composed(text) for text in subject.said]
    observer = Observer(sight, vocabulary, examples, subject.tags)
    wanted = ENOUGH * wish.count if wish.count > 1 else 1
    seen = [Composed(one.text, one.examples) for one in observer.sentences(wanted)] if len(own) < wanted else []
    material = Material(
        sentences=[*own, *seen],
        tags=subject.tags or observer.labels(most=5),
        facts=wish.facts,
        captured_at=subject.captured_at,
        credit=subject.credit,
        language=language,
        style=wish.style,
    )
    return compose(wish.form, material, ENOUGH * wish.count)
