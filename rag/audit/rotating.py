"""Another key to sign with: recorded and signed for by the one before it, from then on in use."""

from __future__ import annotations

from pathlib import Path

from rag.audit.checkpoints import endorsement
from rag.audit.keys import LedgerKeys, write_keys
from rag.audit.ledger import SqlLedger
from rag.errors import NotAllowed, Unavailable
from rag.model import Actor
from rag.ports import Draft

KIND = "ledger-key"


def rotate(ledger: SqlLedger, keys: LedgerKeys, path: Path, actor: Actor, *, door: str) -> str:
    """Make a new signing key, have the old one endorse it, and write it to `path`.

    The event that records it is under a checkpoint of the old key before the new one is used. Stopped half-way,
    the old key stays in use. Processes that run go on with the old one, which stays good, until they start anew.

    Returns:
        The new verifier key.

    Raises:
        NotAllowed: `actor` is no owner.
        LedgerUnavailable, Unavailable: retryable.
    """
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not change the ledger's key: that takes the role owner")
    new = keys.rotated()
    key = str(new.signing.public)
    ledger.append(Draft(KIND, actor.id, "", {"door": door, "key": key, "note": endorsement(keys, new)}))
    ledger.checkpoints.make()
    ledger.checkpoints.hand_over(new)
    try:
        write_keys(path, new, replace=True)
    except OSError as error:
        raise Unavailable(f"the new key cannot be written to {path}: {error.strerror}; the old one stays") from error
    return key
