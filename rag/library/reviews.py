"""The review queue over SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, case, delete, func, insert, or_, select

from rag.errors import NotFound
from rag.library import moderating
from rag.library.columns import utc_now
from rag.library.rights import visible_to
from rag.library.rows import load_assets
from rag.library.settling import entry_id
from rag.library.tables import assets, moderation_checks, moderation_decisions, moderation_entries, moderation_fits
from rag.library.transactions import reading, writing
from rag.model import (
    Action,
    Actor,
    Asset,
    AssetRef,
    AssetState,
    CategoryCounts,
    Check,
    Decided,
    Decision,
    Entry,
    EntryState,
    Hit,
    Moderation,
    ThresholdFit,
)

ENTRIES = moderation_entries.c
OWNER = and_(assets.c.library == ENTRIES.library, assets.c.asset_id == ENTRIES.asset_id)


class SqlReviews:
    """See `rag.ports.Reviews`. Safe to use from several threads and processes.

    Args:
        engine: from `open_database`, and migrated.
        clock: the time now, aware.
        changed: called after what changes how assets are shown: who counts them counts anew.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] = utc_now, changed: Callable[[], object] = lambda: None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._changed = changed

    def standing(self, refs: Sequence[AssetRef]) -> Mapping[AssetRef, tuple[Entry, ...]]:
        with reading(self._engine) as connection:
            return moderating.entries_of(connection, refs)

    def record(self, checks: Sequence[Check]) -> list[AssetRef]:
        try:
            with writing(self._engine) as connection:
                return moderating.record(connection, checks, self._clock())
        finally:
            self._changed()

    def due(self, actor: Actor, library: str, rules: str, *, limit: int, after: str = "") -> list[Asset]:
        chosen = select(assets).where(*_due(actor, library, rules), assets.c.asset_id > after)
        with reading(self._engine) as connection:
            return load_assets(connection, chosen.order_by(assets.c.asset_id).limit(limit))

    def due_count(self, actor: Actor, library: str, rules: str) -> int:
        counted = select(func.count()).select_from(assets).where(*_due(actor, library, rules))
        with reading(self._engine) as connection:
            return int(connection.execute(counted).scalar_one())

    def queue(
        self,
        actor: Actor,
        *,
        library: str | None = None,
        category: str | None = None,
        states: Collection[EntryState] = (EntryState.OPEN,),
        limit: int = 50,
        offset: int = 0,
    ) -> list[Entry]:
        chosen = _seen_by(actor)
        if library is not None:
            chosen = chosen.where(ENTRIES.library == library)
        if category is not None:
            chosen = chosen.where(ENTRIES.category == category)
        if states:
            chosen = chosen.where(ENTRIES.state.in_([state.value for state in states]))
        order = ENTRIES.severity.desc(), ENTRIES.margin, ENTRIES.created_at, ENTRIES.id
        with reading(self._engine) as connection:
            rows = connection.execute(chosen.order_by(*order).limit(limit).offset(offset)).mappings()
            return [moderating.entry_of(row) for row in rows]

    def entry(self, actor: Actor, entry_id: str) -> Entry:
        with reading(self._engine) as connection:
            return _entry(connection, actor, entry_id)

    def claim(self, actor: Actor, entry_id: str, version: int) -> Entry:
        with writing(self._engine) as connection:
            entry = _entry(connection, actor, entry_id)
            moderating.claim(connection, actor, entry, version, self._clock())
            return moderating.current(connection, entry)

    def decide(self, actor: Actor, decision: Decision) -> Entry:
        try:
            with writing(self._engine) as connection:
                entry = _entry(connection, actor, decision.entry)
                moderating.decide(connection, entry, decision, self._clock())
                return moderating.current(connection, entry)
        finally:
            self._changed()

    def add(self, actor: Actor, ref: AssetRef, hit: Hit) -> Entry:
        wanted = assets.c.library == ref.library, assets.c.asset_id == ref.asset_id
        made = Entry(entry_id(ref, hit.category), ref, hit, "", "", "", EntryState.OPEN, self._clock())
        with writing(self._engine) as connection:
            if not connection.execute(select(assets.c.asset_id).where(*wanted, visible_to(actor))).first():
                raise NotFound(f"there is no asset {ref}")
            moderating.lock(connection, [ref])
            chosen = select(moderation_entries).where(ENTRIES.id == made.id)
            if (row := connection.execute(chosen).mappings().first()) is not None:
                return moderating.entry_of(row)
            moderating.add(connection, made)
            return made

    def decisions(self, *, policy_hash: str = "", encoder_id: str = "") -> list[Decided]:
        columns = moderation_decisions.c
        chosen = select(moderation_decisions).order_by(columns.id)
        if policy_hash:
            chosen = chosen.where(columns.policy_hash == policy_hash)
        if encoder_id:
            chosen = chosen.where(columns.encoder_id == encoder_id)
        with reading(self._engine) as connection:
            return [_decided(row) for row in connection.execute(chosen).mappings()]

    def counts(self, actor: Actor, library: str | None = None) -> list[CategoryCounts]:
        with reading(self._engine) as connection:
            rows = connection.execute(_counting(actor, library)).mappings()
            found = [CategoryCounts(**{str(name): value for name, value in row.items()}) for row in rows]
        return sorted(found, key=lambda one: (-one.open, one.category))

    def keep_fit(self, fit: ThresholdFit) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(moderation_fits).where(moderation_fits.c.id == fit.id))
            connection.execute(insert(moderation_fits).values(**asdict(fit), fitted_at=self._clock()))

    def fit(self, policy_hash: str, encoder_id: str) -> ThresholdFit | None:
        columns = moderation_fits.c
        chosen = select(moderation_fits).where(
            columns.policy_hash == policy_hash, columns.encoder_id == encoder_id, columns.installed
        )
        with reading(self._engine) as connection:
            row = connection.execute(chosen.order_by(columns.fitted_at.desc()).limit(1)).mappings().first()
        names = ThresholdFit.__dataclass_fields__
        return None if row is None else ThresholdFit(**{name: row[name] for name in names})


