"""Roots and proofs of the Merkle tree of RFC 9162 (and RFC 6962), section 2.1, over any source of its nodes.

    MTH([])      = SHA-256()
    MTH([d])     = SHA-256(0x00 ‖ d)
    MTH(D[0:n])  = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])),   k the largest power of two below n

Checking them is in `rag.audit.verifier`.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from rag.audit.verifier import node_hash

EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""`node(level, index)`: the hash over the leaves from `index * 2**level` up to `(index + 1) * 2**level`, all there."""


def root(node: Node, size: int) -> bytes:
    """The root of the first `size` leaves, 32 bytes."""
    return subtree(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]): from the leaf's sibling up to the root's child.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    return _path(node, index, 0, size)


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[0:new]); empty where both are the same.

    Raises:
        ValueError: not 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from {old} leaves to {new}")
    return _subproof(node, old, 0, new, known=True)


def subtree(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]), where `start` is a multiple of the smallest power of two not below `end - start`."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    split = start + largest_power_below(count)
    return node_hash(subtree(node, start, split), subtree(node, split, end))


def largest_power_below(count: int) -> int:
    """The largest power of two smaller than `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _path(node: Node, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    split = start + largest_power_below(end - start)
    if index < split:
        return [*_path(node, index, start, split), subtree(node, split, end)]
    return [*_path(node, index, split, end), subtree(node, start, split)]


def _subproof(node: Node, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
    """SUBPROOF; `known` while the old tree's root is the whole of what is looked at."""
    if start + old == end:
        return [] if known else [subtree(node, start, end)]
    split = start + largest_power_below(end - start)
    if start + old <= split:
        return [*_subproof(node, old, start, split, known=known), subtree(node, split, end)]
    return [*_subproof(node, start + old - split, split, end, known=False), subtree(node, start, split)]


class Growing:
    """A tree that only grows: O(log n) memory, amortised O(1) hashes a leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # roots of complete subtrees, largest first: one for each bit of `size`

    def add(self, leaf_hash: bytes) -> None:
        peak, bits = leaf_hash, self.size
        while bits & 1:
            peak, bits = node_hash(self._peaks.pop(), peak), bits >> 1
        self._peaks.append(peak)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        *others, total = self._peaks
        for peak in reversed(others):
            total = node_hash(peak, total)
        return total
