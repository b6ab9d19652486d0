"""Names, years and numbers that no source has: what a drafting model invents first.

A name is a run of capitalised words. Where every sentence begins with a capital, its first word counts as one only
when it is none of the common words (the Dale-Chall list of 3,000) and nobody wrote it in lower case. In German,
where every noun has a capital, only runs of two and more count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rag.captions.lint.blanking import blanked
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.lint.readability import library
from rag.captions.phrases import ABOUT_PICTURES, FUNCTION_WORDS, WORD, is_english, singulars, words

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
SENTENCE_END = re.compile(r"(?:^|[.!?:…][\"'”’)]*\s+|\n\s*|^\W+)$")
WITHOUT_SMALL_NOUNS = frozenset({"de", "lb"})
_GERMAN_BEGINNINGS = """
Ein Eine Einen Einem Einer Der Die Das Den Dem Zwei Drei Vier Mit In Im Am An Auf Unter Neben Vor Hinter Bei
"""
GERMAN_BEGINNINGS = frozenset(_GERMAN_BEGINNINGS.split())


def unsourced_names(text: str, ground: Ground) -> Iterator[Finding]:
    lower = {word for one in ground.examples for word in WORD.findall(one.text) if word.islower()}
    for begin, end, first in _capitalised_runs(blanked(text)):
        start = begin + (_opening(text[begin:end], ground.language) if first else 0)
        run = text[start:end]
        unknown = [word for word in words(run) if not _sourced(word, ground)]
        if unknown and not _may_be_no_name(run, unknown, first, lower, ground.language):
            told = "no caption, metadata or given fact has this name: check it, give it as a fact, or take it out"
            yield Finding("unsourced-name", Severity.WARNING, told, run, start, end)


def unsourced_numbers(text: str, ground: Ground) -> Iterator[Finding]:
    known = {number.lstrip("0") for source in ground.sources for number in re.findall(r"\d+", source)}
    for match in NUMBER.finditer(blanked(text)):
        if not {part.lstrip("0") for part in re.findall(r"\d+", match[0])} <= known:
            told = "no caption, metadata or given fact has this number: check it, give it as a fact, or take it out"
            yield Finding("unsourced-number", Severity.WARNING, told, match[0], match.start(), match.end())


def _capitalised_runs(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where each stands, and whether it begins a sentence."""
    run: tuple[int, int, bool] | None = None
    for match in WORD.finditer(text):
        if not match[0][0].isupper() or match[0] == "I":
            continue
        if run and text[run[1] : match.start()].strip() in ("", ".") and not _begins(text, match.start()):
            run = (run[0], match.end(), run[2])
            continue
        if run:
            yield run
        run = (match.start(), match.end(), _begins(text, match.start()))
    if run:
        yield run


def _begins(text: str, at: int) -> bool:
    return SENTENCE_END.search(text[:at]) is not None


def _sourced(word: str, ground: Ground) -> bool:
    stem = re.sub(r"[’']s?$", "", word)
    return any(one in ground.said for name in (word, stem) for one in singulars(name)) or word in FUNCTION_WORDS


def _may_be_no_name(run: str, unknown: list[str], first: bool, lower: set[str], language: str) -> bool:
    single = len(WORD.findall(run)) == 1
    if _nouns_are_large(language):
        return single
    if not (first and single):
        return False
    return not is_english(language) or not singulars(unknown[0]).isdisjoint(lower | _common_words())


def _opening(run: str, language: str) -> int:
    """How long the small word is that opens a sentence before a name: `The Beatles`; 0 where there is none."""
    opening, _, rest = run.partition(" ")
    small = opening in GERMAN_BEGINNINGS if _nouns_are_large(language) else opening.casefold() in FUNCTION_WORDS
    return len(run) - len(rest) if rest and small else 0


def _nouns_are_large(language: str) -> bool:
    return language.partition("-")[0].lower() in WITHOUT_SMALL_NOUNS


@cache
def _common_words() -> frozenset[str]:
    return frozenset(library().LANGDATA["en"]["basicwords"]) | ABOUT_PICTURES
