"""Classifying pictures by labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rag.api.schemas.evidence import SHA256, VISUAL, AssetId, Encoder
from rag.api.schemas.text import Text
from rag.classifying.classifier import Classifier
from rag.classifying.labels import MOST_LABELS, MOST_PICTURES
from rag.classifying.results import Classification, Classified, Tally, Wanted

LABELS = ["dog", "cat", "car"]

Labels = Annotated[
    list[Text],
    Field(min_length=1, max_length=MOST_LABELS, description="1 to 1,000 labels.", examples=[LABELS]),
]
Template = Annotated[
    Text, Field(description="A file of `prompts/labels`; empty: what suits the encoder.", examples=["photographs"])
]
Least = Annotated[
    float, Field(ge=0, le=1, description="Probability that a label needs to become a tag.", examples=[0.8])
]


class _Labels(BaseModel):
    """What the requests have in common."""

    model_config = ConfigDict(extra="forbid")

    labels: Labels
    template: Template = ""
    tag: bool = Field(False, description="Make labels tags, marked as generated; takes an editor.", examples=[False])
    min_confidence: Least = 0.8

    def wanted(self) -> Wanted:
        return Wanted(self.labels, self.template, tag=self.tag, min_confidence=self.min_confidence)


Several = Field(max_length=MOST_PICTURES, description="At most 100.", examples=[[VISUAL]])


class ClassifyRequest(_Labels):
    """Labels, and the visuals or the assets to tell them apart on: one of the two."""

    visuals: Annotated[list[Text], Several] = []
    assets: Annotated[
        list[AssetId], Field(max_length=MOST_PICTURES, description="At most 100.", examples=[[SHA256]])
    ] = []
    library: Text | None = Field(
        None, description="Where the assets are; none: the first you may read.", examples=["default"]
    )

    @model_validator(mode="after")
    def one_of_the_two(self) -> ClassifyRequest:
        if bool(self.visuals) == bool(self.assets):
            raise ValueError("give visuals or assets, one of the two; /v1/classify/library takes a whole library")
        return self


class ClassifyLibraryRequest(_Labels):
    """Labels, and the library to tell them apart in."""

    library: Text | None = Field(None, description="None means the default one.", examples=["default"])


class UntagRequest(BaseModel):
    """A generated tag, and the library to take it from."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Text, Field(min_length=1, max_length=1000, examples=["dog"])]
    library: Text | None = Field(None, description="None means the default one.", examples=["default"])


class Untagged(BaseModel):
    """How many assets lost it."""

    assets: int = Field(examples=[12])


class Likely(BaseModel):
    """A label and its probability."""

    label: str = Field(examples=["dog"])
    confidence: float = Field(examples=[0.91])


class Result(BaseModel):
    """One picture or asset, and the label that it shows."""

    name: str = Field(description="File name; untrusted.", examples=["rex.jpg"])
    library: str | None = Field(description="None for an upload.", examples=["default"])
    asset: str | None = Field(description="None for an upload.", examples=["2e73dae6…"])
    visual: str | None = Field(description="The one that speaks for the asset.", examples=[VISUAL])
    locator: str | None = Field(examples=["page=3"])
    visuals: int = Field(description="How many pictures of the asset were looked at.", examples=[1])
    label: str | None = Field(description="None where none of the labels fits.", examples=["dog"])
    confidence: float = Field(description="Calibrated probability of that answer.", examples=[0.91])
    none: float = Field(description="Probability that none of the labels fits.", examples=[0.04])
    likeliest: list[Likely]
    tags: list[str] = Field(description="Labels sure enough to be tags; empty without `tag`.", examples=[["dog"]])

    @classmethod
    def of(cls, result: Classified) -> Result:
        return cls.model_validate(result.as_json())


class Basis(BaseModel):
    """What the confidence rests on."""

    encoder: Encoder
    templates: str = Field(examples=["labels/photographs@1"])
    calibration: str = Field(examples=["the encoder's prior; nothing was measured"])

    @classmethod
    def of(cls, classifier: Classifier) -> Basis:
        return cls(
            encoder=Encoder.of(classifier.serving.encoder),
            templates=classifier.templates.id,
            calibration=classifier.calibration.basis,
        )


class ClassifyResponse(BaseModel):
    """One result for each picture or asset, in the order asked."""

    results: list[Result]
    basis: Basis
    event: int = Field(description="The ledger's number.", examples=[41])

    @classmethod
    def of(cls, found: Classification) -> ClassifyResponse:
        results = [Result.of(result) for result in found.results]
        return cls(results=results, basis=Basis.of(found.classifier), event=found.event)


class Results(BaseModel):
    """Some results of a library, and how far it is."""

    results: list[Result]
    done: int = Field(description="Visuals so far.", examples=[200])
    total: int = Field(description="Visuals of the library.", examples=[12403])


class Counts(BaseModel):
    """What a library came to."""

    assets: int = Field(examples=[240])
    visuals: int = Field(examples=[240])
    tagged: int = Field(description="Assets that got a tag they had not.", examples=[17])
    none: int = Field(description="Assets that none of the labels fits.", examples=[180])
    labels: dict[str, int] = Field(description="Assets by label.", examples=[{"dog": 21, "cat": 39}])
    basis: Basis
    event: int = Field(description="The ledger's number of its beginning.", examples=[41])

    @classmethod
    def of(cls, tally: Tally) -> Counts:
        return cls(**tally.as_json(), basis=Basis.of(tally.classifier), event=tally.event)
