"""How people ask: what a caption states, as a question or a request."""

from __future__ import annotations

import random

TEMPLATES = (
    "Which pictures show {}?",
    "Which of our pictures show {}?",
    "Is there {}?",
    "Are there pictures of {}?",
    "show me {}",
    "find {}",
    "Do we have a picture of {}?",
    "I am looking for {}",
    "What pictures do you have of {}?",
    "Where is {}?",
    "Can you find {}?",
    "pictures with {}",
    "photo of {}",
    "Is there a picture with {}?",
)
FIRST_WORDS = ("A", "An", "The", "Two", "Three", "Four", "Five", "In", "At", "On", "Under")


def as_question(words: str, rng: random.Random) -> str:
    """`words` inside a template, with a small letter where a sentence began."""
    first, _, rest = words.partition(" ")
    if first in FIRST_WORDS and rest:
        words = f"{first.lower()} {rest}"
    return rng.choice(TEMPLATES).format(words)
