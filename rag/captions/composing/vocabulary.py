"""The words in which a library speaks of its pictures: things, their qualities, and where and when.

Read off captions that people approved: `A red cat on a drum at noon` gives the thing `a cat`, the quality `red`, and
the circumstances `on a drum` and `at noon`. Pieces with names or numbers in them are left out: what is called
`Jane Doe` in one picture is somebody else in the next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rag.captions.phrases import PREPOSITIONS, WORD, content_words, is_english, phrases
from rag.captions.sight import ARTICLES

DETERMINERS = frozenset(article.strip() for article in ARTICLES) | {"six", "seven", "eight", "nine", "ten"}
_PEOPLE = """
person people man men woman women boy boys girl girls child children kid kids baby babies adult adults teenager lady
ladies gentleman guy guys couple family crowd somebody someone player players worker workers student students
"""
PEOPLE = frozenset(_PEOPLE.split())

CIRCUMSTANCE = re.compile(rf"(?:{PREPOSITIONS})\b", re.IGNORECASE)
MOST_THINGS = 600
"""Each is compared with the picture."""


@dataclass(frozen=True)
class Vocabulary:
    """Attributes:
    things: determiner and noun: `("a", "cat")`, `("three", "kites")`; "a" stands for "an" too.
    qualities: what stood before which nouns: `{"red": {"cat", "car"}}`.
    tags: of the library's pictures, by people or files.
    """

    things: tuple[tuple[str, str], ...] = ()
    qualities: Mapping[str, frozenset[str]] | None = None
    tags: tuple[str, ...] = ()

    def qualities_of(self, noun: str) -> list[str]:
        """Those that were said of this noun, or of at least two others; none of people.

        A quality that a picture's scores put beside a person is mostly that of the clothes, and reads as the skin's.
        """
        known = self.qualities or {}
        if noun not in set().union(*known.values()) or not PEOPLE.isdisjoint(noun.split()):
            return []
        return [quality for quality, nouns in known.items() if noun in nouns or len(nouns) > 1]


def vocabulary_of(captions: Iterable[tuple[str, str]], tags: Iterable[str] = ()) -> Vocabulary:
    """Args:
    captions: text and language; only English ones are understood.
    """
    things: dict[tuple[str, str], None] = {}
    qualities: defaultdict[str, set[str]] = defaultdict(set)
    for text, language in captions:
        thing = _thing(text, language)
        if thing is not None and len(things) < MOST_THINGS:
            determiner, quality, noun = thing
            things[(determiner, noun)] = None
            if quality:
                qualities[quality].add(noun)
    frozen = {quality: frozenset(nouns) for quality, nouns in qualities.items()}
    return Vocabulary(tuple(things), frozen, tuple(dict.fromkeys(tags)))


def _thing(text: str, language: str) -> tuple[str, str, str] | None:
    pieces = phrases(text, language) if is_english(language) else []
    if not pieces:
        return None
    first, *rest = pieces[0].text.split()
    determiner = first.lower().replace("an", "a") if first.lower() in ("a", "an") else first.lower()
    if determiner not in DETERMINERS or not 1 <= len(rest) <= 4 or not nameless(" ".join(rest)):
        return None
    return (determiner, "", rest[0]) if len(rest) == 1 else (determiner, rest[0], " ".join(rest[1:]))


def nameless(piece: str) -> bool:
    """Whether a piece of a caption has no capitals and no digits: nothing that only one picture can be called."""
    return all(word.islower() for word in WORD.findall(piece)) and not any(letter.isdigit() for letter in piece)


def circumstances(text: str, language: str) -> list[tuple[str, int]]:
    """What follows the thing in a caption, each with how many follow it: `on a drum` 1, `at noon` 0."""
    pieces = [piece.text for piece in phrases(text, language)] if is_english(language) else []
    later = pieces[1:]
    return [(piece, len(later) - 1 - at) for at, piece in enumerate(later) if _stands_alone(piece)]


def _stands_alone(piece: str) -> bool:
    """Whether it says something behind any thing: not `and a hat`, not `from left to right`."""
    begins = CIRCUMSTANCE.match(piece) is not None and not piece.lower().startswith(("and ", "that ", "whose ", "who "))
    return begins and bool(content_words(piece)) and nameless(piece)


def said(determiner: str, quality: str, noun: str) -> str:
    """`a red cat`, `an orange cat`, `three kites`."""
    rest = f"{quality} {noun}".strip()
    if determiner == "a":
        determiner = "an" if rest[:1].lower() in "aeiou" else "a"
    return f"{determiner} {rest}"
