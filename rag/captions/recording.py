"""What the ledger has of the desk: what was asked of an LLM, what was drafted, and every step of a review."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from rag.audit.actors import who
from rag.captions.subject import Subject
from rag.captions.wish import Drafted, DraftWish
from rag.model import Actor, CaptionDraft, DraftState, Example, Json, Prompt
from rag.ports import ChatModel, Draft

KIND = "caption"


def asked_draft(
    actor: Actor, door: str, subject: Subject, wish: DraftWish, *, retrieval: int, prompt: Prompt, chat: ChatModel
) -> Draft:
    """Written before an LLM is asked. `retrieval`: as in `drafted_draft`."""
    body: Json = {
        **_who(actor, door, "asked"),
        **_of(subject, wish),
        "retrieval": retrieval,
        "prompt": {
            "id": prompt.id,
            "hash": prompt.hash,
            "messages": [{"role": one.role, "text": one.text, "images": list(one.images)} for one in prompt.messages],
        },
        "llm": {"id": chat.id, "parameters": chat.parameters},
    }
    return Draft(KIND, actor.id, subject.library, body)


def drafted_draft(
    actor: Actor,
    door: str,
    subject: Subject,
    wish: DraftWish,
    drafted: Sequence[Drafted],
    *,
    examples: Sequence[Example],
    retrieval: int,
    asked: int,
    notices: Sequence[str],
) -> Draft:
    """Written before drafts are shown or kept.

    Args:
        retrieval, asked: the ledger's numbers of the search for examples and of the question to an LLM; -1 for none.
    """
    body: Json = {
        **_who(actor, door, "drafted"),
        **_of(subject, wish),
        "retrieval": retrieval,
        "asked": asked,
        "examples": [{"visual": one.visual, "text_hash": _hash(one.text)} for one in examples],
        "drafts": [_draft_json(one) for one in drafted],
        "notices": list(notices),
    }
    return Draft(KIND, actor.id, subject.library, body)


def step_draft(
    actor: Actor, door: str, draft: CaptionDraft, *, state: DraftState, text: str, difference: str, reason: str
) -> Draft:
    """Written before a step of a review is taken."""
    body: Json = {
        **_who(actor, door, state.value),
        "draft": draft.id,
        "revision": draft.revision + 1,
        "visual": draft.visual,
        "content": draft.asset_id,
        "locator": draft.locator,
        "form": draft.form.value,
        "language": draft.language,
        "composer": draft.composer,
        "drafted_in": draft.event,
        "text": text,
        "text_hash": _hash(text),
        "difference": difference,
        "reason": reason,
    }
    return Draft(KIND, actor.id, draft.library, body)


def lost_draft(actor: Actor, door: str, draft: CaptionDraft, event: int, why: str) -> Draft:
    """A step that was recorded and not taken, because another one was faster."""
    body: Json = {**_who(actor, door, "not taken"), "draft": draft.id, "step": event, "why": why}
    return Draft(KIND, actor.id, draft.library, body)


def batch_draft(actor: Actor, door: str, library: str, phase: str, said: Json) -> Draft:
    """The beginning and the end of a batch."""
    return Draft(KIND, actor.id, library, {**_who(actor, door, phase), **said})


def exported_draft(actor: Actor, door: str, library: str, said: Json) -> Draft:
    """Written before texts leave the desk as a file."""
    return Draft(KIND, actor.id, library, {**_who(actor, door, "exported"), **said})


def _who(actor: Actor, door: str, phase: str) -> Json:
    return {**who(actor, door), "phase": phase}


def _of(subject: Subject, wish: DraftWish) -> Json:
    return {
        "visual": subject.visual.id if subject.visual else None,
        "content": subject.hash,
        "form": wish.form.value,
        "count": wish.count,
        "facts": dict(wish.facts),
        "language": wish.language,
        "reading_level": wish.reading_level,
        "style": wish.style.hash,
        "decorative": wish.decorative,
    }


def _draft_json(one: Drafted) -> Json:
    draft = one.draft
    return {
        "draft": draft.id,
        "text": draft.text,
        "text_hash": _hash(draft.text),
        "language": draft.language,
        "composer": draft.composer,
        "examples": [example.visual for example in draft.examples],
        "findings": [finding.code for finding in one.findings],
    }


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
