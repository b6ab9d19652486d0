"""Proofs out of the tiles, and as text (c2sp.org/tlog-proof)."""

from __future__ import annotations

import base64

from sqlalchemy import Connection, RowMapping

from rag.audit.checkpoints import Kept
from rag.audit.leaf import Leaf
from rag.audit.merkle import consistency, inclusion, root
from rag.audit.tiles import TileReader
from rag.audit.verifier import Checkpoint, Note
from rag.ports import ConsistencyProof, InclusionProof

HEADER = "c2sp.org/tlog-proof@v1"


def inclusion_proof(connection: Connection, row: RowMapping, kept: Kept) -> InclusionProof:
    """Args:
    kept: a checkpoint of more events than come before this one.
    """
    return inclusion_with(TileReader(connection), row, kept)


def inclusion_with(reader: TileReader, row: RowMapping, kept: Kept) -> InclusionProof:
    """As `inclusion_proof`, for several events by one reader, which reads each tile once."""
    checkpoint = Checkpoint.read(Note.read(kept.note).text)
    hashes = tuple(inclusion(reader.node, row["seq"], checkpoint.size))
    return InclusionProof(row["seq"], leaf_text(row), hashes, checkpoint.size, checkpoint.root, kept.note)


def consistency_proof(connection: Connection, old: int, new: int) -> ConsistencyProof:
    """Args:
    old, new: 0 < old <= new <= size of the ledger.
    """
    node = TileReader(connection).node
    return ConsistencyProof(old, new, root(node, old), root(node, new), tuple(consistency(node, old, new)))


def leaf_text(row: RowMapping) -> str:
    leaf = Leaf(row["seq"], row["at"], row["kind"], row["library"], row["commitment"], row["previous"], row["v"])
    return leaf.encoded().decode()


def as_text(proof: InclusionProof) -> str:
    """The proof as `tlog-proof`; its `extra` is the leaf, so that the text is all that it takes to check it."""
    lines = [HEADER, f"extra {base64.b64encode(proof.leaf.encode()).decode()}", f"index {proof.seq}"]
    return "\n".join([*lines, *(base64.b64encode(one).decode() for one in proof.hashes), "", proof.checkpoint])