def _entry(connection: Connection, actor: Actor, entry_id: str) -> Entry:
    row = connection.execute(_seen_by(actor).where(ENTRIES.id == entry_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no moderation entry {entry_id}")
    return moderating.entry_of(row)


def _seen_by(actor: Actor) -> Select[Any]:
    return select(moderation_entries).join(assets, OWNER).where(visible_to(actor))


def _due(actor: Actor, library: str, rules: str) -> list[Any]:
    indexed = [assets.c.library == library, assets.c.state == AssetState.INDEXED, visible_to(actor)]
    return [*indexed, ~_checked_by(rules)] if rules else indexed


def _checked_by(rules: str) -> Any:
    same = moderation_checks.c.library == assets.c.library, moderation_checks.c.asset_id == assets.c.asset_id
    return select(moderation_checks.c.asset_id).where(*same, moderation_checks.c.rules == rules).exists()


def _counting(actor: Actor, library: str | None) -> Select[Any]:
    """What people decided otherwise than it was shown counts as overturned."""

    def number(condition: Any, name: str) -> Any:
        return func.sum(case((condition, 1), else_=0)).label(name)

    waiting = ENTRIES.state == EntryState.OPEN
    overturned = and_(ENTRIES.state == EntryState.DECIDED, _otherwise())
    chosen = (
        select(
            ENTRIES.category,
            *(number(ENTRIES.state == state, state.value) for state in EntryState),
            number(overturned, "overturned"),
            func.min(case((waiting, ENTRIES.created_at))).label("oldest"),
        )
        .join(assets, OWNER)
        .where(visible_to(actor))
    )
    if library is not None:
        chosen = chosen.where(ENTRIES.library == library)
    return chosen.group_by(ENTRIES.category)


def _otherwise() -> Any:
    """The policy would hide it and people did not, or the other way round. Asking for review is no opinion."""
    hid = ENTRIES.action.in_([Action.BLUR.value, Action.BLOCK.value])
    hides = ENTRIES.decision.in_([Action.BLUR.value, Action.BLOCK.value])
    let = ENTRIES.action == Action.ALLOW.value
    return or_(and_(hid, ~hides), and_(let, hides))


def _decided(row: Mapping[Any, Any]) -> Decided:
    return Decided(
        entry=row["entry"],
        category=row["category"],
        score=row["score"],
        automatic=Action(row["automatic"]),
        before=Moderation(row["before"]),
        decision=Action(row["decision"]),
        policy_hash=row["policy_hash"],
        encoder_id=row["encoder_id"],
    )
