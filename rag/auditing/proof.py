"""Whether one event is as it was written: its leaf, and the path from it to a root that the ledger's key signed."""

from __future__ import annotations

from dataclasses import dataclass

from rag.audit.leaf import instant, leaf_bytes
from rag.audit.verifier import Checkpoint, Note, VerifierKey, Wrong, check_inclusion, leaf_hash
from rag.model import Actor, Event
from rag.ports import Ledger


@dataclass(frozen=True, slots=True)
class Proof:
    holds: bool
    said: str


def proof_of(ledger: Ledger, actor: Actor, event: Event) -> Proof:
    """Checked here and now, by what an auditor could check it with. The whole log: picturedesk ledger verify."""
    if leaf_hash(leaf_bytes(event)).hex() != event.hash:
        return Proof(False, "it was changed: it does not match its hash")
    if "unreadable" in event.body:
        return Proof(False, "it was changed: what it says is not what was sealed")
    found = ledger.proof(actor, event.seq)
    try:
        note = Note.read(found.checkpoint)
        note.signer([VerifierKey.read(key) for key in ledger.signers()])
        checkpoint = Checkpoint.read(note.text)
        check_inclusion(event.seq, checkpoint.size, leaf_hash(found.leaf.encode()), found.hashes, checkpoint.root)
    except Wrong as error:
        return Proof(False, str(error))
    if leaf_hash(found.leaf.encode()).hex() != event.hash:
        return Proof(False, "it was changed: the tree holds another event in its place")
    erased = f"; parts of it were erased on {instant(event.erased_at)[:10]}" if event.erased_at else ""
    return Proof(True, f"it is in the tree of {checkpoint.size} events that the ledger's key signed{erased}")
