"""Texts that are all but the caption of another picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.phrases import words

ALIKE = 0.9


def near_examples(text: str, ground: Ground) -> Iterator[Finding]:
    """Told of the likest example alone."""
    alike = [(likeness(text, one.text), one) for one in ground.examples]
    if not alike:
        return
    most, example = max(alike, key=lambda pair: pair[0])
    if most >= ALIKE:
        told = f"it is all but the caption of visual {example.visual} ({most:.2f}): say what this picture shows"
        yield Finding("near-example", Severity.WARNING, told, text, 0, len(text))


def likeness(one: str, other: str) -> float:
    """Dice's coefficient of the character trigrams of two texts, in [0, 1]; case and punctuation count for nothing."""
    ours, theirs = _trigrams(one), _trigrams(other)
    both = sum((ours & theirs).values())
    total = ours.total() + theirs.total()
    return 2 * both / total if total else 0.0


def _trigrams(text: str) -> Counter[str]:
    folded = f"  {' '.join(words(text))}  "
    return Counter(folded[at : at + 3] for at in range(len(folded) - 2)) if folded.strip() else Counter()
