"""The ledger as an auditor reads it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from rag import model, ports

HASH = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
ROOT = "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="
CHECKPOINT = f"desk.example/ledger\n42\n{ROOT}\n\n— desk.example/ledger 3q2+7w…\n"


class Event(BaseModel):
    """One audit record."""

    seq: int = Field(examples=[41])
    at: datetime = Field(examples=["2026-04-01T09:30:00Z"])
    kind: str = Field(examples=["retrieval"])
    actor: str = Field(description="`erased` once the person is.", examples=["local"])
    library: str = Field(description="Empty when the query went over several.", examples=["default"])
    body: dict[str, Any] = Field(
        description='What happened. `{"erased": TIME}` stands where something was.',
        examples=[{"door": "http", "query": {"text": "beach"}}],
    )
    previous: str = Field(description="Hash of the event before.", examples=[HASH])
    hash: str = Field(description="SHA-256 over the leaf, which binds everything else here.", examples=[HASH])
    commitment: str = Field(description="SHA-256 by which the leaf binds actor and body.", examples=[HASH])
    erased_at: datetime | None = Field(description="When something in it was erased last.", examples=[None])

    @classmethod
    def of(cls, event: model.Event) -> Event:
        return cls(
            seq=event.seq,
            at=event.at,
            kind=event.kind,
            actor=event.actor,
            library=event.library,
            body=event.body,
            previous=event.previous,
            hash=event.hash,
            commitment=event.commitment,
            erased_at=event.erased_at,
        )


class Events(BaseModel):
    """Events, newest first."""

    events: list[Event]
    next_before: int | None = Field(description="`before` for the page that follows; none on the last.", examples=[12])


class Proof(BaseModel):
    """That an event is in the ledger (RFC 9162, section 2.1.3). Hashes in base64."""

    index: int = Field(examples=[41])
    leaf: str = Field(description="The text that was hashed, byte for byte.", examples=['{"at":"2026-04-01T09:30:00…'])
    hashes: list[str] = Field(description="From the leaf's sibling upwards.", examples=[[ROOT]])
    size: int = Field(description="Events in the tree that they lead to.", examples=[42])
    root: str = Field(examples=[ROOT])
    checkpoint: str = Field(description="Signed note over that tree.", examples=[CHECKPOINT])

    @classmethod
    def of(cls, proof: ports.InclusionProof) -> Proof:
        return cls(
            index=proof.seq,
            leaf=proof.leaf,
            hashes=_base64(proof.hashes),
            size=proof.size,
            root=b64encode(proof.root).decode(),
            checkpoint=proof.checkpoint,
        )


class Consistency(BaseModel):
    """That a larger ledger begins with a smaller one (RFC 9162, section 2.1.4). Hashes in base64."""

    old: int = Field(examples=[1000])
    new: int = Field(examples=[1500])
    old_root: str = Field(examples=[ROOT])
    new_root: str = Field(examples=[ROOT])
    hashes: list[str] = Field(examples=[[ROOT]])

    @classmethod
    def of(cls, proof: ports.ConsistencyProof) -> Consistency:
        old_root, new_root = _base64([proof.old_root, proof.new_root])
        return cls(old=proof.old, new=proof.new, old_root=old_root, new_root=new_root, hashes=_base64(proof.hashes))


class Verification(BaseModel):
    """Whether the ledger holds."""

    holds: bool = Field(examples=[True])
    fault: str | None = Field(description="The first thing that is not as it was, and why.", examples=[None])
    events: int = Field(description="Events looked at.", examples=[42])
    erased: int = Field(description="Parts of events that were erased.", examples=[0])
    checkpoints: int = Field(description="Checkpoints that agree.", examples=[1])
    notices: list[str] = Field(description="What is no fault, and worth knowing.", examples=[[]])

    @classmethod
    def of(cls, found: ports.Verification) -> Verification:
        return cls(
            holds=found.fault is None,
            fault=found.fault,
            events=found.events,
            erased=found.erased,
            checkpoints=found.checkpoints,
            notices=list(found.notices),
        )


def _base64(hashes: Sequence[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]
