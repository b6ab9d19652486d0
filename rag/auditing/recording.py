"""What the ledger has of auditing itself: who looked for what, opened, asked again, reviewed, exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rag.audit.actors import who
from rag.auditing.indexing import CASE, REVIEW
from rag.errors import NotAllowed
from rag.model import Actor, Json
from rag.ports import Draft
from rag.ports.auditing import Wanted

KIND = "audit"


def require_auditor(actor: Actor) -> None:
    """Raises NotAllowed."""
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not audit: that takes the role auditor")


def audit_draft(actor: Actor, door: str, action: str, said: Json, library: str = "") -> Draft:
    """Written before anything is shown or handed out."""
    return Draft(KIND, actor.id, library, {**who(actor, door), "action": action, **said})


def review_draft(actor: Actor, door: str, library: str, said: Json, about: tuple[str, ...]) -> Draft:
    """Args:
    about: ids of assets that its words may be about.
    """
    return Draft(REVIEW, actor.id, library, {**who(actor, door), **said}, about)


def case_draft(
    actor: Actor, door: str, name: str, *, added: Sequence[int], removed: Sequence[int], comment: str
) -> Draft:
    said = {"name": name, "added": list(added), "removed": list(removed), "comment": comment}
    return Draft(CASE, actor.id, "", {**who(actor, door), **said})


def wanted_json(wanted: Wanted) -> Json:
    """Only what was asked for."""
    return {name: _plain(value) for name, value in asdict(wanted).items() if value not in (None, "", (), False)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
