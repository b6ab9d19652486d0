"""Text -> sparse vectors whose dot product, with Qdrant's IDF modifier, is BM25.

A document's weight for a term is its saturated frequency,
tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / AVERAGE_LENGTH))  (Robertson & Zaragoza 2009);
a query's is 1; the store multiplies by idf = ln(1 + (N - n + 0.5) / (n + 0.5)) over the whole collection.

Why not `qdrant_edge.Bm25`, which is ten times faster: its multilingual tokenizer
segments a Han-only query as Chinese, so that 東京 does not find 東京タワー; it does
not find 바닷가 in 바닷가에서, and drops bare numbers. And terms are stored in
collections for years: they must not change with a release of a beta library.
Here text without spaces becomes character bigrams, which queries and documents
cut alike. One analysis serves all languages, because a question does not say in
which language the captions are; the stemmer is English and leaves others alone or
cuts them alike on both sides.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from rag.ports import SparseVector

K1 = 1.2
B = 0.75
AVERAGE_LENGTH = 16.0
"""Terms in a typical visual's captions and tags. Fixed, so that a vector depends on its own text alone."""

ENGLISH_STOP_WORDS = (
    "a an and are as at be but by can do does for from has have how i in is it its me my of on or our s show so t "
    "that the their them there these they this to was we were what when where which who will with you your"
)
STOP_WORDS = frozenset(ENGLISH_STOP_WORDS.split())

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # 々〆〇
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul: spaced, but particles are glued to words
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts cut into character bigrams."""

WORD = re.compile(r"[^\W_]+")

_stemmers = threading.local()


def document_vector(text: str) -> SparseVector:
    """Term weights of what a visual says: its captions and tags. Empty where the text has no words."""
    counts = Counter(_term_id(term) for term in _terms(text, single_characters=True))
    norm = K1 * (1 - B + B * counts.total() / AVERAGE_LENGTH)
    weights = {index: count * (K1 + 1) / (count + norm) for index, count in counts.items()}
    return _sorted(weights)


def query_vector(text: str) -> SparseVector:
    """Each different term of a question, with weight 1. Empty where it has no words, or only stop words."""
    return _sorted({_term_id(term): 1.0 for term in _terms(text, single_characters=False)})


def spoken(text: str) -> dict[str, str]:
    """Stems of the words of a text, each with the word it was first met as. Without stop words, and without scripts
    that put no space between words: their bigrams are no words.
    """
    found: dict[str, str] = {}
    for word in WORD.findall(text):
        folded = _folded(word)
        if folded and folded not in STOP_WORDS and all(_script(one) == "spaced" for one in folded):
            found.setdefault(_stem(folded), word)
    return found


def terms(text: str) -> list[str]:
    """The words of a text as they are compared: folded and stemmed, in their order; bigrams of unspaced scripts."""
    return list(_terms(text, single_characters=False))


def _sorted(weights: dict[int, float]) -> SparseVector:
    indices = sorted(weights)
    return SparseVector(tuple(indices), tuple(weights[index] for index in indices))


def _terms(text: str, *, single_characters: bool) -> Iterator[str]:
    """Stemmed words, and bigrams of unspaced scripts.

    Args:
        single_characters: give an unspaced text's characters beside its bigrams, so that a
            question of one character finds it.
    """
    for script, characters in groupby(_folded(text), _script):
        run = "".join(characters)
        if script == "unspaced":
            yield from _bigrams(run)
            if single_characters and len(run) > 1:
                yield from run
        elif script == "spaced" and run not in STOP_WORDS:
            yield _stem(run)


def _folded(text: str) -> str:
    """Without case, width and accents; marks of other scripts than Latin, Greek and Cyrillic stay."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f")
    return unicodedata.normalize("NFKC", plain)


@lru_cache(maxsize=16_384)
def _script(character: str) -> str:
    """`spaced`, `unspaced`, or nothing for what stands between words."""
    if unicodedata.category(character)[0] not in "LNM":
        return ""
    code = ord(character)
    return "unspaced" if any(low <= code <= high for low, high in UNSPACED) else "spaced"


def _bigrams(run: str) -> Iterable[str]:
    return (run[at : at + 2] for at in range(len(run) - 1)) if len(run) > 1 else (run,)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


def _stemmer() -> Any:
    """This thread's own: a Snowball stemmer keeps the word it works on."""
    if not hasattr(_stemmers, "english"):
        import snowballstemmer  # a quarter of a second: 30 languages

        _stemmers.english = snowballstemmer.stemmer("english")
    return _stemmers.english


@lru_cache(maxsize=65_536)
def _term_id(term: str) -> int:
    """The same 32 bits in every process and release."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")
