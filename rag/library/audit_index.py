"""The index of auditors over SQL."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, delete, func, insert, or_, select, text, update

from rag.batching import in_batches
from rag.library.audit_queries import MOST_AT_ONCE, in_the_queue, matching
from rag.library.audit_tables import audit_cases, audit_entries, audit_progress, audit_reviews, audit_visuals
from rag.library.columns import storable
from rag.library.rights import readable_by
from rag.library.transactions import reading, writing
from rag.model import Actor
from rag.ports.auditing import OF_AUDITING, Batch, Entry, Mention, Review, Wanted

TURN = zlib.crc32(b"picturedesk.audit")
PROGRESS = "ledger"
COUNT_TO = 100
LISTING = ("access", *OF_AUDITING)
"""Kinds whose words name other people: who has access, whom an auditor looked for."""
AT_A_TIME = 500
_PLAIN = [one.name for one in fields(Entry) if one.name not in ("visuals", "risks")]


class SqlAuditIndex:
    """See `rag.ports.AuditIndex`. Safe to use from several threads and processes.

    Args:
        engine: from `open_database`, and migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def progress(self) -> tuple[int, str]:
        with reading(self._engine) as connection:
            return _progress(connection)

    def add(self, batch: Batch, *, after: int, upto: int, rules: str) -> bool:
        with writing(self._engine) as connection:
            _take_turn(connection)
            if _progress(connection)[0] != after:
                return False
            _add_entries(connection, batch.entries)
            _add_reviews(connection, batch.reviews)
            for name, event, put_in in batch.cases:
                _put_into_case(connection, name, event, put_in=put_in)
            connection.execute(delete(audit_progress))
            connection.execute(insert(audit_progress), {"name": PROGRESS, "seq": upto, "rules": rules})
            return True

    def clear(self) -> None:
        with writing(self._engine) as connection:
            _take_turn(connection)
            for table in (audit_visuals, audit_entries, audit_reviews, audit_cases, audit_progress):
                connection.execute(delete(table))

    def forget(self, *, actor: str | None = None, asset: str | None = None, visuals: Collection[str] = ()) -> None:
        with writing(self._engine) as connection:
            if actor is not None:
                _forget_actor(connection, storable(actor))
            if asset is not None:
                _forget_asset(connection, asset, visuals)

    def forget_period(self, library: str, since: datetime, until: datetime) -> None:
        then = audit_entries.c.library == library, audit_entries.c.at >= since, audit_entries.c.at < until
        of_it = select(audit_entries.c.seq).where(*then)
        with writing(self._engine) as connection:
            _forget_words(connection, of_it)
            connection.execute(delete(audit_visuals).where(audit_visuals.c.seq.in_(of_it)))
            connection.execute(update(audit_entries).where(*then).values(actor=""))

    def entries(self, seqs: Sequence[int]) -> dict[int, Entry]:
        with reading(self._engine) as connection:
            found = _entries(connection, audit_entries.c.seq.in_(list(seqs)), limit=len(seqs))
        return {entry.seq: entry for entry in found}

    def seen_before(self, field: str, value: str, before: int) -> int:
        some = select(audit_entries.c.seq).where(audit_entries.c[field] == value, audit_entries.c.seq < before)
        with reading(self._engine) as connection:
            counted = select(func.count()).select_from(some.limit(COUNT_TO).subquery())
            return connection.execute(counted).scalar_one()

    def find(self, actor: Actor, wanted: Wanted, *, limit: int) -> list[Entry]:
        with reading(self._engine) as connection:
            return _entries(connection, and_(*matching(actor, wanted)), limit=limit)

    def queue(self, actor: Actor, *, limit: int, library: str = "") -> list[tuple[Entry, tuple[Review, ...]]]:
        chosen = select(audit_entries.c.seq).where(in_the_queue(actor, library))
        order = audit_entries.c.risk.desc(), audit_entries.c.seq.desc()
        with reading(self._engine) as connection:
            seqs = list(connection.execute(chosen.order_by(*order).limit(limit)).scalars())
            found = {one.seq: one for one in _entries(connection, audit_entries.c.seq.in_(seqs), limit=limit)}
            said = _reviews(connection, audit_reviews.c.event.in_(seqs))
        return [(found[seq], tuple(one for one in said if one.event == seq)) for seq in seqs]

    def reviews(self, actor: Actor, *, events: Sequence[int] | None = None, library: str = "") -> list[Review]:
        conditions = [readable_by(actor, audit_entries.c.library)]
        if events is not None:
            conditions.append(audit_reviews.c.event.in_(list(events)))
        if library:
            conditions.append(audit_entries.c.library == storable(library))
        with reading(self._engine) as connection:
            return _reviews(connection, and_(*conditions))

    def cases(self, actor: Actor) -> dict[str, list[int]]:
        joined = select(audit_cases).join(audit_entries, audit_entries.c.seq == audit_cases.c.event)
        readable = joined.where(readable_by(actor, audit_entries.c.library))
        found: dict[str, list[int]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(readable.order_by(audit_cases.c.name, audit_cases.c.event)):
                found.setdefault(row.name, []).append(row.event)
        return found


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN})


