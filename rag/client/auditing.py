"""The ledger, for those who may read it."""

from __future__ import annotations

from rag.api.schemas.ledger import Event, Events, Verification
from rag.client.call import Call, Request
from rag.client.reading import model


def ledger_events(
    *, kind: str | None = None, library: str | None = None, before: int | None = None, limit: int = 50
) -> Call[Events]:
    """Events, newest first; `next_before` of the answer is `before` for the page that follows."""
    params = {"kind": kind, "library": library, "before": before, "limit": limit}
    return Call(Request("GET", "/v1/ledger/events", params=params), model(Events))


def ledger_event(seq: int) -> Call[Event]:
    """The event with this number. Raises NotFound."""
    return Call(Request("GET", f"/v1/ledger/events/{seq}"), model(Event))


def verify_ledger() -> Call[Verification]:
    """Whether the chain of events holds, and where it does not. Raises NotAllowed without the role auditor."""
    return Call(Request("GET", "/v1/ledger/verify"), model(Verification))
