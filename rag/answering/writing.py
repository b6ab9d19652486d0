"""An answer while it is written: pieces of an LLM in, checked pieces out.

LLM -> citations that resolve -> in strict mode, sentence by sentence what the evidence bears out
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import cached_property

from rag.answering.citations import CitationCheck
from rag.answering.extractive import NOTICE, ExtractiveComposer
from rag.answering.plain_text import PlainText
from rag.answering.sentences import Sentences, sentences
from rag.answering.support import SupportScorer
from rag.answering.wording import wording
from rag.errors import LlmUnavailable, Rejected, Unavailable
from rag.model import Answer, Piece, Prompt, Restarted, Retrieval, Support
from rag.ports import ChatModel
from rag.ports.chat import CUT_OFF

log = logging.getLogger(__name__)


class Writing:
    """One answer: goes through `steps` once, and is then what was released.

    Attributes:
        text: all that was released so far.
        composer: who writes it: an LLM that fails is replaced by the extractive composer.
        withheld: how many sentences strict mode left out.
        links_removed: how many addresses the text held.
        cut_off: whether the LLM came to a limit of length or time.
        timings: `first_ms` and `llm_ms`: milliseconds until something, and until everything was released.
    """

    def __init__(self, chat: ChatModel, prompt: Prompt, scorer: SupportScorer, *, strict: bool) -> None:
        self._prompt = prompt
        self._scorer = scorer
        self._strict = strict
        self._check = CitationCheck(())
        self._started = time.perf_counter()
        self._trouble: tuple[str, ...] = (NOTICE,) if chat.extractive else ()
        self.composer = chat
        self.text = ""
        self.withheld = 0
        self.links_removed = 0
        self.cut_off = False
        self.timings: dict[str, float] = {}

    def steps(self) -> Iterator[Piece | Restarted]:
        """Pieces of the text as they come.

        Raises:
            Unavailable, Rejected: the LLM failed, and strict mode takes no other.
        """
        try:
            yield from self._written()
            if self.text.strip() or self.withheld:
                return
            raise LlmUnavailable(f"the LLM {self.composer.id} returned nothing; ask again")
        except (Unavailable, Rejected) as error:
            if self._strict:
                raise
            log.warning("answering without the LLM: %s", error)
            trouble = str(error)
        if self.text:
            yield Restarted(trouble)
        self._begin_anew(trouble)
        yield from self._written()

    def answer(self, retrieval: Retrieval, *, stopped: bool) -> Answer:
        """What was released, checked. Where strict mode left nothing of it, an abstention."""
        text, started = self.text.strip(), time.perf_counter()
        support = () if stopped else self.support
        return Answer(
            text=text or wording(self._prompt.language).withheld,
            citations=self.citations,
            retrieval=retrieval,
            composer=self.composer.id,
            abstained=not text and not stopped,
            notices=self.notices,
            support=support,
            stopped=stopped,
            cut_off=self.cut_off,
            withheld=self.withheld,
            removed=self.removed,
            timings=self.timings | {"support_ms": 1000 * (time.perf_counter() - started)},
        )

    @cached_property
    def support(self) -> tuple[Support, ...]:
        """Of each sentence that was released; the composer's words around captions are none."""
        found = [one.strip() for one in sentences(self.text, self._prompt.language)]
        claims = [one for one in found if one and (one.startswith("- ") or not self.composer.extractive)]
        return tuple(self._scorer.score(claims))

    @property
    def notices(self) -> tuple[str, ...]:
        """What the reader must know."""
        said = list(self._trouble)
        if self.removed:
            said.append(f"Citations that no evidence has were removed: {''.join(f'[{n}]' for n in self.removed)}.")
        if self.cut_off:
            said.append("The answer was cut off: the LLM came to a limit of length or time.")
        if self.links_removed:
            said.append("Links were removed: an answer leads to its evidence alone.")
        if self.withheld:
            said.append(f"Left out, because the evidence does not bear it out: {_sentences(self.withheld)}.")
        if self.text.strip() and not self.citations:
            said.append("This answer cites no evidence.")
        return tuple(said)

    @property
    def removed(self) -> tuple[int, ...]:
        return tuple(self._check.removed)

    @property
    def citations(self) -> tuple[int, ...]:
        """Numbers that the released text cites, in the order of their first mention."""
        return tuple(number for number in self._check.cited if f"[{number}]" in self.text)

    def _begin_anew(self, trouble: str) -> None:
        self.text, self.cut_off = "", False
        self.composer = ExtractiveComposer()
        self._trouble = (f"Put together from captions, because {trouble}.",)

    def _written(self) -> Iterator[Piece]:
        self._check = CitationCheck({item.number for item in self._prompt.evidence})
        plain = PlainText()
        gate = Sentences(self._prompt.language) if self._strict and not self.composer.extractive else None
        for piece in self.composer.stream(self._prompt):
            if piece == CUT_OFF:
                self.cut_off = True
                continue
            checked = plain.feed(self._check.feed(piece))
            yield from self._released(gate.feed(checked) if gate else [checked])
        rest = plain.feed(self._check.close()) + plain.close()
        yield from self._released([*gate.feed(rest), *gate.close()] if gate else [rest])
        self.links_removed = plain.removed
        self.timings["llm_ms"] = self._spent()

    def _spent(self) -> float:
        return 1000 * (time.perf_counter() - self._started)

    def _released(self, pieces: list[str]) -> Iterator[Piece]:
        for piece in pieces:
            text = piece if self.text else piece.lstrip()
            if not text:
                continue
            if self._withholds(text):
                self.withheld += 1
                continue
            self.timings.setdefault("first_ms", self._spent())
            self.text += text
            yield Piece(text)

    def _withholds(self, sentence: str) -> bool:
        if not self._strict or self.composer.extractive or not sentence.strip():
            return False
        return not self._scorer.score([sentence])[0].supported


def _sentences(count: int) -> str:
    return "one sentence" if count == 1 else f"{count} sentences"
