"""Whether answers cite what they say, on the sample library: by the extractive composer and by test LLMs over HTTP.

Recall is the share of sentences that their citations bear out, precision the share of
citations that bear their sentence out (Gao et al. 2023, ALCE), by what is drawn: a sentence
that repeats a caption is borne out by the pictures with that caption and by no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.desk import LIBRARY, sample_desk
from benchmarks.figure import Figure
from rag.answering.citations import without_citations
from rag.ask import ask
from rag.model import LOCAL_OWNER, Answer, Query
from rag.ports import Services
from rag.scenes import KINDS, captions
from rag.scenes.sample_library import sample_library
from tests.services.llm import llm_serving

QUESTIONS = 60
REFUSAL = "the evidence does not answer the question"
"""A test LLM's: it says nothing of any picture, so there is nothing to cite."""

WORDS = re.compile(r"\w+")


@dataclass
class Tally:
    """Attributes:
    flagged, missed: wrong sentences that were flagged as unsupported, and that were not.
    accused: right sentences that were flagged.
    """

    sentences: int = 0
    borne_out: int = 0
    citations: int = 0
    right: int = 0
    flagged: int = 0
    missed: int = 0
    accused: int = 0
    unresolved: int = field(default=0)

    def take(self, answer: Answer) -> None:
        said = {item.number: _plain(item.caption.text if item.caption else "") for item in answer.retrieval.evidence}
        self.unresolved += sum(number not in said for number in answer.citations)
        for support in answer.support:
            sentence = _plain(without_citations(support.sentence))
            if sentence == REFUSAL:
                continue
            right = [number for number in support.citations if _bears_out(said[number], sentence)]
            self.sentences += 1
            self.borne_out += bool(right)
            self.citations += len(support.citations)
            self.right += len(right)
            self.flagged += not right and not support.supported
            self.missed += not right and support.supported
            self.accused += bool(right) and not support.supported


def figures() -> list[Figure]:
    rows: list[Figure] = []
    with llm_serving() as server, sample_desk(llm="cites", llm_url=server.url) as services:
        for writer in ("extractive", "cites", "miscites"):
            rows += _figures(writer, tallied(services, writer))
    return rows


def tallied(services: Services, writer: str) -> Tally:
    """The same questions to each: one wording of each scene that its caption does not use."""
    from rag.answering.extractive import ExtractiveComposer
    from rag.answering.langchain_chat import open_chat

    settings = services.settings.model_copy(update={"llm": writer})
    chat = ExtractiveComposer() if writer == "extractive" else open_chat(settings)
    services._parts["chat"] = chat  # type: ignore[attr-defined]  # one library for all writers
    tally = Tally()
    for question in list(questions())[:QUESTIONS]:
        answer = ask(services, LOCAL_OWNER, Query(question, libraries=(LIBRARY,), top_k=4), door="benchmark")
        if not answer.abstained:
            tally.take(answer)
    return tally


def questions() -> Iterator[str]:
    """In turn one that few pictures answer, and one that many do: only there can citations be confused."""
    kinds = {group.kind for item in sample_library() for group in item.scene.groups}
    broad = iter(sorted(KINDS[kind].plural for kind in kinds))
    for item in sample_library():
        if item.caption:
            yield f"Which pictures show {captions(item.scene)[1]}?"
            if (plural := next(broad, None)) is not None:
                yield f"Which pictures show {plural}?"


def _figures(writer: str, tally: Tally) -> list[Figure]:
    name = f"answers: {{}}, {'extractive composer' if writer == 'extractive' else f'test LLM that {writer}'}"
    faithful = writer != "miscites"
    rows = [
        Figure(name.format("citation precision"), tally.right / tally.citations, "share", 0.95 if faithful else None),
        Figure(name.format("citation recall"), tally.borne_out / tally.sentences, "share", 0.95 if faithful else None),
        Figure(name.format("citations to no evidence"), float(tally.unresolved), "citations", 0.0, "lower"),
    ]
    right, wrong = tally.borne_out, tally.flagged + tally.missed
    if right:
        rows.append(Figure(name.format("right sentences flagged"), tally.accused / right, "share", 0.1, "lower"))
    if wrong and not faithful:
        rows.append(Figure(name.format("wrong sentences flagged"), tally.flagged / wrong, "share", 0.9))
    return rows


def _bears_out(caption: str, sentence: str) -> bool:
    """The caption says it; or the sentence is about pictures without a caption, and this is one."""
    return caption == sentence if caption else sentence.endswith("without a caption")


def _plain(text: str) -> str:
    return " ".join(WORDS.findall(text.casefold()))
