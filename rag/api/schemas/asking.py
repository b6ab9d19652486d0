"""Searching and asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag import model
from rag.api.filters import FilterBody, filter_of
from rag.api.schemas.evidence import VISUAL, Coverage, Encoder, Evidence
from rag.api.schemas.text import Text as Words
from rag.errors import BadQuery
from rag.ports import Encoder as EncoderPort
from rag.querying import Given, with_parts
from rag.retrieval.explaining import in_words
from rag.retrieval.short_form import applied
from rag.settings import Settings

TopK = Annotated[int | None, Field(description="How many pictures at most; 1 to 100.", examples=[8])]
WHERE = {"and": [{"field": "tags", "eq": "beach"}, {"not": {"field": "licence", "missing": True}}]}


class PartBody(BaseModel):
    """One thing that hits should be like, or unlike: exactly one of text, url and visual."""

    model_config = ConfigDict(extra="forbid")

    text: Words = Field("", examples=["at night"])
    url: Words = Field("", description="Of a picture; fetched within limits.", examples=["https://example.org/a.jpg"])
    visual: Words = Field("", description="`visual_id` of a hit.", examples=[VISUAL])
    weight: float = Field(1.0, description="Above 0; how much it counts beside the others.", examples=[1.0])


class _Wanted(BaseModel):
    """What both requests say."""

    model_config = ConfigDict(extra="forbid")

    library: Words | None = Field(None, description="One library; none means all you may read.", examples=["default"])
    libraries: list[Words] = Field([], description="Several libraries.", examples=[["default"]])
    top_k: TopK = None
    where: FilterBody | None = Field(None, description="Only pictures that match.", examples=[WHERE])
    wanted: list[PartBody] = Field([], description="More that hits should be like.", examples=[[{"visual": VISUAL}]])
    unwanted: list[PartBody] = Field([], description="What they should not be like.", examples=[[{"text": "at night"}]])
    phrases: list[Words] = Field(
        [], max_length=10, description="Said word for word by caption, tag or name.", examples=[["at the pier"]]
    )
    channels: list[model.Channel] = Field([], description="Where to look; none means everywhere.", examples=[["image"]])
    diversity: float = Field(0.0, description="0: the closest; towards 1: the most different.", examples=[0.3])
    per_asset: int = Field(0, description="Most pictures of one film or document; 0: no limit.", examples=[1])
    short_form: bool = Field(
        True, description='Whether `tag:beach`, `-night` and `"…"` in the words mean something.', examples=[True]
    )

    def _query(self, text: str, settings: Settings, *, page: str = "") -> tuple[model.Query, tuple[str, ...]]:
        """The query, its addresses fetched, and the terms of its short form."""
        named = [self.library] if self.library is not None else []
        query = model.Query(
            text=text,
            libraries=tuple(dict.fromkeys([*named, *self.libraries])),
            top_k=settings.top_k if self.top_k is None else self.top_k,
            where=filter_of(self.where) if self.where else None,
            phrases=tuple(self.phrases),
            channels=tuple(dict.fromkeys(self.channels)),
            diversity=self.diversity,
            per_asset=self.per_asset,
            page=page,
        )
        query, terms = applied(query) if self.short_form else (query, ())
        wanted = [Given(one.text, one.url, one.visual, one.weight) for one in self.wanted]
        unwanted = [Given(one.text, one.url, one.visual, one.weight) for one in self.unwanted]
        return with_parts(query, wanted, unwanted, settings), terms


class SearchRequest(_Wanted):
    """Words, pictures of the library or addresses of pictures to find pictures by; or a further page."""

    query: Words = Field("", description="Words, in the short form.", examples=["red car on a beach -night tag:beach"])
    page: Words = Field("", description="`next_page` of an answer; alone, or with the same query.", examples=[""])

    def to_query(self, settings: Settings) -> tuple[model.Query, tuple[str, ...]]:
        return self._query(self.query, settings, page=self.page)


class TurnBody(BaseModel):
    """An earlier question, and what was answered."""

    model_config = ConfigDict(extra="forbid")

    question: Words = Field(examples=["Which of our pictures show a red car?"])
    answer: Words = Field("", examples=["A red car on a beach [1]."])


class AskRequest(_Wanted):
    """A question to answer from the library."""

    question: Words = Field(examples=["Which of our pictures show a red car?"])
    history: list[TurnBody] = Field(
        [],
        max_length=100,
        description="Earlier turns, oldest first, where the client keeps the conversation.",
        examples=[[]],
    )
    conversation: Words = Field(
        "",
        description="`new`, or the id of a conversation of yours to go on with; empty: nothing is kept.",
        examples=["new"],
    )
    strict: bool = Field(
        False, description="Leave out sentences without support; an LLM that fails is an error.", examples=[False]
    )

    def to_question(self, settings: Settings) -> model.Question:
        if self.conversation and self.history:
            raise BadQuery("conversation and history are both given; a kept conversation brings its own history")
        history = tuple(model.Turn(turn.question, turn.answer) for turn in self.history)
        query = self._query(self.question, settings)[0]
        return model.Question(query, history, self.strict, self.conversation)


class SearchResponse(BaseModel):
    """The evidence, best first, and what was looked at."""

    query: str = Field(examples=["red car on a beach"])
    evidence: list[Evidence]
    coverage: Coverage
    encoder: Encoder
    event: int | None = Field(description="The ledger's number for this retrieval.", examples=[41])
    next_page: str | None = Field(description="Token of the next page; none on the last.", examples=["41-8-0f3a5c"])
    page_of: int | None = Field(
        description="The event whose order this page follows; none: it is the first.", examples=[41]
    )
    terms: list[str] = Field(description="What of the words was not plain.", examples=[["tag:beach", "-night"]])
    filter: str = Field(description="Every hit matches this.", examples=["tags:beach"])
    reranked_by: str | None = Field(
        description="Who had the last word on the order; none by default.", examples=["llm"]
    )
    notices: list[str] = Field(description="What the reader must know.", examples=[["Not reranked, because …"]])
    timings: dict[str, float] = Field(description="Milliseconds by step.", examples=[{"search_ms": 2.4}])

    @classmethod
    def of(cls, retrieval: model.Retrieval, encoder: EncoderPort, terms: Sequence[str] = ()) -> SearchResponse:
        return cls(
            query=retrieval.query.text,
            evidence=[Evidence.of(item) for item in retrieval.evidence],
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder, retrieval.encoder_id),
            event=retrieval.event,
            next_page=retrieval.next_page or None,
            page_of=retrieval.page.event if retrieval.page else None,
            terms=list(terms),
            filter=in_words(retrieval.query.where),
            reranked_by=retrieval.reranked_by or None,
            notices=list(retrieval.notices),
            timings={step: round(spent, 2) for step, spent in retrieval.timings.items()},
        )


class Found(BaseModel):
    """What an answer will rest on: the first event of a streamed one."""

    evidence: list[Evidence]
    coverage: Coverage
    encoder: Encoder
    event: int | None = Field(description="The ledger's number for this retrieval.", examples=[41])

    @classmethod
    def of(cls, retrieval: model.Retrieval, encoder: EncoderPort) -> Found:
        return cls(
            evidence=[Evidence.of(item) for item in retrieval.evidence],
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder),
            event=retrieval.event,
        )


class Text(BaseModel):
    """More of the answer's text."""

    text: str = Field(examples=["A red car on a beach [1]."])


