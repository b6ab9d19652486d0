"""Phrases in quotation marks: candidates that do not say them word for word are no hits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rag.model import Json

_SPACE = re.compile(r"\s+")


def unsaid(phrases: Sequence[str], payload: Json) -> str:
    """The first phrase that no caption, tag or file name of the visual says; empty when all are said.

    Case, width and the kind of white space do not count; words are whole ones.
    """
    if not phrases:
        return ""
    said = [_plain(text) for text in _texts(payload)]
    return next((phrase for phrase in phrases if not any(_says(text, _plain(phrase)) for text in said)), "")


def _texts(payload: Json) -> Iterable[str]:
    yield from (caption["text"] for caption in payload.get("captions") or [])
    yield from payload.get("tags") or []
    yield payload.get("name") or ""


def _says(text: str, phrase: str) -> bool:
    before = r"(?<!\w)" if phrase[:1].isascii() and phrase[:1].isalnum() else ""
    after = r"(?!\w)" if phrase[-1:].isascii() and phrase[-1:].isalnum() else ""
    return re.search(f"{before}{re.escape(phrase)}{after}", text) is not None


def _plain(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
