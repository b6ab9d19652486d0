"""What a text says to be seen, against the picture's own scores."""

from __future__ import annotations

from collections.abc import Iterator

from rag.captions.lint.blanking import blanked
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.phrases import ABOUT_PICTURES, content_words, known_among, phrases

LEAST = 0.1
"""Probability below which a phrase is flagged. On 80 pictures of the sample library, one true phrase in thirty
falls below it, and of wrong ones 95 in a hundred that name a thing and 80 that name a place or time."""

MOST_PHRASES = 40


def unsupported_claims(text: str, ground: Ground) -> Iterator[Finding]:
    """Phrases that neither people, nor the file, nor the picture itself support."""
    if ground.sight is None:
        return
    claims = [one for one in phrases(blanked(text), ground.language) if _claims(one.text, ground)][:MOST_PHRASES]
    for claim, probability in zip(claims, ground.sight.fits([one.text for one in claims]), strict=True):
        if probability < LEAST:
            told = f"the picture's own scores do not support it (probability {probability:.2f}): look again"
            yield Finding("unsupported-claim", Severity.WARNING, told, claim.text, claim.start, claim.end)


def _claims(phrase: str, ground: Ground) -> bool:
    """Whether it says something that nobody said of this picture."""
    return any(word not in ABOUT_PICTURES and not known_among(word, ground.said) for word in content_words(phrase))
