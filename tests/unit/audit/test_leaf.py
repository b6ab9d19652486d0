"""The ledger's hashes: a known event, worked out by hand, must keep its hash for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from rag.audit.leaf import FIRST_PREVIOUS, early_content, instant, leaf_bytes
from rag.audit.verifier import content_hash, event_commitment
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
    commitment="c0" * 32,
    version=2,
)
SALT = bytes.fromhex("00112233445566778899aabbccddeeff")


def test_a_part_commits_to_its_salt_and_content_and_an_event_to_its_parts() -> None:
    first, second = sha256(SALT + b'{"body":{}}').digest(), sha256(SALT + b'{"values":[1]}').digest()
    assert content_hash(SALT, b'{"body":{}}') == first
    assert event_commitment(2, [first, second]) == sha256(b"picturedesk event v2\n" + first + second).digest()


def test_an_early_event_commits_to_salt_actor_and_body() -> None:
    content = early_content("ann", '{"k":8,"query":"a red dress"}')
    assert content == '{"actor":"ann","body":{"k":8,"query":"a red dress"}}'
    part = content_hash(SALT, content.encode())
    assert event_commitment(1, [part]) == part == sha256(SALT + content.encode()).digest()


def test_the_leaf_is_canonical_json_without_actor_and_body() -> None:
    assert leaf_bytes(KNOWN).decode() == (
        f'{{"at":"2026-01-31T12:00:00.000000Z","commitment":"{"c0" * 32}","kind":"retrieval",'
        f'"library":"shop","previous":"{FIRST_PREVIOUS}","seq":0,"v":2}}'
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"seq": 1},
        {"at": KNOWN.at + timedelta(microseconds=1)},
        {"kind": "answer"},
        {"library": "museum"},
        {"commitment": "c1" * 32},
        {"previous": "1" * 64},
        {"version": 1},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_field_counts(changed: dict[str, object]) -> None:
    assert leaf_bytes(replace(KNOWN, **changed)) != leaf_bytes(KNOWN)  # type: ignore[arg-type]


def test_an_instant_reads_the_same_from_any_time_zone() -> None:
    tokyo = KNOWN.at.astimezone(timezone(timedelta(hours=9)))
    assert instant(tokyo) == instant(KNOWN.at) == "2026-01-31T12:00:00.000000Z"
