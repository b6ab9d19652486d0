"""What auditors find events by. All of it is read out of the ledger, which alone is proof."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from rag.model import Actor

OF_AUDITING = ("audit", "ledger-access")
"""Kinds that record the work of auditors: they are shown when they are asked for."""

REVIEWABLE = ("answer", "retrieval")
"""Kinds that people review."""

ENOUGH = 2
"""People who must agree on what an event was worth."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A visual that an event has to do with; where the event names an asset alone, that asset's first visual.

    Attributes:
        role: `evidence`, `cited`, `asked` (a part of the query), `example` (of a draft), `classified`, `about`.
        relevance: as it was then; None where it had none.
    """

    visual: str
    asset_id: str
    role: str
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is found.

    Attributes:
        text: its words, case-folded: question, answer, labels.
        summary: the same for people, at most a few hundred characters.
        model: who wrote or would write: the LLM's id, `extractive`, `none`.
        prompt: the prompt's id; with `prompt_hash` it names its version.
        belongs_to: an answer's retrieval, a further page's first page, a review's event.
        relevance: of the best evidence; None where there is none.
        removed: citations that no evidence had.
        unsupported: sentences that nothing bears out.
        risk: how much a person should look at it, from 0; `risks` are the rules that say so.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    library: str
    door: str = ""
    text: str = ""
    summary: str = ""
    model: str = ""
    prompt: str = ""
    prompt_hash: str = ""
    encoder: str = ""
    belongs_to: int | None = None
    conversation: str = ""
    relevance: float | None = None
    evidence: int = 0
    dropped: int = 0
    removed: int = 0
    unsupported: int = 0
    withheld: int = 0
    abstained: bool = False
    stopped: bool = False
    risk: float = 0.0
    risks: tuple[str, ...] = ()
    visuals: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said of one event.

    Attributes:
        seq: the ledger's number of the review itself.
        grades: visual id -> 0 (does not answer), 1 (in part), 2 (answers).
        remarks: visual id -> comment.
    """

    seq: int
    event: int
    reviewer: str
    at: datetime
    verdict: str
    flagged: bool = False
    comment: str = ""
    grades: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. What is left out does not count; everything given must hold.

    Attributes:
        kinds: none means all but the record of auditing itself.
        visual: a visual's id, an asset's, or the first 8 digits or more of one.
        words: each must stand in the question or the answer, whatever its case.
        prompt: a prompt's id, or the first digits of its hash.
        verdicts: any of `removed`, `unsupported`, `withheld`, `stopped`.
        below: the best evidence was less relevant than this.
        reviewed: whether at least one person reviewed it.
        auditing: also the record of auditing itself, where no kinds are given.
        before: a sequence number, exclusive.
    """

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    library: str = ""
    visual: str = ""
    words: tuple[str, ...] = ()
    model: str = ""
    prompt: str = ""
    encoder: str = ""
    door: str = ""
    verdicts: tuple[str, ...] = ()
    below: float | None = None
    abstained: bool | None = None
    flagged: bool | None = None
    reviewed: bool | None = None
    case: str = ""
    belongs_to: int | None = None
    conversation: str = ""
    risky: bool = False
    auditing: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What some events in a row add.

    Attributes:
        cases: name of a case, event, and whether it is in (else it was taken out), in order.
    """

    entries: Sequence[Entry]
    reviews: Sequence[Review] = ()
    cases: Sequence[tuple[str, int, bool]] = ()


class AuditIndex(Protocol):
    """Events by what is in them. Filled in order of `seq`, by whoever looks next; see `rag.auditing.indexing`.

    All methods raise Unavailable when the database does not answer.
    """

    def progress(self) -> tuple[int, str]:
        """The last event that was read (-1: none), and the hash of the rules that risks were told by."""

    def add(self, batch: Batch, *, after: int, upto: int, rules: str) -> bool:
        """Put in what the events after `after`, up to `upto`, add. One commit; calling twice changes nothing.

        Returns:
            False, and nothing is changed, where another process was quicker.
        """

    def clear(self) -> None:
        """Empty everything, so that it is read anew."""

    def forget(self, *, actor: str | None = None, asset: str | None = None, visuals: Collection[str] = ()) -> None:
        """Empty what is known of an erased person, or of an erased asset and its visuals. Calling twice is harmless."""

    def forget_period(self, library: str, since: datetime, until: datetime) -> None:
        """Empty what a library's events of a time say, because it was kept long enough. Calling twice is harmless."""

    def entries(self, seqs: Sequence[int]) -> dict[int, Entry]:
        """By their numbers, whoever may see them: for upkeep. Those not there are left out."""

    def seen_before(self, field: str, value: str, before: int) -> int:
        """How many entries before event `before` have this `model`, `prompt_hash` or `encoder`; counts to 100."""

    def find(self, actor: Actor, wanted: Wanted, *, limit: int) -> list[Entry]:
        """The newest that match, newest first, of libraries that `actor` may read; of several, for those of all."""

    def queue(self, actor: Actor, *, limit: int, library: str = "") -> list[tuple[Entry, tuple[Review, ...]]]:
        """What waits for `actor`'s review: the riskiest first, then the newest; with what others said of it.

        Left out: what the actor reviewed, what two agree on, and retrievals whose answer is reviewed instead.
        """

    def reviews(self, actor: Actor, *, events: Sequence[int] | None = None, library: str = "") -> list[Review]:
        """All reviews of events that `actor` may read, in order; of some events only, or of one library."""

    def cases(self, actor: Actor) -> dict[str, list[int]]:
        """Events that `actor` may read by the case that they were put in."""
