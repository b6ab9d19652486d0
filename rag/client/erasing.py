"""What is forgotten, how long it is kept, and what must not go: for owners."""

from __future__ import annotations

from rag.api.schemas.keeping import Erasure, ErasureRequest, Hold, HoldRequest, Holds, Kept, Retention
from rag.client.call import Call, Request
from rag.client.reading import checked, model, nothing, segment


def erase(*, actor: str | None = None, asset: str | None = None, preview: bool = False) -> Call[Erasure]:
    """Erase a person or an asset, here and in what the ledger recorded; with `preview`, say what that would take.

    Raises:
        BadRequest: neither or both; or no whole id.
        NotAllowed: one is no owner, or a legal hold is in the way.
        Unavailable, LedgerUnavailable: the same call finishes it.
    """
    body = checked(ErasureRequest, {"actor": actor, "asset": asset, "preview": preview})
    return Call(Request("POST", "/v1/ledger/erasures", body=body), model(Erasure))


def retention() -> Call[Retention]:
    """How long what is recorded is kept, where there is a limit. Raises NotAllowed without the role auditor."""
    return Call(Request("GET", "/v1/ledger/retention"), model(Retention))


def keep(library: str, *, days: int | None = None) -> Call[Kept]:
    """Keep what is recorded of a library for `days`, or for ever. Raises NotAllowed, NotFound, BadQuery: too few."""
    body = checked(Kept, {"library": library, "days": days})
    return Call(Request("PUT", "/v1/ledger/retention", body=body), model(Kept))


def holds(*, library: str | None = None) -> Call[Holds]:
    """Legal holds, by name. Raises NotAllowed without the role auditor."""
    return Call(Request("GET", "/v1/ledger/holds", params={"library": library}), model(Holds))


def hold(name: str, *, library: str | None = None, first: int | None = None, last: int | None = None) -> Call[Hold]:
    """Erase nothing of a library, or of some events, until it is lifted. Raises NotAllowed, BadQuery: name taken."""
    body = checked(HoldRequest, {"library": library, "first": first, "last": last})
    return Call(Request("PUT", f"/v1/ledger/holds/{segment(name)}", body=body), model(Hold))


def lift_hold(name: str) -> Call[None]:
    """End a legal hold. Raises NotAllowed, NotFound."""
    return Call(Request("DELETE", f"/v1/ledger/holds/{segment(name)}"), nothing)
