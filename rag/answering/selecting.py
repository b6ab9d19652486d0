"""What of the evidence an answer may rest on: what is relevant enough, and fits into the prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rag.model import Dropped, Evidence, Prompt, Retrieval, VisualId

BYTES_PER_TOKEN = 3.0
"""UTF-8 bytes; English has about 4 in the vocabularies in use, German 3.5, Chinese and code 3: fewer is cautious."""

PICTURE_TOKENS = 800
"""For a thumbnail of 448 pixels; GPT-4o counts 255 to 765, Qwen-VL and Gemini 256 to 400, LLaVA 576 to 2,880."""

MESSAGE_TOKENS = 8


def relevant_only(retrieval: Retrieval, threshold: float) -> Retrieval:
    """The retrieval with the evidence that is relevant enough to answer from."""
    kept = tuple(item for item in retrieval.evidence if item.relevance >= threshold)
    return without(retrieval, kept, lambda item: f"relevance {item.relevance:.2f} is below {threshold:.2f}")


def tokens_of(prompt: Prompt) -> int:
    """An estimate from above of what a prompt takes, pictures included: each model counts in its own way."""
    pictures = sum(len(message.images) for message in prompt.messages)
    texts = sum(len(message.text.encode()) / BYTES_PER_TOKEN + MESSAGE_TOKENS for message in prompt.messages)
    return round(texts) + PICTURE_TOKENS * pictures


def within_budget(
    retrieval: Retrieval, rendered: Callable[[tuple[Evidence, ...]], Prompt], tokens: int
) -> tuple[Retrieval, Prompt]:
    """The retrieval with as much evidence as fits, and its prompt; what does not is dropped, with the reason.

    One piece of evidence always stays: without any there would be nothing to answer from.
    """
    kept = retrieval.evidence
    prompt = rendered(kept)
    while tokens_of(prompt) > tokens and len(kept) > 1:
        least = min(kept, key=lambda item: (item.relevance, -item.number))
        kept = tuple(item for item in kept if item is not least)
        prompt = rendered(renumbered(kept))
    return without(retrieval, kept, lambda _: f"beyond the LLM's budget of {tokens:,} tokens"), prompt


def without(retrieval: Retrieval, kept: tuple[Evidence, ...], reason: Callable[[Evidence], str]) -> Retrieval:
    """The retrieval with some of its evidence, renumbered; the rest is dropped, each with its reason."""
    ids = {item.visual.id for item in kept}
    lost = [item for item in retrieval.evidence if item.visual.id not in ids]
    dropped = [_dropped(item, reason(item)) for item in lost]
    return replace(retrieval, evidence=renumbered(kept), dropped=(*dropped, *retrieval.dropped))


def _dropped(item: Evidence, reason: str) -> Dropped:
    """With the place that it had, so that the order as it was found can be told again."""
    return Dropped(
        item.visual.id, reason, item.scores, item.relevance, item.number, item.ranks, item.fused, item.unlike
    )


def pictures_of(evidence: tuple[Evidence, ...], pictures: Mapping[VisualId, bytes]) -> dict[int, bytes]:
    """The pictures of evidence by the numbers that it has now."""
    return {item.number: pictures[item.visual.id] for item in evidence if item.visual.id in pictures}


def renumbered(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Numbered 1, 2, … in the order given."""
    return tuple(replace(item, number=number) for number, item in enumerate(evidence, start=1))
