"""In which language a question is asked, so that it is answered in the same one."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
"""Languages that are told apart, as a prompt names them; more of them would confuse short questions."""

FEWEST_LETTERS = 8
"""Fewer tell nothing: `winter` is a word of three of these languages. Scripts of their own need two."""

_loading = threading.Lock()


@lru_cache(maxsize=4_096)
def language_of(text: str) -> str:
    """ISO 639-1 code of the language of a question, among `NAMES`; empty where it is too short to tell.

    By py3langid (Lui and Baldwin 2012). Loading its model takes a quarter of a second, once.
    """
    letters = sum(map(str.isalpha, text))
    if letters < (FEWEST_LETTERS if text.isascii() else 2):
        return ""
    code, _ = _identifier().classify(text)
    return str(code)


@lru_cache(maxsize=1)
def _loaded() -> Any:
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    identifier.set_languages(sorted(NAMES))
    return identifier


def _identifier() -> Any:
    with _loading:
        return _loaded()
