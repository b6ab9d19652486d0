"""Review: what waits, what people say of it, whether they agree. Two people look at each; nobody alone settles any.

sampled by risk -> one reviews, unseen by others -> a second one, who is not the first
    -> both say the same: settled | they differ: a third, or one of them thinks better of it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rag.auditing.entries import listed
from rag.auditing.indexing import catch_up, review_of
from rag.auditing.recording import audit_draft, require_auditor, review_draft
from rag.errors import BadRequest, NotFound
from rag.model import Actor, Event, Json
from rag.ports import Services
from rag.ports.auditing import ENOUGH, REVIEWABLE, Entry, Review

GRADES = {0: "does not answer", 1: "answers in part", 2: "answers"}
LONGEST_COMMENT = 4_000


class Verdict(StrEnum):
    """What an event was worth: of an answer, whether it was right; of a search, whether what was found was."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


class Standing(StrEnum):
    OPEN = "open"
    SECOND = "waits for a second person"
    DISAGREED = "people disagree: a third, or one of them again"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says of one event.

    Attributes:
        grades: visual id -> 0 to 2, see `GRADES`.
        remarks: visual id -> comment.
    """

    verdict: Verdict
    grades: Mapping[str, int]
    remarks: Mapping[str, str]
    comment: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Attributes:
    reviews: how many people reviewed it; what they said is told after one's own review.
    """

    entry: Entry
    standing: Standing
    reviews: int


def queue(services: Services, actor: Actor, *, limit: int = 20, library: str = "", door: str) -> list[Waiting]:
    """What waits for this person's review, the riskiest first. Raises NotAllowed, LedgerUnavailable."""
    require_auditor(actor)
    catch_up(services)
    found = services.audit_index.queue(actor, limit=limit, library=library)
    waiting = [Waiting(entry, standing(reviews), len(newest(reviews))) for entry, reviews in found]
    said: Json = {"shown": [one.entry.seq for one in waiting]}
    services.ledger.append(audit_draft(actor, door, "queue", said, library))
    return waiting


def review(services: Services, actor: Actor, seq: int, said: Said, *, door: str) -> tuple[Review, Standing]:
    """Record what this person says of an event. A second review of the same person takes the place of the first,
    for what is settled; agreement is told by first ones.

    Returns:
        The review, and how the event stands with it.

    Raises:
        NotAllowed: the actor is no auditor.
        NotFound: there is no such event, or not for this actor.
        BadRequest: it is no answer or retrieval, or a label names a visual that it did not look at.
        LedgerUnavailable: nothing is recorded.
    """
    require_auditor(actor)
    catch_up(services)
    event = services.ledger.event(actor, seq)
    _check(services, actor, event, said)
    labels = [
        {"visual": visual, "grade": grade, "comment": said.remarks.get(visual, "")}
        for visual, grade in said.grades.items()
    ]
    body: Json = {
        "event": seq,
        "event_hash": event.hash,
        "verdict": said.verdict.value,
        "flagged": said.flagged,
        "text": said.comment,
        "labels": labels,
    }
    about = _assets(services, event)
    written = services.ledger.append(review_draft(actor, door, event.library, body, about))
    catch_up(services)
    return review_of(written), standing(services.audit_index.reviews(actor, events=[seq]))


def _assets(services: Services, event: Event) -> tuple[str, ...]:
    """Those that a comment may be about, so that it goes when one of them is erased."""
    entry = services.audit_index.entries([event.seq]).get(event.seq)
    return tuple(sorted({one.asset_id for one in entry.visuals if one.asset_id})) if entry else ()


def _check(services: Services, actor: Actor, event: Event, said: Said) -> None:
    if event.kind not in REVIEWABLE:
        raise BadRequest(f"event {event.seq} is a {event.kind}; answers and retrievals are reviewed")
    if len(said.comment) > LONGEST_COMMENT:
        raise BadRequest(f"the comment has {len(said.comment):,} characters; at most {LONGEST_COMMENT:,} fit")
    candidates = _candidates(services, actor, event)
    for visual, grade in said.grades.items():
        if grade not in GRADES:
            raise BadRequest(f"the grade of {visual} is {grade}; it must be 0, 1 or 2")
        if visual not in candidates:
            raise BadRequest(f"event {event.seq} did not look at the visual {visual}; labels are for its candidates")
    if unlabelled := set(said.remarks) - set(said.grades):
        raise BadRequest(f"the comment on {sorted(unlabelled)[0]} needs a grade")


def _candidates(services: Services, actor: Actor, event: Event) -> set[str]:
    asked = event.body.get("retrieval") if event.kind == "answer" else event.seq
    try:
        retrieval = event if asked == event.seq else services.ledger.event(actor, int(asked or 0))
    except NotFound:
        return set()
    return {item["visual"] for name in ("evidence", "dropped") for item in listed(retrieval, name)}


def newest(reviews: Sequence[Review]) -> dict[str, Review]:
    """Each person's last word. `reviews` in order."""
    return {one.reviewer: one for one in reviews}


def first(reviews: Sequence[Review]) -> dict[str, Review]:
    """What each person said before having seen what others said."""
    return {one.reviewer: one for one in reversed(reviews)}


def standing(reviews: Sequence[Review]) -> Standing:
    """How one event stands with all its reviews, in order."""
    words = Counter(one.verdict for one in newest(reviews).values())
    if not words:
        return Standing.OPEN
    if words.most_common(1)[0][1] >= ENOUGH:
        return Standing.SETTLED
    return Standing.SECOND if len(words) == 1 else Standing.DISAGREED


def settled_verdict(reviews: Sequence[Review]) -> str:
    """What two people agree on; empty until then."""
    words = Counter(one.verdict for one in newest(reviews).values()).most_common(1)
    return words[0][0] if words and words[0][1] >= ENOUGH else ""


def shown_to(actor: Actor, reviews: Sequence[Review]) -> tuple[Review, ...]:
    """What this person may see: a second review is worth something only when it does not know the first."""
    if standing(reviews) is Standing.SETTLED or any(one.reviewer == actor.id for one in reviews):
        return tuple(reviews)
    return ()
