"""Every `[n]` of an answer must resolve to evidence of its own retrieval."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

CITATION = re.compile(r"[ \t]*\[(\d{1,6}(?:\s*[,;]\s*\d{1,6})*)\]")
BEGUN = re.compile(r"[ \t]*(?:\[[\d\s,;]{0,80})?$")
"""At the end of what came so far: a citation that is not complete, or white space that may belong to one."""


@dataclass(frozen=True, slots=True)
class CheckedText:
    """Text with only citations that resolve.

    Attributes:
        citations: evidence numbers, in the order of their first mention.
        removed: numbers that the text cited and that no evidence has.
    """

    text: str
    citations: tuple[int, ...]
    removed: tuple[int, ...]


class CitationCheck:
    """Takes a text piece by piece, and lets through only citations that resolve, written as `[1][2]`.

    White space goes together with a citation that is removed.

    Attributes:
        cited, removed: numbers, in the order of their first mention.
    """

    def __init__(self, known: Collection[int]) -> None:
        self._known = known
        self._held = ""
        self.cited: dict[int, None] = {}
        self.removed: dict[int, None] = {}

    def feed(self, piece: str) -> str:
        """What may be shown now. The end of it is held back while it may become a citation."""
        text = self._held + piece
        begun = BEGUN.search(text)
        at = begun.start() if begun else len(text)
        self._held = text[at:]
        return CITATION.sub(self._resolved, text[:at])

    def close(self) -> str:
        """What was held back."""
        rest, self._held = self._held, ""
        return CITATION.sub(self._resolved, rest)

    def _resolved(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        for number in numbers:
            (self.cited if number in self._known else self.removed)[number] = None
        labels = "".join(f"[{number}]" for number in numbers if number in self._known)
        space = match[0][: match[0].index("[")]
        return space + labels if labels else ""


def check_citations(text: str, known: Collection[int]) -> CheckedText:
    """A whole text as `CitationCheck` lets it through."""
    check = CitationCheck(known)
    checked = check.feed(text) + check.close()
    return CheckedText(checked.strip(), tuple(check.cited), tuple(check.removed))


def cited_in(text: str) -> tuple[int, ...]:
    """The numbers that a checked text cites, each once, in order."""
    return tuple(dict.fromkeys(int(number) for match in CITATION.finditer(text) for number in match[1].split(",")))


def without_citations(text: str) -> str:
    return CITATION.sub("", text)
