"""A text -> its sentences, as it comes."""

from __future__ import annotations

import re

CITATIONS = re.compile(r"(?:\s*\[\d{1,6}\])+[.。]?\s*")
"""After a full stop they belong to the sentence before it."""

MAY_CITE = re.compile(r"\s*(?:\[[\d\[\]\s]*)?")


class Sentences:
    """Cuts a text that comes piece by piece into sentences; put together again they are the text.

    Args:
        language: ISO 639-1 code, for its abbreviations; empty means English.
    """

    def __init__(self, language: str = "") -> None:
        self._language = language or "en"
        self._held = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that are complete, each with the white space after it."""
        self._held += piece
        found = sentences(self._held, self._language)
        if len(found) > 1 and MAY_CITE.fullmatch(found[-1]):
            found[-2:] = [found[-2] + found[-1]]
        self._held = found.pop() if found else ""
        return found

    def close(self) -> list[str]:
        """The last one, if any."""
        rest, self._held = self._held, ""
        return [rest] if rest else []


def sentences(text: str, language: str = "") -> list[str]:
    """The sentences of a whole text, each with the white space after it. Lines of a list are sentences of their own."""
    from sentencex import segment

    found: list[str] = []
    for line in text.splitlines(keepends=True):
        for part in segment(language or "en", line):
            cited = CITATIONS.match(part)
            head = len(part) if not part.strip() else cited.end() if cited else 0
            if head and found:
                found[-1] += part[:head]
                part = part[head:]  # noqa: PLW2901
            if part:
                found.append(part)
    return found
