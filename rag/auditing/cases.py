"""Cases: events that somebody collects under a name, to look at and export together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.auditing.indexing import catch_up
from rag.auditing.recording import case_draft, require_auditor
from rag.errors import BadRequest
from rag.model import Actor
from rag.ports import Services

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
MOST = 10_000


def change(
    services: Services,
    actor: Actor,
    name: str,
    *,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    comment: str = "",
    door: str,
) -> list[int]:
    """Put events into a case, and take events out. It is there once it has an event. Calling twice is harmless.

    Returns:
        The events that are in it now and that the actor may read.

    Raises:
        NotAllowed, NotFound: no auditor; or an event that is none, or is not for this actor.
        BadRequest: the name, or too many events.
        LedgerUnavailable: nothing is changed.
    """
    require_auditor(actor)
    if not NAME.fullmatch(name):
        raise BadRequest(f"{name!r} cannot name a case; use letters, digits, dots, - and _")
    if not 1 <= len(add) + len(remove) <= MOST:
        raise BadRequest(f"name 1 to {MOST:,} events to put into the case or to take out of it")
    for seq in add:
        services.ledger.event(actor, seq)
    services.ledger.append(case_draft(actor, door, name, added=add, removed=remove, comment=comment))
    return every(services, actor).get(name, [])


def every(services: Services, actor: Actor) -> dict[str, list[int]]:
    """Events by the name of their case, as far as the actor may read them. Raises NotAllowed."""
    require_auditor(actor)
    catch_up(services)
    return services.audit_index.cases(actor)
