"""Two profiles -> the facts that compare them. Pure: what is not in the profiles is never said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rag.describing.profile import Profile
from rag.indexing.bm25 import spoken
from rag.model import Json

CLEAR = 0.9
"""What both pictures' labels must reach before they are compared."""
MAIN_SHARE = 0.35
"""Of a picture, before it is said to be mainly of one colour."""
TRACE = 0.1
"""Of a picture, from which on a colour is there."""
MUCH_LARGER = 2.0
"""Times the pixels."""
SHORTEST_WORD = 3


class Aspect(StrEnum):
    """What a fact speaks of, the most telling first."""

    VALUE = "value"
    TAGS = "tags"
    LABEL = "label"
    COLOUR = "colour"
    WORDS = "words"
    DATE = "date"
    MEDIUM = "medium"
    SHAPE = "shape"
    SIZE = "size"


BASIS = {
    Aspect.VALUE: "tags",
    Aspect.TAGS: "tags",
    Aspect.LABEL: "picture",
    Aspect.COLOUR: "picture",
    Aspect.WORDS: "captions",
    Aspect.DATE: "file",
    Aspect.MEDIUM: "file",
    Aspect.SHAPE: "file",
    Aspect.SIZE: "file",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One aspect of both pictures. Values out of a library are untrusted.

    Attributes:
        name: which value or label: `price`, `setting`; else empty.
        shared: what is true of both.
        here: of the found picture alone; `given`: of the given one alone.
        confidence: of the less certain of the two readings; 1 where nothing was estimated.
    """

    aspect: Aspect
    name: str = ""
    shared: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def basis(self) -> str:
        """Where it was read: `tags`, `captions`, `picture` or `file`."""
        return BASIS[self.aspect]

    def as_json(self) -> Json:
        return {
            "aspect": self.aspect.value,
            "name": self.name,
            "basis": self.basis,
            "shared": list(self.shared),
            "here": list(self.here),
            "given": list(self.given),
            "confidence": round(self.confidence, 4),
        }


def compared(given: Profile, here: Profile) -> tuple[Fact, ...]:
    """What the two share and where they differ, the most telling first. Nothing is said twice."""
    said = {stem for one in (given, here) for tag in one.tags for stem in spoken(tag)}
    facts = [
        *_values(given.values, here.values),
        *_tags(given, here),
        *_labels(given, here),
        *_colours(given.colours, here.colours),
        *_words(given, here, said),
        *_dates(given, here),
        *_of_the_file(given, here),
    ]
    return tuple(fact for fact in facts if fact.shared or fact.here or fact.given)


def _values(given: Mapping[str, str], here: Mapping[str, str]) -> Iterator[Fact]:
    """Tags such as `price:19.90`, where both have the name."""
    for name in given:
        if name in here:
            same = given[name].casefold() == here[name].casefold()
            yield _single(Aspect.VALUE, name, given[name], here[name], same=same)


def _tags(given: Profile, here: Profile) -> Iterator[Fact]:
    """A picture without any tag was never tagged, which says nothing of it."""
    if given.tags and here.tags:
        yield Fact(Aspect.TAGS, "", *_parted(_folded(given.tags), _folded(here.tags)))


def _labels(given: Profile, here: Profile) -> Iterator[Fact]:
    """Labels read off both pictures with a clear confidence, unless tags say so already."""
    for name, (label, confidence) in given.labels.items():
        other, other_confidence = here.labels.get(name, ("", 0.0))
        surety = min(confidence, other_confidence)
        told = _has(given.tags, label) and _has(here.tags, other)
        if surety >= CLEAR and not told:
            yield _single(Aspect.LABEL, name, label, other, same=label == other, confidence=surety)


def _colours(given: Mapping[str, float], here: Mapping[str, float]) -> Iterator[Fact]:
    if not given or not here:
        return
    main, other = (max(one, key=one.__getitem__) for one in (given, here))
    if min(given[main], here[other]) < MAIN_SHARE:
        return
    if main == other:
        yield Fact(Aspect.COLOUR, shared=(main,))
    elif max(given.get(other, 0.0), here.get(main, 0.0)) < TRACE:
        yield Fact(Aspect.COLOUR, here=(other,), given=(main,))


def _words(given: Profile, here: Profile, said: set[str]) -> Iterator[Fact]:
    if given.captions and here.captions:
        ours, theirs = (_telling(one.captions, said) for one in (given, here))
        yield Fact(Aspect.WORDS, "", *_parted(ours, theirs))


def _telling(captions: Iterable[str], said: set[str]) -> dict[str, str]:
    """Stems of captions with the words they came from, but for what tags say."""
    found = spoken(" ".join(captions))
    return {stem: word for stem, word in found.items() if stem not in said and len(word) >= SHORTEST_WORD}


def _dates(given: Profile, here: Profile) -> Iterator[Fact]:
    """The same day, month or year; or different years."""
    one, other = given.date, here.date
    if not one or not other:
        return
    for length in (10, 7, 4):  # 2024-05-01, 2024-05, 2024
        if one[:length] == other[:length]:
            yield Fact(Aspect.DATE, shared=(one[:length],))
            return
    yield Fact(Aspect.DATE, here=(other[:4],), given=(one[:4],))


def _of_the_file(given: Profile, here: Profile) -> Iterator[Fact]:
    yield _single(Aspect.MEDIUM, "", given.medium, here.medium, same=given.medium == here.medium)
    yield _single(Aspect.SHAPE, "", given.shape, here.shape, same=given.shape == here.shape)
    pixels = sorted((given.width * given.height, here.width * here.height))
    if pixels[0] and pixels[1] / pixels[0] >= MUCH_LARGER:
        yield Fact(Aspect.SIZE, here=(here.size,), given=(given.size,))


def _single(aspect: Aspect, name: str, given: str, here: str, *, same: bool, confidence: float = 1.0) -> Fact:
    if same:
        return Fact(aspect, name, shared=(given,), confidence=confidence)
    return Fact(aspect, name, here=(here,), given=(given,), confidence=confidence)


def _parted(
    given: Mapping[str, str], here: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What both have, only the second, only the first; each by its key, shown as it is written."""
    shared = tuple(value for key, value in given.items() if key in here)
    return (
        shared,
        tuple(value for key, value in here.items() if key not in given),
        tuple(value for key, value in given.items() if key not in here),
    )


def _folded(tags: Iterable[str]) -> dict[str, str]:
    return {" ".join(tag.casefold().split()): tag for tag in tags}


def _has(tags: Iterable[str], label: str) -> bool:
    wanted = set(spoken(label))
    return any(wanted and wanted <= set(spoken(tag)) for tag in tags)


_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def number_in(value: str) -> float | None:
    """The one number of a value such as `19,90 €`; None where there is none, or several."""
    found = _NUMBER.findall(value)
    return float(found[0].replace(",", ".")) if len(found) == 1 else None
