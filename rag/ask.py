"""The ask flow: a question in, an answer out that can be checked.

    question -> rewritten with its history -> retrieved (rag.search) -> relevant enough? no: abstained
             -> prompted, within the token budget -> event written, durable
             -> streamed: citations and support checked -> answer event -> answer

If the ledger cannot be written there is no answer: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace

from langchain_core.runnables import Runnable, RunnableBranch, RunnableGenerator, RunnableLambda

from rag.answering.language import language_of
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import build_prompt
from rag.answering.rewriting import Rewritten, standalone
from rag.answering.selecting import pictures_of, relevant_only, within_budget
from rag.answering.support import SupportScorer
from rag.answering.wording import wording
from rag.answering.writing import Writing
from rag.audit.recording import Rewriting, answer_draft, retrieval_draft
from rag.conversing import conversation_of, history_of, remember
from rag.errors import BadQuery
from rag.model import Actor, Answer, Evidence, Piece, Prompt, Query, Question, Retrieval, Retrieved, Step
from rag.ports import Services, Serving
from rag.search import retrieve, thumbnails


def ask(
    services: Services, actor: Actor, question: Question | Query, *, door: str, serving: Serving | None = None
) -> Answer:
    """Answer a question from the library, or say that the library does not answer it. See `answering`."""
    *_, answer = answering(services, actor, question, door=door, serving=serving)
    assert isinstance(answer, Answer)
    return answer


def answering(
    services: Services, actor: Actor, question: Question | Query, *, door: str, serving: Serving | None = None
) -> Generator[Step, None, None]:
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
    check_question(asked)
    asking = Asking(services, actor, door, serving or services.serving())
    try:
        yield from asking.pipeline().stream(asked)
    except GeneratorExit:
        asking.stop()
        raise


def check_question(question: Question) -> None:
    """Raises BadQuery for what cannot be answered, whatever the library holds."""
    if question.query.page:
        raise BadQuery("an answer has no pages; search has")
    if not question.query.words.strip():
        raise BadQuery("the question is empty: an answer needs words; search takes pictures alone")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to an answer; each step of the pipeline fills in what it found.

    Attributes:
        timings: milliseconds of what came before the retrieval.
    """

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

    @property
    def has_evidence(self) -> bool:
        return bool(self.found.evidence)


class Asking:
    """The steps of one answer, for one actor at one door."""

    def __init__(self, services: Services, actor: Actor, door: str, serving: Serving) -> None:
        self._services = services
        self._actor = actor
        self._door = door
        self._serving = serving
        self._under_way: tuple[Asked, Writing] | None = None

    def pipeline(self) -> Runnable[Question, Step]:
        answered = RunnableLambda(self._prompted) | self._recorded | RunnableGenerator(self._written)
        abstained = RunnableLambda(self._recorded) | RunnableGenerator(self._abstained)
        return (
            RunnableLambda(self._understood)
            | self._retrieved
            | RunnableBranch((lambda asked: asked.has_evidence, answered), abstained)
        )

    def stop(self) -> None:
        """Record what was released until now, where the answer was not at its end."""
        if self._under_way is not None:
            self._answered(*self._under_way, stopped=True)

    def _understood(self, question: Question) -> Asked:
        started = time.perf_counter()
        history = history_of(self._services, self._actor, question)
        longest = self._services.settings.max_question
        own = self._services.settings.prompts
        rewritten = standalone(self._services.chat, question.query.text, history, longest, own_prompts=own)
        spent = {"rewrite_ms": 1000 * (time.perf_counter() - started)} if history else {}
        language = language_of(question.query.text) or language_of(rewritten.text)
        return Asked(replace(question, history=history), rewritten, language, timings=spent)

    def _retrieved(self, asked: Asked) -> Asked:
        query = replace(asked.question.query, text=asked.rewritten.text)
        found = retrieve(self._services, self._serving, self._actor, query)
        return replace(asked, retrieval=relevant_only(found, self._services.settings.min_relevance))

    def _prompted(self, asked: Asked) -> Asked:
        file, chat, found = load_prompt("answer", own=self._services.settings.prompts), self._services.chat, asked.found
        thumbnail_of = thumbnails(self._services, found.evidence) if chat.sees_images else {}
        pictures = {item.visual.id: thumbnail_of[item.number] for item in found.evidence if item.number in thumbnail_of}

        def rendered(evidence: tuple[Evidence, ...]) -> Prompt:
            words, history = asked.question.query.words, asked.question.history
            shown = pictures_of(evidence, pictures)
            return build_prompt(file, words, evidence, shown, history=history, language=asked.language)

        fitting, prompt = within_budget(found, rendered, self._services.settings.llm_prompt_tokens)
        return replace(asked, retrieval=fitting, prompt=prompt)

    def _recorded(self, asked: Asked) -> Asked:
        rewritten, chat = asked.rewritten, self._services.chat
        changed = Rewriting(asked.question.query.text, rewritten.by, rewritten.prompt) if rewritten.by else None
        event = self._services.ledger.append(
            retrieval_draft(self._actor, self._door, asked.found, prompt=asked.prompt, chat=chat, rewriting=changed)
        )
        return replace(asked, retrieval=replace(asked.found, event=event.seq))

    def _written(self, steps: Iterator[Asked]) -> Iterator[Step]:
        for asked in steps:
            yield Retrieved(asked.found)
            assert asked.prompt is not None
            scorer = SupportScorer(self._serving, asked.found.evidence)
            writing = Writing(self._services.chat, asked.prompt, scorer, strict=asked.question.strict)
            self._under_way = asked, writing
            yield from writing.steps()
            yield self._answered(asked, writing)

    def _abstained(self, steps: Iterator[Asked]) -> Iterator[Step]:
        for asked in steps:
            yield Retrieved(asked.found)
            says = wording(asked.language)
            text = f"{says.nothing} {says.coverage(asked.found.coverage)}"
            yield Piece(text)
            yield self._released(asked, Answer(text, (), asked.found, composer="none", abstained=True))

    def _answered(self, asked: Asked, writing: Writing, *, stopped: bool = False) -> Answer:
        self._under_way = None
        return self._released(asked, writing.answer(asked.found, stopped=stopped))

    def _released(self, asked: Asked, answer: Answer) -> Answer:
        """Write the answer event, then the turn of the conversation; only then is the answer complete."""
        answer = replace(
            answer,
            question=asked.question.query.text,
            standalone=asked.rewritten.text if asked.rewritten.by else "",
            language=asked.language,
            conversation=conversation_of(asked.question),
            timings={**asked.timings, **asked.found.timings, **answer.timings},
        )
        event = self._services.ledger.append(answer_draft(self._actor, self._door, answer))
        asked_in = () if asked.found.event is None else (asked.found.event,)
        answer = replace(answer, events=(*asked_in, event.seq))
        return replace(answer, conversation=remember(self._services, self._actor, asked.question, answer))
