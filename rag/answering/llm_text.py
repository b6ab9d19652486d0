"""What an LLM's stream says, in characters that can be stored and shown, and how it ended."""

from __future__ import annotations

import re

from langchain_core.messages import BaseMessage

UNFIT = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL does not store, and halves of surrogate pairs, which no encoding writes."""

OPENED, CLOSED = "<think>", "</think>"

FINISHES = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filtered",
    "refusal": "filtered",
    "safety": "filtered",
    "recitation": "filtered",
    "blocklist": "filtered",
    "prohibited_content": "filtered",
    "spii": "filtered",
}
"""The words of OpenAI, Anthropic, Gemini and Mistral; others mean a whole answer."""


def finish_of(chunk: BaseMessage) -> str:
    """`whole`, `length` or `filtered`; empty while the answer goes on."""
    metadata = chunk.response_metadata
    for name in ("finish_reason", "stop_reason", "done_reason"):
        if said := metadata.get(name):
            return FINISHES.get(str(said).lower(), "whole")
    return ""


class SoundText:
    """Pieces of text as they came -> pieces that can be stored, joined from halves, without a thought before them.

    Local servers without a parser for it send what a model thinks as `<think>…</think>` in front of its answer.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, piece: str) -> str:
        text = self._held + piece
        self._held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return self._spoken(_joined(text))

    def close(self) -> str:
        """What was still held: the beginning of something that did not come."""
        rest = self._held if self._state == "start" else ""
        self._held = ""
        return _joined(rest)

    def _spoken(self, text: str) -> str:
        if self._state == "start":
            begun = text.lstrip()
            if not begun or (len(begun) < len(OPENED) and OPENED.startswith(begun)):
                self._held = text + self._held
                return ""
            self._state = "thinking" if begun.startswith(OPENED) else "speaking"
        if self._state == "thinking":
            _, closed, after = text.partition(CLOSED)
            if not closed:
                self._held = text[-len(CLOSED) :] + self._held
                return ""
            self._state = "speaking"
            return after.lstrip()
        return text


def _joined(text: str) -> str:
    """Halves of a surrogate pair become the character that they stand for; halves alone become U+FFFD."""
    if not UNFIT.search(text):
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")
