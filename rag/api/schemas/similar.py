"""Pictures like one, described."""

from __future__ import annotations

from pydantic import BaseModel, Field

from rag import model
from rag.api.schemas.evidence import Coverage, Encoder, Evidence
from rag.describing import facts
from rag.describing.results import Described, Facet, Similar
from rag.ports import Encoder as EncoderPort
from rag.retrieval.explaining import in_words


class Fact(BaseModel):
    """One aspect of both pictures. Values out of a library are untrusted."""

    aspect: facts.Aspect = Field(examples=["tags"])
    name: str = Field(description="Which value or label; empty for the other aspects.", examples=["setting"])
    basis: str = Field(description="Read from `tags`, `captions`, `picture` or `file`.", examples=["tags"])
    shared: list[str] = Field(description="True of both.", examples=[["car", "red"]])
    here: list[str] = Field(description="True of this picture alone.", examples=[["night"]])
    given: list[str] = Field(description="True of the given picture alone.", examples=[["noon"]])
    confidence: float = Field(description="Of the less certain reading; 1 where none was estimated.", examples=[1.0])


class SimilarPicture(BaseModel):
    """A picture like the given one: what both share, and where they differ."""

    description: str = Field(
        description="In one or two sentences; untrusted, as it quotes tags and captions.",
        examples=["Both: tagged “car”, “red”. Different: time of day night rather than noon."],
    )
    writer: str = Field(description="`composed`, or the LLM that worded the facts.", examples=["composed"])
    facts: list[Fact]
    evidence: Evidence

    @classmethod
    def of(cls, one: Described) -> SimilarPicture:
        return cls(
            description=one.sentence,
            writer=one.writer,
            facts=[Fact.model_validate(fact.as_json()) for fact in one.facts],
            evidence=Evidence.of(one.evidence),
        )


class TagFacet(BaseModel):
    """What the pictures can be narrowed by: `tag:red`, or `tag:"price:19.90"`."""

    name: str = Field(description="Empty for plain tags; `price` for tags as `price:19.90`.", examples=["price"])
    counts: dict[str, int] = Field(description="Pictures by value, the most frequent first.", examples=[{"19.90": 2}])
    low: float | None = Field(description="The least, where all values are numbers.", examples=[19.9])
    high: float | None = Field(description="The greatest, where all values are numbers.", examples=[39.9])

    @classmethod
    def of(cls, facet: Facet) -> TagFacet:
        return cls(name=facet.name, counts=dict(facet.counts), low=facet.low, high=facet.high)


class SimilarResponse(BaseModel):
    """Pictures like the given one, the closest first."""

    pictures: list[SimilarPicture]
    facets: list[TagFacet]
    language: str = Field(description="Of the descriptions.", examples=["en"])
    filter: str = Field(description="Every picture matches this.", examples=["tags:beach"])
    copies_left_out: int = Field(description="Copies of the given picture, exact and near.", examples=[1])
    coverage: Coverage
    encoder: Encoder
    events: list[int] = Field(
        description="The ledger's numbers: the retrieval, then what an LLM wrote.", examples=[[41]]
    )
    notices: list[str] = Field(description="What the reader must know.", examples=[["The descriptions are composed."]])

    @classmethod
    def of(cls, result: Similar, encoder: EncoderPort) -> SimilarResponse:
        retrieval: model.Retrieval = result.retrieval
        return cls(
            pictures=[SimilarPicture.of(one) for one in result.described],
            facets=[TagFacet.of(facet) for facet in result.facets],
            language=result.language,
            filter=in_words(retrieval.query.where),
            copies_left_out=result.copies_left_out,
            coverage=Coverage.of(retrieval.coverage),
            encoder=Encoder.of(encoder),
            events=list(result.events),
            notices=[*retrieval.notices, *result.notices],
        )
