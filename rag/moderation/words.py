"""Words of a policy in texts that may try to hide them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rag.answering.prompting import INVISIBLE
from rag.indexing.bm25 import terms

LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορν",
    "ABEKMHOPCTYXIJSaeopcyxijsdqwhABEZHIKMNOPTYXaopv",
)
"""Cyrillic and Greek letters that look like Latin ones. Policy and text are folded alike, so that words of those
scripts still match themselves."""


def folded_terms(text: str) -> list[str]:
    """Stemmed words in order, without characters that people do not see and with look-alikes as one."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text).replace("\n", " ").replace("\t", " "))
    return terms(visible.translate(LOOK_ALIKE).replace("_", " "))


def said(phrases: Sequence[Sequence[str]], text: Sequence[str]) -> int | None:
    """Place of the first phrase that stands in a text; None where none does. Both from `folded_terms`."""
    there = set(text)
    for place, phrase in enumerate(phrases):
        if phrase and phrase[0] in there and _stands(phrase, text):
            return place
    return None


def _stands(phrase: Sequence[str], text: Sequence[str]) -> bool:
    length = len(phrase)
    return any(list(text[at : at + length]) == list(phrase) for at in range(len(text) - length + 1))