def _progress(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(audit_progress)).first()
    return (row.seq, row.rules) if row is not None else (-1, "")


def _add_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    seqs = [entry.seq for entry in entries]
    if not seqs:
        return
    connection.execute(delete(audit_visuals).where(audit_visuals.c.seq.in_(seqs)))
    connection.execute(delete(audit_entries).where(audit_entries.c.seq.in_(seqs)))
    rows = [{name: getattr(entry, name) for name in _PLAIN} for entry in entries]
    risks = ({"risks": {"rules": list(entry.risks)}} for entry in entries)
    connection.execute(insert(audit_entries), [row | rules for row, rules in zip(rows, risks, strict=True)])
    mentions = [
        {"seq": entry.seq, "visual": one.visual, "asset_id": one.asset_id, "role": one.role, "relevance": one.relevance}
        for entry in entries
        for one in _once(entry.visuals)
    ]
    for start in range(0, len(mentions), MOST_AT_ONCE):
        connection.execute(insert(audit_visuals), mentions[start : start + MOST_AT_ONCE])


def _once(mentions: Sequence[Mention]) -> list[Mention]:
    return list({(one.visual, one.role): one for one in mentions}.values())


def _add_reviews(connection: Connection, reviews: Sequence[Review]) -> None:
    if reviews:
        connection.execute(delete(audit_reviews).where(audit_reviews.c.seq.in_([one.seq for one in reviews])))
        connection.execute(insert(audit_reviews), [asdict(one) for one in reviews])


def _put_into_case(connection: Connection, name: str, event: int, *, put_in: bool) -> None:
    key = audit_cases.c.name == storable(name), audit_cases.c.event == event
    connection.execute(delete(audit_cases).where(*key))
    if put_in:
        connection.execute(insert(audit_cases), {"name": name, "event": event})


def _forget_actor(connection: Connection, actor: str) -> None:
    own = update(audit_entries).where(audit_entries.c.actor == actor)
    connection.execute(own.values(actor="", text="", summary=""))
    listed = audit_entries.c.kind.in_(LISTING) & audit_entries.c.text.contains(actor.casefold(), autoescape=True)
    _forget_words(connection, select(audit_entries.c.seq).where(listed))
    theirs = update(audit_reviews).where(audit_reviews.c.reviewer == actor)
    connection.execute(theirs.values(reviewer="", comment="", remarks={}))


def _forget_asset(connection: Connection, asset: str, visuals: Collection[str]) -> None:
    """Also the words of what rested on it: an answer may have told of the picture."""
    known = select(audit_visuals.c.visual).where(audit_visuals.c.asset_id == asset, audit_visuals.c.visual != "")
    every = {*connection.execute(known).scalars(), *visuals}
    for names in in_batches(sorted(every), AT_A_TIME) if every else [[]]:
        its = or_(audit_visuals.c.asset_id == asset, audit_visuals.c.visual.in_(names))
        of_it = select(audit_visuals.c.seq).where(its)
        _forget_words(connection, of_it)
        _forget_grades(connection, of_it, every)
        connection.execute(delete(audit_visuals).where(its))


def _forget_grades(connection: Connection, of_it: Select[Any], visuals: set[str]) -> None:
    given = select(audit_reviews.c.seq, audit_reviews.c.grades).where(audit_reviews.c.event.in_(of_it))
    for row in connection.execute(given).all():
        left = {visual: grade for visual, grade in row.grades.items() if visual not in visuals}
        if left != row.grades:
            connection.execute(update(audit_reviews).where(audit_reviews.c.seq == row.seq).values(grades=left))


def _forget_words(connection: Connection, of_it: Select[Any]) -> None:
    connection.execute(update(audit_entries).where(audit_entries.c.seq.in_(of_it)).values(text="", summary=""))
    connection.execute(update(audit_reviews).where(audit_reviews.c.event.in_(of_it)).values(comment="", remarks={}))


def _entries(connection: Connection, condition: Any, *, limit: int) -> list[Entry]:
    chosen = select(audit_entries).where(condition).order_by(audit_entries.c.seq.desc()).limit(limit)
    rows = connection.execute(chosen).mappings().all()
    mentions: dict[int, list[Mention]] = {}
    some = select(audit_visuals).where(audit_visuals.c.seq.in_([row["seq"] for row in rows]))
    for one in connection.execute(some.order_by(audit_visuals.c.relevance.desc(), audit_visuals.c.visual)):
        mentions.setdefault(one.seq, []).append(Mention(one.visual, one.asset_id, one.role, one.relevance))
    return [_entry(row, mentions.get(row["seq"], [])) for row in rows]


def _entry(row: RowMapping, mentions: Sequence[Mention]) -> Entry:
    values = {str(name): value for name, value in row.items()}
    return Entry(**values | {"risks": tuple(row["risks"].get("rules", ())), "visuals": tuple(mentions)})


def _reviews(connection: Connection, condition: Any) -> list[Review]:
    joined = select(audit_reviews).join(audit_entries, audit_entries.c.seq == audit_reviews.c.event)
    rows = connection.execute(joined.where(condition).order_by(audit_reviews.c.seq)).mappings()
    return [Review(**{str(name): value for name, value in row.items()}) for row in rows]
