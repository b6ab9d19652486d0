"""Searching and asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag import model
from rag.api.filters import FilterBody, filter_of
from rag.api.schemas.evidence import VISUAL, Coverage, Encoder, Evidence
from rag.api.schemas.text import Text
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

    text: Text = Field("", examples=["at night"])
    url: Text = Field("", description="Of a picture; fetched within limits.", examples=["https://example.org/a.jpg"])
    visual: Text = Field("", description="`visual_id` of a hit.", examples=[VISUAL])
    weight: float = Field(1.0, description="Above 0; how much it counts beside the others.", examples=[1.0])


class _Wanted(BaseModel):
    """What both requests say."""

    model_config = ConfigDict(extra="forbid")

    library: Text | None = Field(None, description="One library; none means all you may read.", examples=["default"])
    libraries: list[Text] = Field([], description="Several libraries.", examples=[["default"]])
    top_k: TopK = None
    where: FilterBody | None = Field(None, description="Only pictures that match.", examples=[WHERE])
    wanted: list[PartBody] = Field([], description="More that hits should be like.", examples=[[{"visual": VISUAL}]])
    unwanted: list[PartBody] = Field([], description="What they should not be like.", examples=[[{"text": "at night"}]])
    phrases: list[Text] = Field(
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

    query: Text = Field("", description="Words, in the short form.", examples=["red car on a beach -night tag:beach"])
    page: Text = Field("", description="`next_page` of an answer; alone, or with the same query.", examples=[""])

    def to_query(self, settings: Settings) -> tuple[model.Query, tuple[str, ...]]:
        return self._query(self.query, settings, page=self.page)


class AskRequest(_Wanted):
    """A question to answer from the library."""

    question: Text = Field(examples=["Which of our pictures show a red car?"])

    def to_query(self, settings: Settings) -> model.Query:
        return self._query(self.question, settings)[0]


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
