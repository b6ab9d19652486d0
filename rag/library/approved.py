"""Approved drafts as captions of their assets. Each function takes the connection of a transaction."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from rag.library.rows import caption_row
from rag.library.tables import caption_drafts, captions
from rag.model import CaptionDraft, CaptionOrigin, DraftState


def release(connection: Connection, draft: CaptionDraft) -> None:
    """Make an approved draft a caption, in place of the one before; an empty text becomes none."""
    _replace_earlier(connection, draft)
    if draft.text and not _said_already(connection, draft):
        of_asset = captions.c.library == draft.library, captions.c.asset_id == draft.asset_id
        last = connection.execute(select(func.max(captions.c.position)).where(*of_asset)).scalar()
        key = {"library": draft.library, "asset_id": draft.asset_id, "position": -1 if last is None else last}
        row = {**key, **caption_row(draft.caption)}
        connection.execute(insert(captions).values(**row | {"position": row["position"] + 1}))


def _replace_earlier(connection: Connection, draft: CaptionDraft) -> None:
    """Of the same picture, form and language; its caption goes unless another approved draft says the same."""
    same = [caption_drafts.c[name] == getattr(draft, name) for name in ("visual", "form", "language")]
    earlier = select(caption_drafts.c.id, caption_drafts.c.text).where(
        *same, caption_drafts.c.state == DraftState.APPROVED, caption_drafts.c.id != draft.id
    )
    for row in connection.execute(earlier).all():
        changed = {"state": DraftState.REPLACED, "reason": f"by {draft.id}", "changed_by": draft.changed_by}
        connection.execute(update(caption_drafts).where(caption_drafts.c.id == row.id).values(**changed))
        elsewhere = select(caption_drafts.c.id).where(
            caption_drafts.c.visual == draft.visual,
            caption_drafts.c.state == DraftState.APPROVED,
            caption_drafts.c.text == row.text,
        )
        if connection.execute(elsewhere).first() is None:
            _remove(connection, draft, row.text)


def _remove(connection: Connection, draft: CaptionDraft, text: str) -> None:
    connection.execute(
        delete(captions).where(
            captions.c.library == draft.library,
            captions.c.asset_id == draft.asset_id,
            captions.c.locator == draft.locator,
            captions.c.origin == CaptionOrigin.GENERATED,
            captions.c.text == text,
        )
    )


def _said_already(connection: Connection, draft: CaptionDraft) -> bool:
    """The same words twice would only count twice."""
    said = select(captions.c.position).where(
        captions.c.library == draft.library,
        captions.c.asset_id == draft.asset_id,
        captions.c.locator == draft.locator,
        captions.c.text == draft.text,
    )
    return connection.execute(said).first() is not None
