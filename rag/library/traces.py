"""Traces of people and assets in tables, and their erasure. See `rag.ports.Traces`."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    RowMapping,
    delete,
    distinct,
    func,
    or_,
    select,
    update,
)

from rag.library.audit_tables import audit_entries, audit_reviews, audit_visuals
from rag.library.columns import storable
from rag.library.tables import (
    assets,
    caption_drafts,
    caption_steps,
    conversations,
    generations,
    job_items,
    jobs,
    moderation_decisions,
    moderation_entries,
)
from rag.library.transactions import reading, translating, writing
from rag.model import COMING, OPEN, AssetId, DraftState, VisualId
from rag.ports.traces import ERASED, Traced

NAMES: tuple[Column[str], ...] = (
    jobs.c.actor,
    caption_drafts.c.created_by,
    caption_drafts.c.changed_by,
    caption_steps.c.actor,
    moderation_entries.c.decided_by,
    moderation_decisions.c.decided_by,
)
"""Where a person's name stands in rows that have to stay."""

WORDS: tuple[tuple[Column[str], Column[str]], ...] = (
    (caption_drafts.c.changed_by, caption_drafts.c.reason),
    (caption_steps.c.actor, caption_steps.c.reason),
    (moderation_entries.c.decided_by, moderation_entries.c.comment),
    (moderation_decisions.c.decided_by, moderation_decisions.c.comment),
)
"""Whose name, and the words of his that go with it."""

OVERWRITTEN: tuple[str, ...] = (
    *("jobs", "job_items", "caption_drafts", "caption_steps", "moderation_entries", "moderation_decisions"),
    *("conversations", "conversation_turns", "assets", "captions", "asset_tags", "generated_tags", "visuals"),
    *("audit_entries", "audit_visuals", "audit_reviews", "generations", "fingerprints", "outbox"),
)
"""Tables of PostgreSQL that an erasure takes rows from."""


class SqlTraces:
    """See `rag.ports.Traces`. Safe to use from several threads and processes.

    Args:
        engine: from `open_database`, and migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_person(self, name: str) -> Traced:
        name = storable(name)
        made = or_(caption_drafts.c.created_by == name, caption_drafts.c.changed_by == name)
        stepped = caption_drafts.c.id.in_(select(caption_steps.c.draft).where(caption_steps.c.actor == name))
        handed_in = job_items.join(jobs, jobs.c.id == job_items.c.job_id)
        with reading(self._engine) as connection:
            return Traced(
                events=_count(connection, audit_entries, audit_entries.c.actor == name),
                conversations=_count(connection, conversations, conversations.c.actor == name),
                jobs=_count(connection, jobs, jobs.c.actor == name),
                files=_count(connection, handed_in, jobs.c.actor == name),
                drafts=_count(connection, caption_drafts, or_(made, stepped)),
                decisions=_count(connection, moderation_decisions, moderation_decisions.c.decided_by == name),
                reviews=_count(connection, audit_reviews, audit_reviews.c.reviewer == name),
            )

    def of_asset(self, asset_id: AssetId, visuals: Collection[VisualId]) -> Traced:
        shown = select(func.count(distinct(audit_visuals.c.seq))).where(audit_visuals.c.asset_id == asset_id)
        with reading(self._engine) as connection:
            own = _count(connection, caption_drafts, caption_drafts.c.asset_id == asset_id)
            others = sum(row["asset_id"] != asset_id for row in _written_after(connection, visuals))
            return Traced(
                events=connection.execute(shown).scalar_one(),
                files=_count(connection, job_items, job_items.c.asset_id == asset_id),
                drafts=own + others,
                decisions=_count(connection, moderation_decisions, moderation_decisions.c.asset_id == asset_id),
                assets=_count(connection, assets, assets.c.asset_id == asset_id),
            )

    def forget_person(self, name: str) -> None:
        name = storable(name)
        with writing(self._engine) as connection:
            own = select(jobs.c.id).where(jobs.c.actor == name)
            _empty_items(connection, job_items.c.job_id.in_(own))
            replaced = caption_drafts.c.state == DraftState.REPLACED  # names the draft that replaced it
            for who, said in WORDS:
                theirs = update(who.table).where(who == name)
                if said is caption_drafts.c.reason:
                    theirs = theirs.where(~replaced)
                connection.execute(theirs.values({said: ""}))
            claimed = update(moderation_entries).where(moderation_entries.c.claimed_by == name)
            connection.execute(claimed.values(claimed_by="", claimed_at=None))
            for who in NAMES:
                connection.execute(update(who.table).where(who == name).values({who: ERASED}))
            _forget_judgements(connection)

    def forget_asset(self, asset_id: AssetId, visuals: Collection[VisualId]) -> None:
        with writing(self._engine) as connection:
            names = connection.execute(select(assets.c.name).where(assets.c.asset_id == asset_id)).scalars()
            _forget_judgements(connection, {asset_id, *visuals, *names})
            for row in _written_after(connection, visuals):
                _forget_example(connection, row, visuals)
            _empty_items(connection, job_items.c.asset_id == asset_id)
            connection.execute(update(job_items).where(job_items.c.asset_id == asset_id).values(asset_id=ERASED))

    def overwrite(self) -> None:
        vacuum = f"VACUUM {', '.join(OVERWRITTEN)}"
        statement = "PRAGMA wal_checkpoint(TRUNCATE)" if self._engine.dialect.name == "sqlite" else vacuum
        with translating(), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)


def _count(connection: Connection, rows: FromClause, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(rows).where(condition)).scalar_one()


def _empty_items(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Of what was handed in stays that it was, and what became of it."""
    connection.execute(update(job_items).where(condition).values(name=ERASED))
    connection.execute(update(job_items).where(condition, job_items.c.reason != "").values(reason=ERASED))


