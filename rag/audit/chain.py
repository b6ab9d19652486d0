"""Checking the chain: every event as it was written, and each after the one it names."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import RowMapping

from rag.audit.leaf import FIRST_PREVIOUS, Leaf, commitment


def first_fault(rows: Iterable[RowMapping]) -> str | None:
    """The first of `rows`, all events in order of `seq`, that is not as it was written, and why; else None.

    What this cannot see: the newest events cut off, or everything from some event on
    written anew. Both show only against a checkpoint that is kept elsewhere.
    """
    expected, previous = 0, FIRST_PREVIOUS
    for row in rows:
        fault = _fault(row, expected, previous)
        if fault is not None:
            return fault
        expected, previous = expected + 1, row["hash"]
    return None


def _fault(row: RowMapping, expected: int, previous: str) -> str | None:
    seq = row["seq"]
    if seq != expected:
        return f"event {expected} is missing: the next one kept is event {seq}"
    if not _keeps_commitment(row):
        return f"event {seq} was changed: its actor or body is not what was committed to"
    if _leaf(row).hash != row["hash"]:
        return f"event {seq} was changed: its number, time, kind, library, commitment or link does not match its hash"
    if row["previous"] != previous:
        return f"event {seq} does not follow the event before it: that one was replaced, or events changed places"
    return None


def _keeps_commitment(row: RowMapping) -> bool:
    try:
        kept = commitment(row["salt"] or "", row["actor"], row["payload"])
    except ValueError:
        return False  # a salt that is no hex, text that is no Unicode: nothing that we wrote
    return kept == str(row["commitment"])


def _leaf(row: RowMapping) -> Leaf:
    return Leaf(row["seq"], row["at"], row["kind"], row["library"], row["commitment"], row["previous"])