class Restart(BaseModel):
    """The text so far is void: the LLM broke off, and the answer is put together from captions."""

    reason: str = Field(examples=["the LLM gpt-5 broke off in mid-answer"])


class Support(BaseModel):
    """How far the evidence that a sentence cites bears it out."""

    sentence: str = Field(examples=["A red car on a beach [1]."])
    citations: list[int] = Field(examples=[[1]])
    overlap: float = Field(description="Share of its words that captions and metadata have.", examples=[1.0])
    similarity: float = Field(description="Probability that it fits a picture cited, by the encoder.", examples=[0.93])
    score: float = Field(description="Both together, in [0, 1].", examples=[1.0])
    supported: bool = Field(description="Cites evidence, and that bears it out.", examples=[True])

    @classmethod
    def of(cls, support: model.Support) -> Support:
        return cls(
            sentence=support.sentence,
            citations=list(support.citations),
            overlap=round(support.overlap, 4),
            similarity=round(support.similarity, 4),
            score=round(support.score, 4),
            supported=support.supported,
        )


class AskResponse(BaseModel):
    """An answer whose `[n]` are the numbers of its own evidence."""

    question: str = Field(description="As asked.", examples=["Which of our pictures show a red car?"])
    standalone: str | None = Field(
        description="The question as it was searched, where the conversation before it was put in.",
        examples=["Which of our pictures show a red car at night?"],
    )
    answer: str = Field(examples=["One picture fits:\n- A red car on a beach [1]."])
    citations: list[int] = Field(description="Numbers cited, in order of first mention.", examples=[[1]])
    support: list[Support] = Field(description="Of each sentence, how far the evidence bears it out.")
    abstained: bool = Field(description="True when the library holds nothing relevant enough.", examples=[False])
    withheld: int = Field(description="Sentences that strict mode left out.", examples=[0])
    composer: str = Field(description="`extractive`, the LLM's name, or `none`.", examples=["extractive"])
    language: str | None = Field(description="Of the question, ISO 639-1.", examples=["en"])
    notices: list[str] = Field(examples=[["Put together from captions, without a language model."]])
    evidence: list[Evidence]
    coverage: Coverage
    encoder: Encoder
    events: list[int] = Field(description="The ledger's numbers: the retrieval, then the answer.", examples=[[41, 42]])
    conversation: str | None = Field(description="Where it is kept.", examples=["6f1c2a7e-0b1d-4f1c-9a55-3f0c1f2a7e0b"])
    timings: dict[str, float] = Field(description="Milliseconds by step.", examples=[{"first_ms": 210.0}])

    @classmethod
    def of(cls, answer: model.Answer, encoder: EncoderPort) -> AskResponse:
        retrieval = answer.retrieval
        return cls(
            question=answer.question or retrieval.query.text,
            standalone=answer.standalone or None,
            answer=answer.text,
            citations=list(answer.citations),
            support=[Support.of(one) for one in answer.support],
            abstained=answer.abstained,
            withheld=answer.withheld,
            composer=answer.composer,
            language=answer.language or None,
            notices=list(answer.notices),
            evidence=[Evidence.of(item) for item in retrieval.evidence],
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder),
            events=list(answer.events),
            conversation=answer.conversation or None,
            timings={step: round(spent, 2) for step, spent in answer.timings.items()},
        )
