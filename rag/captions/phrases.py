"""Texts cut into phrases that a picture can be compared with, and into words.

English captions are cut before prepositions: `A red cat | on a drum | on a beach | at noon`. Other languages are
cut at punctuation alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREPOSITIONS = (
    "to the left of|to the right of|in front of|next to|on top of|in|on|at|with|under|beneath|below|above|beside|"
    "near|behind|during|by|over|inside|outside|from|into|onto|wearing|holding|whose|that|who|and"
)
_ENGLISH = re.compile(rf"(?:\s*[.,;:!?–—]+\s+|\s+(?=(?:{PREPOSITIONS})\b))", re.IGNORECASE)
_OTHERS = re.compile(r"\s*[.,;:!?–—]+\s+")
_END = " \t.,;:!?–—"
WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")

_FUNCTION_WORDS = """
a an the one two three four five six seven eight nine ten of to in on at with under beneath below above beside near
behind during by over inside outside from into onto and or but is are was were be it its this that these those there
left right front next top side whose who which as for some several many few his her their them he she they we you
your our not no more most also very
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())

_ABOUT_PICTURES = """
taken shown shows seen picture photo photograph image source credit visible appears view scene background foreground
made look
"""
ABOUT_PICTURES = frozenset(_ABOUT_PICTURES.split())
"""Words about pictures, not about what is in them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a text, and where it stands: `text[start:end]`."""

    text: str
    start: int
    end: int


def is_english(language: str) -> bool:
    """Also where no language is said: then most captions are."""
    return language.partition("-")[0].lower() in ("", "en")


def phrases(text: str, language: str = "") -> list[Phrase]:
    """In the order of the text; empty pieces are left out."""
    found, start = [], 0
    cut = _ENGLISH if is_english(language) else _OTHERS
    for match in [*cut.finditer(text), None]:
        end = len(text) if match is None else match.start()
        piece = text[start:end]
        kept = piece.strip(_END)
        if kept:
            at = start + piece.index(kept)
            found.append(Phrase(kept, at, at + len(kept)))
        start = end if match is None else match.end()
    return found


def words(text: str) -> list[str]:
    """In lower case."""
    return [word.casefold() for word in WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """Those that say something of a picture; numbers in digits are none."""
    return [word for word in words(text) if word not in FUNCTION_WORDS and not word.isdecimal()]


def singulars(word: str) -> set[str]:
    """A word and what it may be the plural of, in English."""
    found = {word}
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            found.add(word.removesuffix(ending) + instead)
    return found


def known_among(word: str, known: set[str]) -> bool:
    """Whether `known` has the word, or its singular or plural."""
    return not singulars(word).isdisjoint(known)
