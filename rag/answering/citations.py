"""Every `[n]` of an answer must resolve to evidence of its own retrieval."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

CITATION = re.compile(r"\[(\d{1,6}(?:\s*[,;]\s*\d{1,6})*)\]")


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


def check_citations(text: str, known: Collection[int]) -> CheckedText:
    """Remove what cites nothing; write `[1, 2]` as `[1][2]`."""
    cited: dict[int, None] = {}
    removed: dict[int, None] = {}

    def rewrite(match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        for number in numbers:
            (cited if number in known else removed)[number] = None
        return "".join(f"[{number}]" for number in numbers if number in known)

    checked = CITATION.sub(rewrite, text)
    if removed:
        checked = re.sub(r"[ \t]+([.,;:!?])", r"\1", checked)
    return CheckedText(checked.strip(), tuple(cited), tuple(removed))
