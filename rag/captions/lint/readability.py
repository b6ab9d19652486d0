"""How many years of school a text takes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from rag.captions.lint.blanking import blanked
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.phrases import WORD

SENTENCE = re.compile(r"[.!?…]+(?:\s+|$)")
WITH_SYLLABLES = frozenset({"en", "de", "nl"})
"""Languages whose syllables the library `readability` can count."""

FEWEST_WORDS = 3
"""Below, a formula says nothing."""


def too_hard(text: str, ground: Ground) -> Iterator[Finding]:
    if ground.reading_level is None:
        return
    grade = reading_grade(blanked(text), ground.language)
    if grade is not None and grade > ground.reading_level:
        told = (
            f"it takes school grade {grade:.1f}; wished is at most {ground.reading_level:g}: shorter words, sentences"
        )
        yield Finding("hard-to-read", Severity.WARNING, told, text, 0, len(text))


def reading_grade(text: str, language: str = "") -> float | None:
    """The school grade that a text takes; None where it is too short to say.

    Flesch-Kincaid (Kincaid et al. 1975) for English, German and Dutch; for other languages the Automated Readability
    Index (Smith and Senter 1967), which counts letters instead of syllables. Both were made for English.
    """
    lines = [" ".join(WORD.findall(sentence)) for sentence in SENTENCE.split(text)]
    lines = [line for line in lines if line]
    if sum(len(line.split()) for line in lines) < FEWEST_WORDS:
        return None
    code = language.partition("-")[0].lower() or "en"
    counted = code in WITH_SYLLABLES
    grades = library().getmeasures(lines, lang=code if counted else "en")["readability grades"]
    return max(0.0, float(grades["Kincaid" if counted else "ARI"]))


def library() -> ModuleType:
    """The package `readability`, whose source Python warns of when it first compiles it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("readability")
