"""What of a text is no statement: gaps, labels and hashtags."""

from __future__ import annotations

import re

from rag.captions.forms import GAP

LABEL = re.compile(r"(?<!\w)[^\W\d_][\w-]*:(?=\s)")
HASHTAG = re.compile(r"#\w+")


def blanked(text: str) -> str:
    """The text with gaps, labels (`Size:`) and hashtags as blanks; every other letter stays in its place."""
    for pattern in (GAP, LABEL, HASHTAG):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text
