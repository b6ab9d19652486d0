"""Searching and asking."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag import model
from rag.api.filters import FilterBody, filter_of
from rag.api.schemas.evidence import Coverage, Encoder, Evidence
from rag.api.schemas.text import Text
from rag.ports import Encoder as EncoderPort

TopK = Annotated[int | None, Field(description="How many pictures at most; 1 to 100.", examples=[8])]
WHERE = {"and": [{"field": "tags", "eq": "beach"}, {"not": {"field": "licence", "missing": True}}]}


class _Wanted(BaseModel):
    """What both requests say."""

    model_config = ConfigDict(extra="forbid")

    library: Text | None = Field(None, description="One library; none means all you may read.", examples=["default"])
    libraries: list[Text] = Field([], description="Several libraries.", examples=[["default"]])
    top_k: TopK = None
    where: FilterBody | None = Field(None, description="Only pictures that match.", examples=[WHERE])

    def _query(self, text: str, top_k: int) -> model.Query:
        named = [self.library] if self.library is not None else []
        return model.Query(
            text=text,
            libraries=tuple(dict.fromkeys([*named, *self.libraries])),
            top_k=top_k if self.top_k is None else self.top_k,
            where=filter_of(self.where) if self.where else None,
        )


class SearchRequest(_Wanted):
    """Words to find pictures by."""

    query: Text = Field(examples=["red car on a beach"])

    def to_query(self, top_k: int) -> model.Query:
        return self._query(self.query, top_k)


class AskRequest(_Wanted):
    """A question to answer from the library."""

    question: Text = Field(examples=["Which of our pictures show a red car?"])

    def to_query(self, top_k: int) -> model.Query:
        return self._query(self.question, top_k)


class SearchResponse(BaseModel):
    """The evidence, best first, and what was looked at."""

    query: str = Field(examples=["red car on a beach"])
    evidence: list[Evidence]
    coverage: Coverage
    encoder: Encoder
    event: int | None = Field(description="The ledger's number for this retrieval.", examples=[41])
    timings: dict[str, float] = Field(description="Milliseconds by step.", examples=[{"search_ms": 2.4}])

    @classmethod
    def of(cls, retrieval: model.Retrieval, encoder: EncoderPort) -> SearchResponse:
        return cls(
            query=retrieval.query.text,
            evidence=[Evidence.of(item) for item in retrieval.evidence],
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder),
            event=retrieval.event,
            timings={step: round(spent, 2) for step, spent in retrieval.timings.items()},
        )


class AskResponse(BaseModel):
    """An answer whose `[n]` are the numbers of its own evidence."""

    question: str = Field(examples=["Which of our pictures show a red car?"])
    answer: str = Field(examples=["One picture fits:\n- A red car on a beach [1]."])
    citations: list[int] = Field(description="Numbers cited, in order of first mention.", examples=[[1]])
    abstained: bool = Field(description="True when the library holds nothing relevant enough.", examples=[False])
    composer: str = Field(description="`extractive`, the LLM's name, or `none`.", examples=["extractive"])
    notices: list[str] = Field(examples=[["Put together from captions, without a language model."]])
    evidence: list[Evidence]
    coverage: Coverage
    encoder: Encoder
    events: list[int] = Field(description="The ledger's numbers: the retrieval, then the answer.", examples=[[41, 42]])

    @classmethod
    def of(cls, answer: model.Answer, encoder: EncoderPort) -> AskResponse:
        retrieval = answer.retrieval
        return cls(
            question=retrieval.query.text,
            answer=answer.text,
            citations=list(answer.citations),
            abstained=answer.abstained,
            composer=answer.composer,
            notices=list(answer.notices),
            evidence=[Evidence.of(item) for item in retrieval.evidence],
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder),
            events=list(answer.events),
        )
