"""Names, years and numbers that no source has: what a drafting model invents first.

A name is a run of capitalised words. Where every sentence begins with a capital, its first word counts as one only
when it is none of the common words (the Dale-Chall list of 3,000) and nobody wrote it in lower case. In German,
where every noun has a capital, only runs of two and more count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rag.captions.forms import GAP
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.phrases import ABOUT_PICTURES, FUNCTION_WORDS, WORD, is_english, singulars, words

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
SENTENCE_END = re.compile(r"(?:^|[.!?:…][\"'”’)]*\s+|\n\s*|^\W+)$")
WITHOUT_SMALL_NOUNS = frozenset({"de", "lb"})
LABEL = re.compile(r"(?<!\w)[^\W\d_][\w-]*:(?=\s)")
HASHTAG = re.compile(r"#\w+")


def unsourced_names(text: str, ground: Ground) -> Iterator[Finding]:
    lower = {word for one in ground.examples for word in WORD.findall(one.text) if word.islower()}
    for start, end, first in _capitalised_runs(blanked(text)):
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


def blanked(text: str) -> str:
    """The text with gaps, labels (`Size:`) and hashtags as blanks; every other letter stays in its place."""
    for pattern in (GAP, LABEL, HASHTAG):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


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
    if language.partition("-")[0].lower() in WITHOUT_SMALL_NOUNS:
        return single
    if not (first and single):
        return False
    return not is_english(language) or not singulars(unknown[0]).isdisjoint(lower | _common_words())


@cache
def _common_words() -> frozenset[str]:
    from readability.langdata import LANGDATA

    return frozenset(LANGDATA["en"]["basicwords"]) | ABOUT_PICTURES
