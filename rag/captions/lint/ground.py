"""What a text is held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rag.captions.phrases import words
from rag.captions.sight import Sight
from rag.captions.style import PLAIN, HouseStyle
from rag.model import CaptionForm, Example


@dataclass(frozen=True)
class Ground:
    """What is known of a picture, and what its text is to be like.

    Attributes:
        sources: its own captions, tags and metadata, and what a person gave to know: names, years and numbers, and
            what is said to be seen, may come from there. Examples are none.
        examples: captions of other pictures that a draft was made after.
        sight: None where the picture's own vector is not to be asked.
        decorative: the text must be empty.
    """

    form: CaptionForm
    sources: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    sight: Sight | None = None
    language: str = ""
    style: HouseStyle = PLAIN
    reading_level: float | None = None
    decorative: bool = False

    @cached_property
    def said(self) -> set[str]:
        """Every word of the sources, in lower case."""
        return {part for text in self.sources for word in words(text) for part in (word, *word.split("-"))}
