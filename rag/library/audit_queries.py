"""What auditors look for, as conditions of SQL. Rights are part of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true

from rag.library.audit_tables import VERDICTS, audit_cases, audit_entries, audit_reviews, audit_visuals
from rag.library.columns import storable
from rag.library.rights import readable_by
from rag.model import Actor
from rag.ports.auditing import ENOUGH, OF_AUDITING, REVIEWABLE, Wanted

MOST_AT_ONCE = 1_000
entries = audit_entries.c


def matching(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    """All must hold."""
    return [readable_by(actor, entries.library), *_said(wanted), *_found_by(wanted), *_judged(wanted)]


def _said(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Plain columns."""
    kinds: ColumnElement[bool] = entries.kind.in_(wanted.kinds)
    if not wanted.kinds:
        kinds = true() if wanted.auditing else entries.kind.not_in(OF_AUDITING)
    asked: Sequence[tuple[Any, Any]] = (
        (wanted.since, entries.at.__ge__),
        (wanted.until, entries.at.__lt__),
        (storable(wanted.person), entries.actor.__eq__),
        (storable(wanted.library), entries.library.__eq__),
        (wanted.model, entries.model.__eq__),
        (wanted.encoder, entries.encoder.__eq__),
        (wanted.door, entries.door.__eq__),
        (wanted.conversation, entries.conversation.__eq__),
    )
    found: list[ColumnElement[bool]] = [kinds, *(compare(value) for value, compare in asked if value)]
    if wanted.belongs_to is not None:
        found.append(entries.belongs_to == wanted.belongs_to)
    if wanted.before is not None:
        found.append(entries.seq < wanted.before)
    return found


def _found_by(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [entries.text.contains(storable(word.casefold()), autoescape=True) for word in wanted.words]
    if wanted.prompt:
        by_hash = entries.prompt_hash.startswith(wanted.prompt.lower(), autoescape=True)
        found.append(or_(entries.prompt == wanted.prompt, by_hash))
    if wanted.visual:
        name = wanted.visual.lower()
        whole = or_(audit_visuals.c.visual == name, audit_visuals.c.asset_id == name)
        begun = or_(*(c.between(name, name + "g") for c in (audit_visuals.c.visual, audit_visuals.c.asset_id)))
        found.append(entries.seq.in_(select(audit_visuals.c.seq).where(begun if len(name) < 32 else whole)))
    if wanted.case:
        inside = select(audit_cases.c.event).where(audit_cases.c.name == storable(wanted.case))
        found.append(entries.seq.in_(inside))
    return found


def _judged(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.verdicts:
        found.append(or_(*(VERDICTS[verdict] for verdict in wanted.verdicts)))
    if wanted.below is not None:
        found.append(or_(entries.relevance < wanted.below, and_(entries.relevance.is_(None), _retrieves())))
    if wanted.abstained is not None:
        found.append(entries.abstained.is_(wanted.abstained))
    if wanted.risky:
        found.append(entries.risk > 0)
    for asked, condition in ((wanted.flagged, _reviewed(flagged=True)), (wanted.reviewed, _reviewed())):
        if asked is not None:
            found.append(condition if asked else not_(condition))
    return found


def _retrieves() -> ColumnElement[bool]:
    return entries.kind.in_(REVIEWABLE)


def _reviewed(*, flagged: bool = False) -> ColumnElement[bool]:
    reviewed = select(audit_reviews.c.event)
    return entries.seq.in_(reviewed.where(audit_reviews.c.flagged.is_(True)) if flagged else reviewed)


def in_the_queue(actor: Actor, library: str) -> ColumnElement[bool]:
    """Waits for this actor: risky, or others disagree on it; not reviewed by the actor, not settled."""
    answer = audit_entries.alias("answer")
    answered = exists().where(answer.c.belongs_to == entries.seq, answer.c.kind == "answer")
    mine = exists().where(audit_reviews.c.event == entries.seq, audit_reviews.c.reviewer == storable(actor.id))
    conditions = [
        readable_by(actor, entries.library),
        entries.kind.in_(REVIEWABLE),
        or_(entries.risk > 0, _reviewed()),
        not_(and_(entries.kind == "retrieval", answered)),
        not_(mine),
        not_(_settled()),
    ]
    return and_(*conditions, *([entries.library == storable(library)] if library else []))


def _settled() -> ColumnElement[bool]:
    """Two people's newest verdicts are the same."""
    later = audit_reviews.alias("later")
    newest = audit_reviews.alias("newest")
    superseded = exists().where(
        later.c.event == newest.c.event, later.c.reviewer == newest.c.reviewer, later.c.seq > newest.c.seq
    )
    agreed = (
        select(newest.c.verdict)
        .where(newest.c.event == entries.seq, not_(superseded))
        .group_by(newest.c.verdict)
        .having(func.count() >= ENOUGH)
        .correlate(audit_entries)
    )
    return agreed.exists()
