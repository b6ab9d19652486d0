"""Bundles: events with all that proves them, in one zip file that `rag.audit.verifier` checks without any service.

| file | holds |
|---|---|
| `events.jsonl` | one event a line: its leaf, its inclusion proof, its parts with their salts |
| `checkpoint` | the signed note that the proofs lead to |
| `keys` | the verifier keys of this ledger, the first one first |
| `consistency.jsonl` | proofs that the tree of this checkpoint continues those of earlier ones |
| `manifest` | SHA-256 of every other file, as a signed note; the word `whole` where no event of the range is left out |
| others | what the caller adds: images, tables for people |
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from rag.audit.checkpoints import Kept, every
from rag.audit.leaf import instant
from rag.audit.merkle import consistency
from rag.audit.notes import SigningKey
from rag.audit.proofs import inclusion_with
from rag.audit.sealing import Sealed, unpacked, unseal
from rag.audit.subjects import SubjectKeys, erased_at
from rag.audit.tables import events
from rag.audit.tiles import TileReader
from rag.audit.verifier import Checkpoint, Note, VerifierKey, notes_of

ROWS_AT_A_TIME = 200
MOST_CONSISTENCY = 1000
"""Proofs from earlier checkpoints; the newest ones."""


class BundleWriter:
    """Writes one bundle out of one snapshot of the ledger.

    Args:
        kept: the checkpoint that everything is proven to.
    """

    def __init__(self, connection: Connection, subjects: SubjectKeys, kept: Kept) -> None:
        self._connection = connection
        self._subjects = subjects
        self._kept = kept
        self._hashes: dict[str, str] = {}

    def write(
        self,
        target: Path,
        seqs: Sequence[int],
        allowed: ColumnElement[bool],
        *,
        signing: SigningKey,
        keys: Sequence[VerifierKey],
        files: Iterable[tuple[str, bytes]] = (),
        outside: str = "",
    ) -> int:
        """Returns how many events are in it: those of `seqs` that are there and allowed."""
        draft = target.with_name(f".{target.name}.part")
        try:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as bundle:
                found = self._events(bundle, seqs, allowed)
                self._add(bundle, "checkpoint", self._kept.note.encode())
                self._add(bundle, "keys", "".join(f"{key}\n" for key in keys).encode())
                self._add(bundle, "consistency.jsonl", "".join(self._consistency(outside)).encode())
                for name, content in files:
                    self._add(bundle, name, content)
                whole = bool(found) and found == list(range(found[0], found[-1] + 1))
                bundle.writestr("manifest", signing.sign(self._manifest(signing.name, whole=whole)))
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return len(found)

    def _events(self, bundle: zipfile.ZipFile, seqs: Sequence[int], allowed: ColumnElement[bool]) -> list[int]:
        digest, found = sha256(), []
        with bundle.open("events.jsonl", "w", force_zip64=True) as file:
            for seq, line in self._lines(sorted(set(seqs)), allowed):
                file.write(line)
                digest.update(line)
                found.append(seq)
        self._hashes["events.jsonl"] = digest.hexdigest()
        return found

    def _lines(self, seqs: Sequence[int], allowed: ColumnElement[bool]) -> Iterator[tuple[int, bytes]]:
        reader = TileReader(self._connection)
        for start in range(0, len(seqs), ROWS_AT_A_TIME):
            some = events.c.seq.in_(seqs[start : start + ROWS_AT_A_TIME])
            rows = self._connection.execute(select(events).where(some, allowed).order_by(events.c.seq)).mappings().all()
            for row, parts in zip(rows, self._parts(rows), strict=True):
                proof = inclusion_with(reader, row, self._kept)
                said = {"index": row["seq"], "leaf": proof.leaf, "proof": _base64(proof.hashes), "parts": parts}
                yield row["seq"], _line(said)

    def _parts(self, rows: Sequence[RowMapping]) -> Iterator[list[dict[str, Any]]]:
        sealed = [unpacked(row["sealed"] or b"") for row in rows]
        numbers = {number for parts in sealed for part in parts for number in part.subjects}
        keys = self._subjects.keys(self._connection, numbers)
        gone = erased_at(self._connection, numbers - keys.keys())

        def said(part: Sealed) -> dict[str, Any]:
            opened, commitment = unseal(part, keys), part.commitment.hex()
            if opened is not None:
                return {"commitment": commitment, "salt": opened.salt.hex(), "content": opened.content}
            when = max((at for number in part.subjects if (at := gone.get(number)) is not None), default=None)
            return {"commitment": commitment, "erased": instant(when) if when else ""}

        return ([said(part) for part in parts] for parts in sealed)

    def _consistency(self, outside: str) -> Iterator[str]:
        node, size = TileReader(self._connection).node, self._size
        sizes = [kept.size for kept in every(self._connection)][-MOST_CONSISTENCY:]
        sizes += [Checkpoint.read(Note.read(note).text).size for note in notes_of(outside)]
        for old in sorted(set(sizes)):
            if 0 < old < size:
                yield _line({"from": old, "proof": _base64(consistency(node, old, size))}).decode()

    @property
    def _size(self) -> int:
        return self._kept.size

    def _add(self, bundle: zipfile.ZipFile, name: str, content: bytes) -> None:
        bundle.writestr(name, content)
        self._hashes[name] = sha256(content).hexdigest()

    def _manifest(self, name: str, *, whole: bool) -> str:
        lines = [f"{digest}  {file}" for file, digest in sorted(self._hashes.items())]
        return "\n".join([f"{name}/bundle", *(["whole"] if whole else []), *lines]) + "\n"


def _line(said: dict[str, Any]) -> bytes:
    return (json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _base64(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]
