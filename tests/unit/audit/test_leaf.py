"""The ledger's hashes: a known event, worked out by hand, must keep its hash for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from rag.audit.leaf import FIRST_PREVIOUS, commitment, instant, leaf_bytes
from rag.model import Event

KNOWN = Event(
    seq=0,
    at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    kind="retrieval",
    actor="ann",
    library="shop",
    body={"query": "a red dress", "k": 8},
    previous=FIRST_PREVIOUS,
    hash="",
    salt="00112233445566778899aabbccddeeff",
)


def test_the_commitment_is_sha256_over_salt_actor_and_body() -> None:
    sealed = bytes.fromhex(KNOWN.salt) + b'{"actor":"ann","body":{"k":8,"query":"a red dress"}}'
    assert commitment(KNOWN.salt, "ann", '{"k":8,"query":"a red dress"}') == sha256(sealed).hexdigest()


def test_the_leaf_is_canonical_json_without_actor_and_body() -> None:
    sealed = commitment(KNOWN.salt, "ann", '{"k":8,"query":"a red dress"}')
    assert leaf_bytes(KNOWN).decode() == (
        f'{{"at":"2026-01-31T12:00:00.000000Z","commitment":"{sealed}","kind":"retrieval",'
        f'"library":"shop","previous":"{FIRST_PREVIOUS}","seq":0,"v":1}}'
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 1},
        {"at": KNOWN.at + timedelta(microseconds=1)},
        {"kind": "answer"},
        {"actor": "bob"},
        {"library": "museum"},
        {"body": {"query": "a red dress", "k": 9}},
        {"previous": "1" * 64},
        {"salt": "f" * 32},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_field_counts(changed: dict[str, object]) -> None:
    assert leaf_bytes(replace(KNOWN, **changed)) != leaf_bytes(KNOWN)  # type: ignore[arg-type]


def test_an_instant_reads_the_same_from_any_time_zone() -> None:
    tokyo = KNOWN.at.astimezone(timezone(timedelta(hours=9)))
    assert instant(tokyo) == instant(KNOWN.at) == "2026-01-31T12:00:00.000000Z"
