"""The steps of an answer as the text of one chat message, as they come or as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answering.plain_text import PlainText, plain_text
from rag.integrations.openai.footnotes import Link, footnotes, note, restart_note, title_of
from rag.model import Answer, Piece, Restarted, Step

LABEL = re.compile(r"\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a message cites a piece of evidence.

    Attributes:
        start, end: of its `[n]`, in characters of the whole message.
    """

    start: int
    end: int
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole message. `citations` are in the order of their evidence's numbers, then of the text."""

    text: str
    citations: tuple[Citation, ...]
    answer: Answer


class Transcript:
    """One message while it is written.

    Nothing that a library or an LLM wrote becomes a link or a picture in it, whoever composed the answer.

    Attributes:
        reply: the whole message, once the answer was fed.
    """

    def __init__(self, link: Link) -> None:
        self.reply: Reply | None = None
        self._link = link
        self._text = ""
        self._begins = 0
        self._clean = PlainText()

    def feed(self, step: Step) -> str:
        """What the step adds to the text."""
        match step:
            case Piece(text):
                return self._shown(self._clean.feed(text))
            case Restarted(reason):
                return self._shown(self._clean.close()) + self._anew(reason)
            case Answer():
                added = self._shown(self._clean.close()) + self._mended(step) + self._shown(footnotes(step, self._link))
                self.reply = Reply(self._text, citations_in(self._text, step, self._link), step)
                return added
            case _:
                return ""

    def _shown(self, text: str) -> str:
        self._text += text
        return text

    def _anew(self, reason: str) -> str:
        self._clean = PlainText()
        told = self._shown(restart_note(reason)) if self._text else ""
        self._begins = len(self._text)
        return told

    def _mended(self, answer: Answer) -> str:
        """What the answer says beyond the pieces: all of it where they say something else."""
        shown, final = self._text[self._begins :].strip(), plain_text(answer.text).strip()
        if shown == final:
            return ""
        if final.startswith(shown):
            return self._shown(final[len(shown) :])
        return self._shown(f"\n\n{note('what was shown until here is replaced by this:')}\n\n{final}")


def whole(answer: Answer, link: Link) -> Reply:
    """The message of an answer that nobody has seen in pieces."""
    transcript = Transcript(link)
    transcript.feed(answer)
    assert transcript.reply is not None
    return transcript.reply


def citations_in(text: str, answer: Answer, link: Link) -> tuple[Citation, ...]:
    """Every `[n]` of a message that is evidence of its answer."""
    known = {item.number: item for item in answer.retrieval.evidence}
    found = [(int(match[1]), match) for match in LABEL.finditer(text) if int(match[1]) in known]
    found.sort(key=lambda one: (one[0], one[1].start()))
    return tuple(
        Citation(match.start(), match.end(), title_of(known[number]), link(known[number])) for number, match in found
    )
