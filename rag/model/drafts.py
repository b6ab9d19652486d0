"""What the editor's desk works on: drafts of captions, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rag.model.ids import AssetId, VisualId
from rag.model.library import AssetRef, Caption, CaptionOrigin, CaptionStatus


class CaptionForm(StrEnum):
    """What a text about a picture is for."""

    NEWS = "news"
    ALT = "alt"
    PRODUCT = "product"
    SOCIAL = "social"
    LONG = "long"


class DraftState(StrEnum):
    """Where a draft stands. The last three are final.

    `replaced` is said of an approved one once a newer one of the same picture, form and language was approved.
    """

    DRAFT = "draft"
    EDITED = "edited"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"


OPEN = frozenset({DraftState.DRAFT, DraftState.EDITED})
"""States in which a draft may be edited, approved and rejected."""


@dataclass(frozen=True, slots=True)
class Example:
    """A caption that a draft was made after. Untrusted text.

    Attributes:
        visual: whose caption it is.
        relevance: how alike the two pictures are, as the search has it; in [0, 1].
    """

    visual: VisualId
    text: str
    relevance: float
    origin: CaptionOrigin = CaptionOrigin.HUMAN
    language: str = ""


@dataclass(frozen=True, slots=True)
class CaptionDraft:
    """A text that was drafted for a picture, and where its review stands.

    Attributes:
        id: a UUID; empty for a draft that is not kept, because its picture is an upload.
        visual: empty for an upload.
        text: as it is now; empty for the alt text of a decorative picture.
        drafted: as it was drafted.
        composer: the LLM's id, or `composed` where it was put together from tags and captions.
        facts: what people gave to know: `{"who": "…"}`.
        event: the ledger's number of the drafting.
        changed_by, reason: of the latest step of its review.
        revision: 0 when it was drafted, one more with each step; a step names the one that it was decided on.
    """

    id: str
    library: str
    asset_id: AssetId
    locator: str
    visual: VisualId
    form: CaptionForm
    text: str
    language: str
    composer: str
    state: DraftState = DraftState.DRAFT
    drafted: str = ""
    decorative: bool = False
    examples: tuple[Example, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    event: int = -1
    created_by: str = ""
    created_at: datetime | None = None
    changed_by: str = ""
    changed_at: datetime | None = None
    reason: str = ""
    revision: int = 0

    @property
    def asset_ref(self) -> AssetRef:
        return AssetRef(self.library, self.asset_id)

    @property
    def caption(self) -> Caption:
        """What it becomes when it is approved: never a person's."""
        return Caption(self.text, CaptionOrigin.GENERATED, CaptionStatus.APPROVED, self.language, self.locator)


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step of a review.

    Attributes:
        revision: the draft's after it.
        difference: a unified diff from the text before, by words; empty where the text stayed.
        event: the ledger's number, written before.
    """

    draft: str
    revision: int
    state: DraftState
    text: str
    difference: str
    actor: str
    reason: str
    event: int
    at: datetime | None = None
