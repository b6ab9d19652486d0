"""The editor's desk: drafts, what lint says of them, and their review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag import model
from rag.api.schemas.evidence import SHA256, VISUAL
from rag.api.schemas.text import Text
from rag.captions.checking import Linted, LintWish
from rag.captions.lint import findings as lint
from rag.captions.review import LONGEST_REASON, LONGEST_TEXT, Decision
from rag.captions.showing import draft_json, step_json
from rag.captions.style import PLAIN, HouseStyle, Length, Term
from rag.captions.wish import MOST_DRAFTS, Drafted, Drafting, DraftWish
from rag.model import CaptionForm, CaptionOrigin, DraftState, VisualId

DRAFT = "6f1a2c6e-3a0f-4c1e-9d0e-3d8a6a1b2c3d"
TEXT = "A red car on a beach at sunset"
FACTS = {"who": "Ada Lovelace", "where": "London"}

Facts = Annotated[
    dict[str, Text], Field(description="What you know; `purpose` comes first in an alt text.", examples=[FACTS])
]
Language = Annotated[
    str, Field(description="BCP 47; empty: that of the examples, else English.", examples=["en"], max_length=40)
]
Level = Annotated[float | None, Field(description="School grade that a reader needs at most.", examples=[8])]


class Style(BaseModel):
    """How the house writes."""

    model_config = ConfigDict(extra="forbid")

    banned: list[Term] = Field([], max_length=500, examples=[["stunning"]])
    spelling: dict[Term, Term] = Field({}, max_length=500, examples=[{"color": "colour"}])
    max_length: dict[CaptionForm, Length] = Field({}, description="By form.", examples=[{"alt": 100}])
    advice: Text = Field("", max_length=4_000, examples=["Name the season before the place."])

    def to_style(self) -> HouseStyle:
        return HouseStyle.model_validate(self.model_dump())


class _Wish(BaseModel):
    """What the requests have in common."""

    model_config = ConfigDict(extra="forbid")

    form: CaptionForm = Field(examples=["alt"])
    facts: Facts = {}
    language: Language = ""
    reading_level: Level = None
    style: Style | None = Field(None, description="None: no house style.")
    decorative: bool = Field(False, description="It says nothing; its alt text is empty.", examples=[False])

    @property
    def house(self) -> HouseStyle:
        return self.style.to_style() if self.style else PLAIN


class DraftRequest(_Wish):
    """A visual, and what to draft about it."""

    visual: Text = Field(examples=[VISUAL])
    count: int = Field(3, ge=1, le=MOST_DRAFTS, description="How many drafts.", examples=[3])

    def wish(self) -> DraftWish:
        return DraftWish(
            self.form,
            visual=VisualId(self.visual),
            count=self.count,
            facts=self.facts,
            language=self.language,
            reading_level=self.reading_level,
            style=self.house,
            decorative=self.decorative,
        )


class UploadWish(_Wish):
    """The field `request` beside an uploaded picture, as JSON."""

    library: Text = Field("", description="Where examples come from; empty: all you may read.", examples=["default"])
    count: int = Field(3, ge=1, le=MOST_DRAFTS, examples=[3])

    def wish(self, content: bytes, name: str) -> DraftWish:
        return DraftWish(
            self.form,
            upload=content,
            name=name,
            library=self.library,
            count=self.count,
            facts=self.facts,
            language=self.language,
            reading_level=self.reading_level,
            style=self.house,
            decorative=self.decorative,
        )


class LintRequest(_Wish):
    """A text, whoever wrote it, and the visual it is about."""

    visual: Text = Field(examples=[VISUAL])
    text: Annotated[Text, Field(max_length=LONGEST_TEXT, examples=[TEXT])]

    def wish(self) -> LintWish:
        return LintWish(
            VisualId(self.visual),
            self.text,
            self.form,
            facts=self.facts,
            language=self.language,
            reading_level=self.reading_level,
            style=self.house,
            decorative=self.decorative,
        )


class Finding(BaseModel):
    """One thing that is wrong with a text."""

    code: str = Field(description="Stable name.", examples=["unsourced-name"])
    severity: lint.Severity = Field(examples=["warning"])
    message: str = Field(examples=["no caption, metadata or given fact has this name: check it"])
    words: str = Field(description="What it is about; untrusted.", examples=["Ada"])
    start: int = Field(description="Where they begin in the text.", examples=[0])
    end: int = Field(examples=[3])

    @classmethod
    def of(cls, finding: lint.Finding) -> Finding:
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class LintResponse(BaseModel):
    """What lint says; nothing where nothing is wrong."""

    findings: list[Finding]
    grade: float | None = Field(description="School grade that the text takes.", examples=[4.2])
    retrieval: int = Field(description="The ledger's number of the search for like captions.", examples=[41])

    @classmethod
    def of(cls, linted: Linted) -> LintResponse:
        findings = [Finding.of(finding) for finding in linted.findings]
        return cls(findings=findings, grade=linted.grade, retrieval=linted.retrieval)


class Example(BaseModel):
    """A caption of a similar picture. Untrusted."""

    visual: str = Field(examples=[VISUAL])
    text: str = Field(examples=["A blue car on a beach at noon"])
    relevance: float = Field(description="How alike the pictures are, in [0, 1].", examples=[0.71])
    origin: CaptionOrigin = Field(examples=["human"])
    language: str = Field(examples=["en"])


class Draft(BaseModel):
    """A text drafted for a picture. Untrusted: show it as text, never as markup."""

    id: str | None = Field(description="None for an upload, whose drafts are not kept.", examples=[DRAFT])
    library: str | None = Field(description="None for an upload.", examples=["default"])
    asset: str | None = Field(description="SHA-256 of the bytes.", examples=[SHA256])
    visual: str | None = Field(examples=[VISUAL])
    locator: str = Field(description="Which picture of the asset.", examples=[""])
    form: CaptionForm = Field(examples=["alt"])
    state: DraftState = Field(examples=["draft"])
    text: str = Field(description="Empty for a decorative picture.", examples=[TEXT])
    drafted: str = Field(description="As it was drafted.", examples=[TEXT])
    language: str = Field(examples=["en"])
    composer: str = Field(description="The LLM, or `composed`.", examples=["composed"])
    decorative: bool = Field(examples=[False])
    examples: list[Example] = Field(description="The captions that it was made after.")
    facts: dict[str, str] = Field(examples=[FACTS])
    event: int = Field(description="The ledger's number of the drafting.", examples=[42])
    created_by: str = Field(examples=["local"])
    created_at: datetime | None = Field(examples=["2026-04-01T09:30:00Z"])
    changed_by: str = Field(examples=["local"])
    changed_at: datetime | None = Field(examples=["2026-04-01T09:31:00Z"])
    reason: str = Field(description="Of the latest step.", examples=[""])
    revision: int = Field(description="Name it when you decide, so that nothing is overlooked.", examples=[0])

    @classmethod
    def of(cls, draft: model.CaptionDraft) -> Draft:
        return cls.model_validate(draft_json(draft))


class LintedDraft(Draft):
    """A new draft, and what lint says of it."""

    findings: list[Finding]

    @classmethod
    def with_findings(cls, one: Drafted) -> LintedDraft:
        return cls(**Draft.of(one.draft).model_dump(), findings=[Finding.of(finding) for finding in one.findings])


class DraftResponse(BaseModel):
    """Drafts, best first, with the captions that were found."""

    drafts: list[LintedDraft]
    examples: list[Example]
    language: str = Field(examples=["en"])
    composer: str = Field(examples=["composed"])
    notices: list[str] = Field(description="What you must know.", examples=[["Composed without a language model."]])
    retrieval: int = Field(description="The ledger's number of the search for examples; -1: none.", examples=[41])
    event: int = Field(examples=[42])

    @classmethod
    def of(cls, drafting: Drafting) -> DraftResponse:
        return cls(
            drafts=[LintedDraft.with_findings(one) for one in drafting.drafts],
            examples=[Example.model_validate(example, from_attributes=True) for example in drafting.examples],
            language=drafting.language,
            composer=drafting.composer,
            notices=list(drafting.notices),
            retrieval=drafting.retrieval,
            event=drafting.event,
        )


class Step(BaseModel):
    """One step of a review."""

    draft: str = Field(examples=[DRAFT])
    revision: int = Field(examples=[1])
    state: DraftState = Field(examples=["edited"])
    text: str = Field(examples=[TEXT])
    difference: str = Field(description="A unified diff by words.", examples=["--- before\n+++ after\n-blue\n+red"])
    actor: str = Field(examples=["local"])
    reason: str = Field(examples=["it is red"])
    event: int = Field(examples=[43])
    at: datetime | None = Field(examples=["2026-04-01T09:31:00Z"])


class ReviewedDraft(Draft):
    """A draft with the steps of its review."""

    steps: list[Step]

    @classmethod
    def with_steps(cls, draft: model.CaptionDraft, steps: Sequence[model.DraftStep]) -> ReviewedDraft:
        said = [Step.model_validate(step_json(step)) for step in steps]
        return cls(**Draft.of(draft).model_dump(), steps=said)


class DraftPage(BaseModel):
    """Some drafts, in the order of their ids."""

    drafts: list[Draft]
    next: str | None = Field(description="`after` for the page that follows; none on the last.", examples=[None])


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Text, Field(max_length=LONGEST_REASON, description="Why; kept.", examples=["it is red"])] = ""
    revision: int | None = Field(None, description="The one you looked at; none: whichever there is now.", examples=[0])


class EditRequest(_Step):
    """A new text for a draft."""

    text: Annotated[Text, Field(max_length=LONGEST_TEXT, examples=[TEXT])]

    def decision(self) -> Decision:
        return Decision(self.text, self.reason, self.revision)


class ApproveRequest(_Step):
    """An approval; with `text`, of what it is changed to."""

    text: Annotated[Text | None, Field(max_length=LONGEST_TEXT, examples=[TEXT])] = None

    def decision(self) -> Decision:
        return Decision(self.text, self.reason, self.revision)


class RejectRequest(_Step):
    """A rejection, which needs a reason."""

    reason: Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON, examples=["wrong colour"])]

    def decision(self) -> Decision:
        return Decision(None, self.reason, self.revision)
