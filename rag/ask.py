"""The ask flow: a question in, an answer out that can be checked.

    question -> rewritten with its history -> retrieved (rag.search) -> relevant enough? no: abstained
             -> prompted, within the token budget -> event written, durable
             -> streamed: citations and support checked -> answer event -> answer

If the ledger cannot be written there is no answer: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from langchain_core.runnables import Runnable, RunnableBranch, RunnableGenerator, RunnableLambda

from rag.answering.budget import within_budget, without
from rag.answering.language import language_of
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import TURNS, build_prompt
from rag.answering.rewriting import Rewritten, standalone
from rag.answering.support import SupportScorer
from rag.answering.wording import wording
from rag.answering.writing import Writing
from rag.audit.recording import Rewriting, answer_draft, retrieval_draft
from rag.errors import BadQuery, NotFound
from rag.model import (
    NEW,
    Actor,
    Answer,
    Evidence,
    Piece,
    Prompt,
    Query,
    Question,
    Retrieval,
    Retrieved,
    Step,
    Turn,
)
from rag.ports import Services, Serving
from rag.search import retrieve, thumbnails


def ask(
    services: Services, actor: Actor, question: Question | Query, *, door: str, serving: Serving | None = None
) -> Answer:
    """Answer a question from the library, or say that the library does not answer it. See `answering`."""
    steps = list(answering(services, actor, question, door=door, serving=serving))
    answer = steps[-1]
    assert isinstance(answer, Answer)
    return answer


def answering(
    services: Services, actor: Actor, question: Question | Query, *, door: str, serving: Serving | None = None
) -> Iterator[Step]:
    """The answer step by step: `Retrieved`, then `Piece` by `Piece`, perhaps `Restarted`, and the `Answer` at the end.

    Closing the iterator before its end stops the LLM, and records how far the answer was.

    Args:
        serving: the encoder and collection to use; the live ones of this moment where none are given.

    Raises:
        BadQuery, NotFound: see `Retriever.retrieve`; or the conversation is none of this actor.
        LedgerUnavailable: an event could not be written, so there is no answer; what was shown of it is void.
        Unavailable, Rejected: in strict mode, the LLM failed.
    """
    asked = question if isinstance(question, Question) else Question(question)
    _check(asked)
    asking = Asking(services, actor, door, serving or services.serving())
    steps = asking.pipeline().stream(asked)
    try:
        yield from steps
    except GeneratorExit:
        asking.stop()
        raise


@dataclass(frozen=True, slots=True)
class Understood:
    """A question on its way to an answer."""

    question: Question
    rewritten: Rewritten
    language: str
    retrieval: Retrieval | None = None
    prompt: Prompt | None = None
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def found(self) -> Retrieval:
        assert self.retrieval is not None, "nothing was retrieved yet"
        return self.retrieval


class Asking:
    """The steps of one answer, and how far it is."""

    def __init__(self, services: Services, actor: Actor, door: str, serving: Serving) -> None:
        self._services = services
        self._actor = actor
        self._door = door
        self._serving = serving
        self._written: tuple[Understood, Writing] | None = None

    def pipeline(self) -> Runnable[Question, Step]:
        answered = RunnableLambda(self._prompted) | self._recorded | RunnableGenerator(self._streamed)
        abstained = RunnableLambda(self._recorded) | RunnableGenerator(self._abstained)
        return RunnableLambda(self._understood) | self._retrieved | RunnableBranch((_has_evidence, answered), abstained)

    def stop(self) -> None:
        """Record what was released until now, where the answer was not at its end."""
        if self._written is not None:
            understood, writing = self._written
            self._released(understood, writing, stopped=True)

    def _understood(self, question: Question) -> Understood:
        services, started = self._services, time.perf_counter()
        if question.conversation and question.conversation != NEW:
            kept = services.conversations.history(self._actor, question.conversation, limit=TURNS)
            question = replace(question, history=tuple(kept))
        text, longest = question.query.text, services.settings.max_question
        rewritten = standalone(services.chat, text, question.history, longest)
        spent = {"rewrite_ms": 1000 * (time.perf_counter() - started)} if question.history else {}
        return Understood(question, rewritten, language_of(text), timings=spent)

    def _retrieved(self, understood: Understood) -> Understood:
        query = replace(understood.question.query, text=understood.rewritten.text)
        found = retrieve(self._services, self._serving, self._actor, query)
        return replace(understood, retrieval=relevant_only(found, self._services.settings.min_relevance))

    def _prompted(self, understood: Understood) -> Understood:
        chat, file = self._services.chat, load_prompt("answer")
        question, history = understood.question.query.words, understood.question.history
        pictures = thumbnails(self._services, understood.found.evidence) if chat.sees_images else {}

        def rendered(evidence: tuple[Evidence, ...]) -> Prompt:
            shown = _of(evidence, understood.found.evidence, pictures)
            return build_prompt(file, question, evidence, shown, history=history, language=understood.language)

        fitting, prompt = within_budget(understood.found, rendered, self._services.settings.llm_prompt_tokens)
        return replace(understood, retrieval=fitting, prompt=prompt)

    def _recorded(self, understood: Understood) -> Understood:
        rewritten, prompt, chat = understood.rewritten, understood.prompt, self._services.chat
        asked = Rewriting(understood.question.query.text, rewritten.by, rewritten.prompt) if rewritten.by else None
        draft = retrieval_draft(self._actor, self._door, understood.found, prompt=prompt, chat=chat, rewriting=asked)
        event = self._services.ledger.append(draft)
        return replace(understood, retrieval=replace(understood.found, event=event.seq))

    def _streamed(self, steps: Iterator[Understood]) -> Iterator[Step]:
        for understood in steps:
            yield Retrieved(understood.found)
            assert understood.prompt is not None
            scorer = SupportScorer(self._serving, understood.found.evidence)
            writing = Writing(self._services.chat, understood.prompt, scorer, strict=understood.question.strict)
            self._written = understood, writing
            yield from writing.steps()
            yield self._released(understood, writing)

    def _abstained(self, steps: Iterator[Understood]) -> Iterator[Step]:
        for understood in steps:
            yield Retrieved(understood.found)
            says = wording(understood.language)
            text = f"{says.nothing} {says.coverage(understood.found.coverage)}"
            yield Piece(text)
            yield self._kept(understood, Answer(text, (), understood.found, composer="none", abstained=True))

    def _released(self, understood: Understood, writing: Writing, *, stopped: bool = False) -> Answer:
        self._written = None
        ended = time.perf_counter()
        support = () if stopped else writing.support
        nothing_left = not stopped and not writing.text.strip()
        answer = Answer(
            text=writing.text.strip() or wording(understood.language).withheld,
            citations=writing.citations,
            retrieval=understood.found,
            composer=writing.composer.id,
            abstained=nothing_left,
            notices=writing.notices,
            support=support,
            stopped=stopped,
            withheld=writing.withheld,
            timings=writing.timings | {"support_ms": 1000 * (time.perf_counter() - ended)},
        )
        return self._kept(understood, answer, removed=writing.removed)

    def _kept(self, understood: Understood, answer: Answer, removed: tuple[int, ...] = ()) -> Answer:
        """Write the answer event, then the turn of the conversation; only then is the answer complete."""
        services, conversation = self._services, understood.question.conversation
        searched = understood.rewritten.text if understood.rewritten.by else ""
        answer = replace(
            answer,
            standalone=searched,
            language=understood.language,
            timings={**understood.timings, **understood.found.timings, **answer.timings},
        )
        event = services.ledger.append(answer_draft(self._actor, self._door, answer, removed=removed))
        events = (*(() if understood.found.event is None else (understood.found.event,)), event.seq)
        if conversation:
            turn = Turn(understood.question.query.text, answer.text, searched)
            conversation = self._in_conversation(conversation, turn, events, abstained=answer.abstained)
        return replace(answer, events=events, conversation=conversation)

    def _in_conversation(self, conversation: str, turn: Turn, events: tuple[int, ...], *, abstained: bool) -> str:
        """The conversation's id; empty where it was deleted while this was answered."""
        kept = self._services.conversations
        if conversation == NEW:
            conversation = kept.begin(self._actor, turn.question)
        try:
            kept.add(self._actor, conversation, turn, events=events, abstained=abstained)
        except NotFound:
            return ""
        return conversation


def relevant_only(retrieval: Retrieval, threshold: float) -> Retrieval:
    """Keep and renumber the evidence that is relevant enough to answer from; the rest is dropped, with the reason."""
    kept = tuple(item for item in retrieval.evidence if item.relevance >= threshold)
    return without(retrieval, kept, lambda item: f"relevance {item.relevance:.2f} is below {threshold:.2f}")


def _check(question: Question) -> None:
    query = question.query
    if query.page:
        raise BadQuery("an answer has no pages; search has")
    if not query.words.strip():
        raise BadQuery("the question is empty: an answer needs words; search takes pictures alone")


def _has_evidence(understood: Understood) -> bool:
    return bool(understood.found.evidence)


def _of(fitting: tuple[Evidence, ...], numbered: tuple[Evidence, ...], pictures: dict[int, bytes]) -> dict[int, bytes]:
    """The pictures of evidence that was renumbered, by its new numbers."""
    by_visual = {item.visual.id: pictures[item.number] for item in numbered if item.number in pictures}
    return {item.number: by_visual[item.visual.id] for item in fitting if item.visual.id in by_visual}
