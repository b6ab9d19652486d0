"""The review flow: draft -> edited -> approved or rejected.

    step -> event written, durable -> catalog: state, difference, and the approved text as a caption -> points

Of two who decide at the same time, one wins; the ledger says of the other's step that it was not taken. What a crash
leaves between catalog and points, `picturedesk doctor --fix` puts right.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from rag.captions.forms import gaps_in
from rag.captions.recording import lost_draft, step_draft
from rag.errors import AlreadyDecided, BadQuery
from rag.ingest import require_editor
from rag.model import OPEN, Actor, CaptionDraft, CaptionForm, DraftState, DraftStep
from rag.pipeline.captioning import refresh_captions
from rag.ports import Services

LONGEST_TEXT = 5_000
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor says of a draft.

    Attributes:
        text: the new text; None leaves it as it is.
        reason: why, in the editor's words; may be empty except for a rejection.
        revision: the one that it was decided on; None means the one there is now.
    """

    text: str | None = None
    reason: str = ""
    revision: int | None = None


def edit(services: Services, actor: Actor, draft: str, decision: Decision, *, door: str) -> CaptionDraft:
    """Change the text of an open draft.

    Raises:
        BadQuery: no text, or the one that it has already, or too long.
        NotFound, NotAllowed, AlreadyDecided, LedgerUnavailable: nothing is changed.
    """
    if decision.text is None:
        raise BadQuery("text: give the new text")
    return _step(services, actor, draft, decision, DraftState.EDITED, door=door)


def approve(services: Services, actor: Actor, draft: str, decision: Decision, *, door: str) -> CaptionDraft:
    """Make a draft, edited on the way where `decision.text` says so, a caption that is searched from now on.

    Raises:
        BadQuery: it still has marked gaps.
        NotFound, NotAllowed, AlreadyDecided, LedgerUnavailable: nothing is changed.
        Retryable: it is approved, and found by searches once `picturedesk doctor --fix` ran.
    """
    approved = _step(services, actor, draft, decision, DraftState.APPROVED, door=door)
    refresh_captions(services, [approved.visual])
    return approved


def reject(services: Services, actor: Actor, draft: str, decision: Decision, *, door: str) -> CaptionDraft:
    """Turn a draft down.

    Raises:
        BadQuery: no reason, or a new text.
        NotFound, NotAllowed, AlreadyDecided, LedgerUnavailable: nothing is changed.
    """
    if not decision.reason.strip():
        raise BadQuery("reason: say why, for whoever drafts the next one")
    if decision.text is not None:
        raise BadQuery("text: a rejected draft keeps its text")
    return _step(services, actor, draft, decision, DraftState.REJECTED, door=door)


def difference(before: str, after: str) -> str:
    """A unified diff, word by word; empty where both are the same."""
    lines = difflib.unified_diff(_words(before), _words(after), "before", "after", lineterm="", n=3)
    return "\n".join(lines)


def _step(
    services: Services, actor: Actor, name: str, decision: Decision, state: DraftState, *, door: str
) -> CaptionDraft:
    before = services.drafts.get(actor, name)
    require_editor(actor, before.library)
    text = before.text if decision.text is None else " ".join(decision.text.split())
    _check(before, decision, state, text)
    changed = difference(before.text, text)
    reason = decision.reason.strip()
    said = step_draft(actor, door, before, state=state, text=text, difference=changed, reason=reason)
    event = services.ledger.append(said).seq
    step = DraftStep(before.id, before.revision + 1, state, text, changed, actor.id, reason, event)
    try:
        return services.drafts.take(actor, step)
    except AlreadyDecided as error:
        services.ledger.append(lost_draft(actor, door, before, event, str(error)))
        raise


def _check(before: CaptionDraft, decision: Decision, state: DraftState, text: str) -> None:
    if before.state not in OPEN:
        raise AlreadyDecided(f"draft {before.id} is {before.state.value} already, by {before.changed_by}; draft anew")
    if decision.revision is not None and decision.revision != before.revision:
        raise AlreadyDecided(
            f"draft {before.id} was changed by {before.changed_by} since revision {decision.revision}: look at it again"
        )
    if len(text) > LONGEST_TEXT or len(decision.reason) > LONGEST_REASON:
        raise BadQuery(f"text or reason: over {LONGEST_TEXT:,} or {LONGEST_REASON:,} characters")
    may_be_empty = before.decorative and before.form is CaptionForm.ALT
    if not text and not may_be_empty:
        raise BadQuery("text: it is empty; only the alt text of a decorative picture may be")
    if state is DraftState.EDITED and text == before.text:
        raise BadQuery("text: it is the text that the draft has already")
    if state is DraftState.APPROVED and (gaps := gaps_in(text)):
        raise BadQuery(f"text: {', '.join(gaps)} stand open; edit the draft to fill them in, or to leave them out")


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)