def _written_after(connection: Connection, visuals: Collection[VisualId]) -> list[RowMapping]:
    """Drafts that had captions of one of the visuals as examples."""
    chosen = caption_drafts.c.id, caption_drafts.c.asset_id, caption_drafts.c.state, caption_drafts.c.examples
    rows = connection.execute(select(*chosen).where(caption_drafts.c.examples != {"used": []})).mappings()
    return [row for row in rows if any(one["visual"] in visuals for one in row["examples"].get("used", ()))]


def _forget_example(connection: Connection, row: RowMapping, visuals: Collection[VisualId]) -> None:
    if row["state"] in OPEN:
        connection.execute(delete(caption_drafts).where(caption_drafts.c.id == row["id"]))
        return
    left = [one for one in row["examples"]["used"] if one["visual"] not in visuals]
    changes: dict[str, Any] = {"examples": {"used": left}}
    if row["state"] != DraftState.APPROVED:
        changes["text"] = ""
        emptied = update(caption_steps).where(caption_steps.c.draft == row["id"])
        connection.execute(emptied.values(text="", difference=""))
    connection.execute(update(caption_drafts).where(caption_drafts.c.id == row["id"]).values(**changes))


def _forget_judgements(connection: Connection, documents: Collection[str] | None = None) -> None:
    """Take documents out of the judgements that migrations were asked for with; None: all questions of ended ones."""
    for row in connection.execute(select(generations.c.number, generations.c.state, generations.c.options)).mappings():
        options = json.loads(row["options"] or "{}")
        judged = options.get("judged")
        if not judged or (documents is None and row["state"] in COMING):
            continue
        options["judged"] = [] if documents is None else [_without(one, documents) for one in judged]
        changed = update(generations).where(generations.c.number == row["number"])
        connection.execute(changed.values(options=json.dumps(options)))


def _without(judged: dict[str, Any], documents: Collection[str]) -> dict[str, Any]:
    return {**judged, "grades": {key: grade for key, grade in judged["grades"].items() if key not in documents}}
