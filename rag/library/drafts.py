"""Drafts of captions over SQL. Rights are part of every query; a step is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, insert, select, update

from rag.errors import AlreadyDecided, BadQuery, NotFound
from rag.library import approved
from rag.library.columns import utc_now
from rag.library.rights import visible_to
from rag.library.rows import in_turn, named, ref_of
from rag.library.tables import assets, caption_drafts, caption_steps, visuals
from rag.library.transactions import Row, insert_new, reading, writing
from rag.model import (
    OPEN,
    Actor,
    AssetId,
    AssetState,
    CaptionDraft,
    CaptionForm,
    CaptionOrigin,
    DraftState,
    DraftStep,
    Example,
    VisualId,
)

SHORTEST_ID = 8

OWNER = and_(caption_drafts.c.library == assets.c.library, caption_drafts.c.asset_id == assets.c.asset_id)


class SqlDrafts:
    """See `rag.ports.CaptionDrafts`. Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, drafts: Sequence[CaptionDraft]) -> list[str]:
        with writing(self._engine) as connection:
            there = _lock(connection, drafts)
            wanted = sorted((one for one in drafts if one.asset_ref in there), key=lambda one: one.id)
            new = insert_new(connection, caption_drafts, [_row(one, self._clock()) for one in wanted])
        return [one.id for one in drafts if (one.id,) in new]

    def get(self, actor: Actor, draft: str) -> CaptionDraft:
        with reading(self._engine) as connection:
            return _get(connection, actor, draft)

    def find(
        self,
        actor: Actor,
        *,
        library: str = "",
        visual: str = "",
        form: CaptionForm | None = None,
        states: Collection[DraftState] = (),
        limit: int = 100,
        after: str = "",
    ) -> list[CaptionDraft]:
        chosen = _visible(actor).where(caption_drafts.c.id > after)
        wanted = {"library": library, "visual": visual, "form": form or ""}
        chosen = chosen.where(*(caption_drafts.c[name] == value for name, value in wanted.items() if value))
        if states:
            chosen = chosen.where(caption_drafts.c.state.in_(list(states)))
        with reading(self._engine) as connection:
            rows = connection.execute(chosen.order_by(caption_drafts.c.id).limit(limit)).mappings()
            return [_draft(row) for row in rows]

    def steps(self, actor: Actor, draft: str) -> list[DraftStep]:
        with reading(self._engine) as connection:
            found = _get(connection, actor, draft)
            chosen = select(caption_steps).where(caption_steps.c.draft == found.id)
            return [_step(row) for row in connection.execute(chosen.order_by(caption_steps.c.revision)).mappings()]

    def take(self, actor: Actor, step: DraftStep) -> CaptionDraft:
        now = self._clock()
        with writing(self._engine) as connection:
            before = _get(connection, actor, step.draft)
            _lock(connection, [before])
            _change(connection, before, step, now)
            connection.execute(insert(caption_steps).values(**asdict(step) | {"at": now}))
            after = _get(connection, actor, before.id)
            if step.state is DraftState.APPROVED:
                approved.release(connection, after)
        return after

    def lacking(
        self, actor: Actor, library: str, form: CaptionForm, language: str, *, limit: int, after: str = ""
    ) -> list[VisualId]:
        owner = and_(visuals.c.library == assets.c.library, visuals.c.asset_id == assets.c.asset_id)
        drafted = select(caption_drafts.c.id).where(
            caption_drafts.c.visual == visuals.c.id, caption_drafts.c.form == form
        )
        if language:
            drafted = drafted.where(caption_drafts.c.language == language)
        chosen = select(visuals.c.id).join(assets, owner).where(visuals.c.library == library, visuals.c.id > after)
        chosen = chosen.where(assets.c.state == AssetState.INDEXED, visible_to(actor), ~drafted.exists())
        with reading(self._engine) as connection:
            found = connection.execute(chosen.order_by(visuals.c.id).limit(limit)).scalars()
            return [VisualId(one) for one in found]


def _visible(actor: Actor) -> Select[Any]:
    return select(caption_drafts).join(assets, OWNER).where(visible_to(actor))


def _get(connection: Connection, actor: Actor, draft: str) -> CaptionDraft:
    chosen = _visible(actor).where(caption_drafts.c.id.startswith(draft, autoescape=True)).limit(2)
    rows = connection.execute(chosen).mappings().all() if len(draft) >= SHORTEST_ID else []
    if not rows:
        raise NotFound(f"there is no draft {draft}")
    if len(rows) > 1:
        raise BadQuery(f"several drafts begin with {draft}: give more of the id")
    return _draft(rows[0])


def _lock(connection: Connection, drafts: Sequence[CaptionDraft]) -> set[Any]:
    """The assets of `drafts` that are there, held until the end: no two steps write captions of one at a time."""
    found = set()
    for refs in in_turn([one.asset_ref for one in drafts]):
        chosen = select(assets.c.library, assets.c.asset_id).where(named(assets, refs)).order_by(assets.c.asset_id)
        found |= {ref_of(row) for row in connection.execute(chosen.with_for_update()).mappings()}
    return found


def _change(connection: Connection, before: CaptionDraft, step: DraftStep, now: datetime) -> None:
    expected = step.revision - 1
    changed = connection.execute(
        update(caption_drafts)
        .where(caption_drafts.c.id == before.id, caption_drafts.c.revision == expected)
        .where(caption_drafts.c.state.in_(list(OPEN)))
        .values(
            state=step.state,
            text=step.text,
            changed_by=step.actor,
            changed_at=now,
            reason=step.reason,
            revision=step.revision,
        )
    )
    if changed.rowcount != 1:
        raise already_decided(before)


def already_decided(draft: CaptionDraft) -> AlreadyDecided:
    """What to say of a draft that was found otherwise than expected."""
    if draft.state in OPEN:
        return AlreadyDecided(f"draft {draft.id} was changed by {draft.changed_by} meanwhile: look at it again")
    return AlreadyDecided(f"draft {draft.id} is {draft.state.value} already, by {draft.changed_by}; draft a new one")


def _row(draft: CaptionDraft, now: datetime) -> Row:
    row = {column.name: getattr(draft, column.name) for column in caption_drafts.columns}
    at = {"created_at": draft.created_at or now, "changed_at": draft.changed_at or now}
    return row | at | {"examples": {"used": [asdict(one) for one in draft.examples]}, "facts": dict(draft.facts)}


def _draft(row: RowMapping) -> CaptionDraft:
    own = {column.name: row[column] for column in caption_drafts.columns}
    own |= {
        "asset_id": AssetId(own["asset_id"]),
        "form": CaptionForm(own["form"]),
        "state": DraftState(own["state"]),
        "examples": tuple(_example(one) for one in own["examples"].get("used", ())),
    }
    return CaptionDraft(**own)


def _example(one: dict[str, Any]) -> Example:
    return Example(**one | {"origin": CaptionOrigin(one["origin"])})


def _step(row: RowMapping) -> DraftStep:
    return DraftStep(**{str(name): value for name, value in row.items()} | {"state": DraftState(row["state"])})
