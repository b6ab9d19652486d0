"""How much was said, where a protocol wants tokens."""

from __future__ import annotations

from collections.abc import Iterable

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English, of OpenAI's own documentation; no tokenizer is asked."""


def estimated_tokens(texts: Iterable[str]) -> int:
    """About how many tokens the texts have, rounded up. An estimate; nobody is billed by it."""
    return -(-sum(map(len, texts)) // CHARACTERS_PER_TOKEN)
