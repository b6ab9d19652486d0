"""What a policy finds, and what people decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rag.model.ids import VisualId
from rag.model.library import AssetRef, Moderation


class Action(StrEnum):
    """What a policy does about a finding, the least strict first. People decide for any of them but `review`."""

    ALLOW = "allow"
    REVIEW = "review"
    BLUR = "blur"
    BLOCK = "block"

    @property
    def state(self) -> Moderation:
        return STATES[self]


STATES: Mapping[Action, Moderation] = {
    Action.ALLOW: Moderation.ALLOWED,
    Action.REVIEW: Moderation.REVIEW,
    Action.BLUR: Moderation.BLURRED,
    Action.BLOCK: Moderation.BLOCKED,
}

STRICTNESS: Mapping[Moderation, int] = {state: place for place, state in enumerate(STATES.values())}


def strictest(states: Iterable[Moderation]) -> Moderation:
    """The one that shows least; `allowed` where there are none."""
    return max(states, key=STRICTNESS.__getitem__, default=Moderation.ALLOWED)


class Severity(StrEnum):
    """How soon people should look; the least pressing first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


BY_HAND = "by-hand"
"""Category of a decision about what no policy found."""

UNCHECKED = "unchecked"
"""Category of what could not be checked."""

MISMATCH = "mismatch"
"""Category of captions that do not fit their picture."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found at one asset in one category; of several pictures, the one that it is surest of.

    Attributes:
        score: probability in [0, 1] that the category applies.
        scores: the score of each side that was looked at: `image`, `text`, `pair`.
        margin: how far `score` is from the nearest threshold; the smaller, the more ambiguous.
        action: what the policy does by itself.
        review: whether people should look, whatever was done meanwhile.
        meanwhile: how it is shown until they have.
        reason: in words for people.
    """

    category: str
    visual: VisualId
    locator: str
    score: float
    margin: float
    action: Action
    severity: Severity
    review: bool
    meanwhile: Moderation
    reason: str
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """What a policy says of one asset.

    Attributes:
        policy: id and version, as `sample-library@1`.
        policy_hash: SHA-256 of the policy's file.
        rules: names the policy's content with the thresholds in use; empty where the check failed.
        encoder_id: whose vectors were looked at.
        state: how the asset is shown from now on, people's decisions considered.
        event: the ledger's number of the event that tells of it.
    """

    ref: AssetRef
    policy: str
    policy_hash: str
    rules: str
    encoder_id: str
    hits: tuple[Hit, ...] = ()
    state: Moderation = Moderation.ALLOWED
    event: int = 0


class EntryState(StrEnum):
    """`open` waits for people; `automatic` was settled by the policy; `closed` is no longer found."""

    OPEN = "open"
    AUTOMATIC = "automatic"
    DECIDED = "decided"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding as it stands: of an asset, in a category.

    Attributes:
        id: UUIDv5 of library, asset and category.
        version: grows with every change; who changes it says which one he saw.
        decision: what people decided last; None where nobody did.
        event: the ledger's number of what changed it last.
    """

    id: str
    ref: AssetRef
    hit: Hit
    policy: str
    policy_hash: str
    encoder_id: str
    state: EntryState
    created_at: datetime
    version: int = 1
    claimed_by: str = ""
    claimed_at: datetime | None = None
    decision: Action | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""
    event: int = 0

    @property
    def shows(self) -> Moderation:
        """What this finding makes of its asset."""
        if self.state is EntryState.DECIDED and self.decision is not None:
            return self.decision.state
        if self.state is EntryState.OPEN:
            return self.hit.meanwhile
        return self.hit.action.state if self.state is EntryState.AUTOMATIC else Moderation.ALLOWED


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about an entry.

    Attributes:
        version: of the entry, as that person saw it.
        event: the ledger's number of it.
    """

    entry: str
    version: int
    action: Action
    actor: str
    comment: str = ""
    event: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the past, as calibration and reports read it.

    Attributes:
        before: how the asset was shown because of the finding until then.
        automatic: what the policy had done by itself.
    """

    entry: str
    category: str
    score: float
    automatic: Action
    before: Moderation
    decision: Action
    policy_hash: str
    encoder_id: str


@dataclass(frozen=True, slots=True)
class ThresholdFit:
    """Thresholds fitted to people's decisions.

    Attributes:
        id: names its content.
        thresholds: category -> action -> least score.
        held_out: figures before and after on decisions that the fit did not see.
        installed: whether it is in use; otherwise it was no better.
    """

    id: str
    policy_hash: str
    encoder_id: str
    thresholds: Mapping[str, Mapping[str, float]]
    held_out: Mapping[str, object]
    decisions: int
    installed: bool
    event: int = 0


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """One category of a report. `oldest` is when the entry that waits longest was made."""

    category: str
    open: int = 0
    automatic: int = 0
    decided: int = 0
    closed: int = 0
    overturned: int = 0
    oldest: datetime | None = None
