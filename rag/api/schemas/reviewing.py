"""Reviews: what waits, what people say, how far they agree."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from rag.api.schemas.auditing import Entry, Review
from rag.api.schemas.evidence import VISUAL
from rag.api.schemas.text import Text
from rag.auditing import labels, reviewing
from rag.evaluation import abstention as evaluation


class Waiting(BaseModel):
    """An event that waits for your review."""

    entry: Entry
    standing: reviewing.Standing = Field(examples=["open"])
    reviews: int = Field(description="How many others reviewed it.", examples=[1])

    @classmethod
    def of(cls, one: reviewing.Waiting) -> Waiting:
        return cls(entry=Entry.of(one.entry), standing=one.standing, reviews=one.reviews)


class Queue(BaseModel):
    """The riskiest first."""

    waiting: list[Waiting]


class Label(BaseModel):
    """How far one picture answers the question."""

    visual: Annotated[Text, Field(max_length=64, examples=[VISUAL])]
    grade: Annotated[int, Field(ge=0, le=2, description="0 not, 1 in part, 2 it does.", examples=[2])]
    comment: Annotated[Text, Field(max_length=1000)] = Field("", examples=["clearly"])


class ReviewRequest(BaseModel):
    """What you say of an event."""

    verdict: reviewing.Verdict = Field(
        description="Of the answer, or of what a search found.", examples=[reviewing.Verdict.SOUND]
    )
    labels: list[Label] = Field([], max_length=500)
    comment: Annotated[Text, Field(max_length=reviewing.LONGEST_COMMENT)] = Field("", examples=["All three fit."])
    flagged: bool = Field(False, description="Others should see it.", examples=[False])

    def said(self) -> reviewing.Said:
        return reviewing.Said(
            self.verdict,
            {one.visual: one.grade for one in self.labels},
            {one.visual: one.comment for one in self.labels if one.comment},
            self.comment,
            self.flagged,
        )


class Reviewed(BaseModel):
    """Your review as it is recorded, and how the event stands with it."""

    review: Review
    standing: reviewing.Standing = Field(examples=["waits for a second person"])


class Kappa(BaseModel):
    """Cohen's kappa of two people's verdicts."""

    people: list[str] = Field(examples=[["ada", "bob"]])
    kappa: float = Field(examples=[0.61])
    events: int = Field(description="That both reviewed.", examples=[40])


class Agreement(BaseModel):
    """How far people agree, by what each said before seeing the others' reviews."""

    events: int = Field(description="Reviewed by anybody.", examples=[60])
    settled: int = Field(examples=[38])
    disagreed: int = Field(examples=[4])
    kappas: list[Kappa]
    alpha_verdicts: float | None = Field(description="Krippendorff's alpha, nominal.", examples=[0.58])
    alpha_grades: float | None = Field(description="Krippendorff's alpha of grades, interval.", examples=[0.71])

    @classmethod
    def of(cls, found: labels.Agreement) -> Agreement:
        return cls(
            events=found.events,
            settled=found.settled,
            disagreed=found.disagreed,
            kappas=[Kappa(people=list(pair), kappa=kappa, events=n) for pair, (kappa, n) in found.kappas.items()],
            alpha_verdicts=found.alpha_verdicts,
            alpha_grades=found.alpha_grades,
        )


class Abstention(BaseModel):
    """What one threshold does to the labelled questions."""

    threshold: float = Field(examples=[0.31])
    refused: float = Field(description="Share of those that nothing answers.", examples=[0.9])
    lost: float = Field(description="Share of those that something answers.", examples=[0.04])

    @classmethod
    def of(cls, one: evaluation.Abstention) -> Abstention:
        return cls(threshold=one.threshold, refused=one.refused, lost=one.lost)


class Threshold(BaseModel):
    """A threshold of relevance from people's labels: PICTUREDESK_MIN_RELEVANCE."""

    suggested: Abstention
    present: Abstention
    answerable: int = Field(description="Labelled questions that something answers.", examples=[52])
    unanswerable: int = Field(examples=[17])

    @classmethod
    def of(cls, found: labels.Threshold) -> Threshold:
        return cls(
            suggested=Abstention.of(found.suggested),
            present=Abstention.of(found.present),
            answerable=found.answerable,
            unanswerable=found.unanswerable,
        )
