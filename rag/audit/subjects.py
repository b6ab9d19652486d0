"""The keys of those whom events are about. Destroying one makes all that was recorded of it unreadable.

A subject is a person (`actor:NAME`), an asset (`asset:SHA-256`), a visual whose asset is not known
(`visual:ID`), or a month of a library (`period:LIBRARY/2026-05`), whose key goes when its time is over.
Each has a random key, wrapped by the ledger's master key: AES-256-GCM, nonce (12) ‖ ciphertext. Which master
key that is stands in the database by its id, since another one may take its place (`rag.audit.rewrapping`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, func, insert, select, update

from rag.audit.sealing import KEY_BYTES, NONCE_BYTES
from rag.audit.tables import erasures, subjects
from rag.errors import BadSettings, LedgerUnavailable
from rag.library.columns import among, storable

WRAPPED_FOR = b"picturedesk subject key v1"
NAMED_FOR = b"picturedesk master key v1"
AT_A_TIME = 500
MOST_HELD = 50_000
"""Keys held in memory; 100 bytes or so each."""


State = tuple[int, str | None]
"""How many erasures there were, and the id of the master key; None: the first one, of which no id was kept."""


def master_id(master: bytes) -> str:
    """Tells master keys apart, and nothing of them."""
    return sha256(NAMED_FOR + master).hexdigest()[:16]


@dataclass
class _Held:
    """What this process knows, as of one state of the ledger."""

    state: State
    by_name: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    by_number: dict[int, bytes] = field(default_factory=dict)


class SubjectKeys:
    """Finds and makes keys; forgets what it holds when any process has erased something. Safe in several threads.

    Args:
        masters: 32 bytes each: the ledger's first, and the one that takes its place, while that is done.
        reread: gives them anew, when another process has put another one in use.
    """

    def __init__(self, *masters: bytes, reread: Callable[[], Sequence[bytes]] | None = None) -> None:
        self._masters = {master_id(master): AESGCM(master) for master in masters}
        self._reread = reread
        self._held = _Held((-1, None))

    def of(
        self, connection: Connection, names: Collection[str], at: datetime, *, state: State | None = None
    ) -> Mapping[str, tuple[int, bytes]]:
        """Number and key of each subject, made where it is new: for the transaction of an append, which is alone.

        Args:
            state: of the ledger, where that is known already.

        Raises:
            LedgerUnavailable: another master key is in use, and this process has not got it.
        """
        held = self._current(connection, state)
        found = {name: held.by_name[name] for name in names if name in held.by_name}
        wanted = [name for name in names if name not in found]
        if wanted:
            stored = self._stored(connection, wanted)
            held.by_name.update(stored)
            found |= stored
            # Held only once they were read back: were this transaction undone, what they sealed would be lost.
            found |= self._made(connection, [name for name in wanted if name not in found], at, held.state)
        return found

    def keys(self, connection: Connection, numbers: Iterable[int]) -> Mapping[int, bytes]:
        """The keys of the subjects that are not erased, by their numbers. Raises LedgerUnavailable as `of`."""
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

    def wrap_anew(self, connection: Connection, master: bytes) -> None:
        """Wrap every key with another master key, which is in use from then on. For a transaction that is alone."""
        self._current(connection)
        wrapping, after = AESGCM(master), -1
        while True:
            kept = select(subjects.c.id, subjects.c.key).where(subjects.c.id > after, subjects.c.key.is_not(None))
            page = connection.execute(kept.order_by(subjects.c.id).limit(AT_A_TIME)).all()
            if not page:
                break
            anew = [{"number": number, "wrapped": _wrapped(self._unwrapped(key), wrapping)} for number, key in page]
            connection.execute(_WRAP_ANEW, anew)
            after = page[-1][0]
        connection.execute(update(erasures).values(master=master_id(master)))

    def _current(self, connection: Connection, state: State | None = None) -> _Held:
        state = state_of(connection) if state is None else state
        held = self._held
        if held.state != state or len(held.by_name) + len(held.by_number) > MOST_HELD:
            self._require(state[1])
            held = self._held = _Held(state)
        return held

    def _require(self, master: str | None) -> None:
        if master is None or master in self._masters:
            return
        self._look_again()
        if master not in self._masters:
            raise LedgerUnavailable(
                "the ledger's master key was changed, and the new one is not here: put the new key file where "
                "PICTUREDESK_LEDGER_KEY says, and start this process anew"
            )

    def _look_again(self) -> None:
        if self._reread is not None:
            self._masters = self._masters | {master_id(one): AESGCM(one) for one in self._reread()}

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

    def _made(
        self, connection: Connection, names: list[str], at: datetime, state: State
    ) -> dict[str, tuple[int, bytes]]:
        if not names:
            return {}
        newest = connection.execute(select(func.max(subjects.c.id))).scalar() or 0
        made = {name: (newest + number, secrets.token_bytes(KEY_BYTES)) for number, name in enumerate(names, start=1)}
        wrapping = self._masters[state[1]] if state[1] else next(iter(self._masters.values()))
        rows = [
            {"id": number, "name": name, "key": _wrapped(key, wrapping), "made_at": at}
            for name, (number, key) in made.items()
        ]
        connection.execute(insert(subjects), rows)
        return made

    def _unwrapped(self, wrapped: bytes) -> bytes:
        found = self._opened(wrapped)
        if found is None:  # wrapped anew since the state was read, perhaps
            self._look_again()
            found = self._opened(wrapped)
        if found is None:
            raise BadSettings(
                "the ledger's master key is not the one that this database was written with: "
                "set PICTUREDESK_LEDGER_KEY to the right file"
            )
        return found

    def _opened(self, wrapped: bytes) -> bytes | None:
        for master in reversed(self._masters.values()):
            with suppress(InvalidTag):
                return master.decrypt(wrapped[:NONCE_BYTES], bytes(wrapped[NONCE_BYTES:]), WRAPPED_FOR)
        return None


_WRAP_ANEW = update(subjects).where(subjects.c.id == bindparam("number")).values(key=bindparam("wrapped"))


def _wrapped(key: bytes, wrapping: AESGCM) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + wrapping.encrypt(nonce, key, WRAPPED_FOR)


def state_of(connection: Connection) -> State:
    count, master = connection.execute(_STATE).one()
    return count, master


_STATE = select(erasures.c.count, erasures.c.master)


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
