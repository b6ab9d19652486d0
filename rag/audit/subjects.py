"""The keys of those whom events are about. Destroying one makes all that was recorded of it unreadable.

A subject is a person (`actor:NAME`), an asset (`asset:SHA-256`), a visual whose asset is not known
(`visual:ID`), or a month of a library (`period:LIBRARY/2026-05`), whose key goes when its time is over.
Each has a random key, wrapped by the ledger's master key: AES-256-GCM, nonce (12) ‖ ciphertext.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, func, insert, select, update

from rag.audit.sealing import KEY_BYTES, NONCE_BYTES
from rag.audit.tables import erasures, subjects
from rag.errors import BadSettings
from rag.library.columns import among, storable

WRAPPED_FOR = b"picturedesk subject key v1"
AT_A_TIME = 500
MOST_HELD = 50_000
"""Keys held in memory; 100 bytes or so each."""


@dataclass
class _Held:
    """What this process knows, as of `count` erasures."""

    count: int
    by_name: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    by_number: dict[int, bytes] = field(default_factory=dict)


class SubjectKeys:
    """Finds and makes keys; forgets what it holds when any process has erased something. Safe in several threads.

    Args:
        master: 32 bytes.
    """

    def __init__(self, master: bytes) -> None:
        self._wrapping = AESGCM(master)
        self._held = _Held(-1)

    def of(
        self, connection: Connection, names: Collection[str], at: datetime, *, erased: int | None = None
    ) -> Mapping[str, tuple[int, bytes]]:
        """Number and key of each subject, made where it is new: for the transaction of an append, which is alone.

        Args:
            erased: how many erasures there were, where that is known already.
        """
        held = self._current(connection, erased)
        found = {name: held.by_name[name] for name in names if name in held.by_name}
        wanted = [name for name in names if name not in found]
        if wanted:
            stored = self._stored(connection, wanted)
            held.by_name.update(stored)
            found |= stored
            # Held only once they were read back: were this transaction undone, what they sealed would be lost.
            found |= self._made(connection, [name for name in wanted if name not in found], at)
        return found

    def keys(self, connection: Connection, numbers: Iterable[int]) -> Mapping[int, bytes]:
        """The keys of the subjects that are not erased, by their numbers."""
        held = self._current(connection)
        wanted = set(numbers)
        found = {number: held.by_number[number] for number in wanted if number in held.by_number}
        missing = sorted(wanted - found.keys())
        for start in range(0, len(missing), AT_A_TIME):
            some = missing[start : start + AT_A_TIME]
            rows = connection.execute(
                select(subjects.c.id, subjects.c.key).where(subjects.c.id.in_(some), subjects.c.key.is_not(None))
            )
            found |= {number: self._unwrapped(key) for number, key in rows}
        held.by_number.update(found)
        return found

    def _current(self, connection: Connection, count: int | None = None) -> _Held:
        count = connection.execute(select(erasures.c.count)).scalar_one() if count is None else count
        held = self._held
        if held.count != count or len(held.by_name) + len(held.by_number) > MOST_HELD:
            held = self._held = _Held(count)
        return held

    def _stored(self, connection: Connection, names: list[str]) -> dict[str, tuple[int, bytes]]:
        found: dict[str, tuple[int, bytes]] = {}
        condition = among(subjects.c.name, "names", connection.dialect.name)
        for start in range(0, len(names), AT_A_TIME):
            some = names[start : start + AT_A_TIME]
            rows = connection.execute(
                select(subjects.c.name, subjects.c.id, subjects.c.key).where(condition), {"names": some}
            )
            found |= {name: (number, self._unwrapped(key)) for name, number, key in rows}
        return found

    def _made(self, connection: Connection, names: list[str], at: datetime) -> dict[str, tuple[int, bytes]]:
        if not names:
            return {}
        newest = connection.execute(select(func.max(subjects.c.id))).scalar() or 0
        made = {name: (newest + number, secrets.token_bytes(KEY_BYTES)) for number, name in enumerate(names, start=1)}
        rows = [
            {"id": number, "name": name, "key": self._wrapped(key), "made_at": at}
            for name, (number, key) in made.items()
        ]
        connection.execute(insert(subjects), rows)
        return made

    def _wrapped(self, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, WRAPPED_FOR)

    def _unwrapped(self, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], bytes(wrapped[NONCE_BYTES:]), WRAPPED_FOR)
        except InvalidTag as error:
            raise BadSettings(
                "the ledger's master key is not the one that this database was written with: "
                "set PICTUREDESK_LEDGER_KEY to the right file"
            ) from error


def numbers_of(connection: Connection, names: Collection[str]) -> list[int]:
    """The numbers of those of `names` that are recorded, and not erased."""
    condition = among(subjects.c.name, "names", connection.dialect.name)
    wanted = [storable(name) for name in names]
    return list(
        connection.execute(select(subjects.c.id).where(condition).order_by(subjects.c.id), {"names": wanted}).scalars()
    )


def destroy(connection: Connection, numbers: Collection[int], at: datetime, event: int) -> None:
    """Names and keys go for good; that there was something stays, and since when it is gone, and by which event."""
    gone = {"name": None, "key": None, "erased_at": at, "erased_by": event}
    statement = update(subjects).where(subjects.c.id == bindparam("number")).values(**gone)
    connection.execute(statement, [{"number": number} for number in numbers])
    connection.execute(update(erasures).values(count=erasures.c.count + 1))


def erased_at(connection: Connection, numbers: Iterable[int]) -> Mapping[int, datetime | None]:
    """When those of the subjects that are erased were."""
    found: dict[int, datetime | None] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        chosen = select(subjects.c.id, subjects.c.erased_at).where(subjects.c.id.in_(some), subjects.c.key.is_(None))
        found |= {row[0]: row[1] for row in connection.execute(chosen)}
    return found


def erased_by(connection: Connection, numbers: Iterable[int]) -> Mapping[int, int | None]:
    """Which event records the erasure of those of the subjects that are erased."""
    found: dict[int, int | None] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        chosen = select(subjects.c.id, subjects.c.erased_by).where(subjects.c.id.in_(some), subjects.c.key.is_(None))
        found |= {row[0]: row[1] for row in connection.execute(chosen)}
    return found
