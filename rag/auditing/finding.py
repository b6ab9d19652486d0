"""Finding events. The search itself is recorded before it shows anything."""

from __future__ import annotations

from dataclasses import dataclass

from rag.auditing.indexing import catch_up
from rag.auditing.recording import audit_draft, require_auditor, wanted_json
from rag.errors import BadQuery
from rag.model import Actor
from rag.ports import Services
from rag.ports.auditing import Entry, Wanted

VERDICTS = ("removed", "unsupported", "withheld", "stopped")
MOST = 500
SHORTEST_ID = 8


@dataclass(frozen=True, slots=True)
class Page:
    """Attributes:
    before: for the next page; None on the last.
    event: the ledger's number of this search.
    """

    entries: tuple[Entry, ...]
    before: int | None
    event: int


def find(services: Services, actor: Actor, wanted: Wanted, *, limit: int = 50, door: str) -> Page:
    """The newest events that match, newest first, of the libraries that `actor` may read.

    Raises:
        NotAllowed: the actor is no auditor.
        BadQuery: a value that means nothing; it is named.
        LedgerUnavailable: the search could not be recorded, so nothing is shown.
    """
    require_auditor(actor)
    check(wanted, limit)
    catch_up(services)
    found = services.audit_index.find(actor, wanted, limit=limit + 1)
    shown = tuple(found[:limit])
    said = {"wanted": wanted_json(wanted), "found": [entry.seq for entry in shown]}
    event = services.ledger.append(audit_draft(actor, door, "find", said, wanted.library))
    return Page(shown, shown[-1].seq if len(found) > limit else None, event.seq)


def check(wanted: Wanted, limit: int) -> None:
    """Raises BadQuery."""
    if unknown := [one for one in wanted.verdicts if one not in VERDICTS]:
        raise BadQuery(f"verdict: {unknown[0]!r} is none of {', '.join(VERDICTS)}")
    if wanted.visual and len(wanted.visual) < SHORTEST_ID:
        raise BadQuery(f"visual: give at least the first {SHORTEST_ID} digits of a visual's or an asset's id")
    if wanted.below is not None and not 0 <= wanted.below <= 1:
        raise BadQuery(f"below: relevance lies between 0 and 1, not at {wanted.below:g}")
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise BadQuery("since: it must lie before until")
    if not 1 <= limit <= MOST:
        raise BadQuery(f"limit is {limit}; it must lie between 1 and {MOST}")
