"""The ledger's own secrets, in one file: what signs its checkpoints, and what its subjects' keys are wrapped with.

    # comment
    MASTER+KEY+BASE64                     32 bytes; two such lines while one takes the other's place, the new one last
    PRIVATE+KEY+NAME+HASH+BASE64          signs; the last such line is in use

Whoever has the file can sign checkpoints, and with the database read what it records. Whoever lost it can
verify, but read nothing of what was recorded: back it up apart from the database.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.audit.notes import PRIVATE, SigningKey
from rag.errors import BadSettings, Unavailable

MASTER = "MASTER+KEY+"
HEADER = (
    "# The keys of a Picture Desk ledger. Keep them secret, and a copy apart from the database:\n"
    "# without the master key, what the ledger recorded cannot be read again.\n"
)


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """Attributes:
    master: 32 bytes.
    next_master: what takes its place: see `rag.audit.rewrapping`. Empty but for that time.
    """

    signing: SigningKey
    master: bytes = field(repr=False)
    next_master: bytes = field(default=b"", repr=False)

    @classmethod
    def new(cls, name: str = "") -> LedgerKeys:
        """Args:
        name: of the ledger, its `origin`; empty: a random one.
        """
        name = name or f"picturedesk/{secrets.token_hex(8)}"
        return cls(SigningKey.new(name), secrets.token_bytes(32))

    @property
    def masters(self) -> tuple[bytes, ...]:
        return (self.master, self.next_master) if self.next_master else (self.master,)

    def written(self) -> str:
        masters = "".join(f"{MASTER}{base64.b64encode(one).decode()}\n" for one in self.masters)
        return f"{HEADER}{masters}{self.signing.written()}\n"

    def rotated(self) -> LedgerKeys:
        """With another signing key; name and master key stay."""
        return replace(self, signing=SigningKey.new(self.signing.name))


def open_keys(path: Path, *, make: bool) -> LedgerKeys:
    """Read the file; with `make`, write one with new keys where there is none. Processes that do so together agree.

    Raises:
        BadSettings: there is none, it is no key file, or others may read it.
        Unavailable: it cannot be read or written.
    """
    try:
        if make and not path.exists():
            write_keys(path, LedgerKeys.new())
        text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
    except FileNotFoundError as error:
        raise BadSettings(
            f"there is no ledger key at {path}: make one with `picturedesk ledger key new {path}`, or restore it"
        ) from error
    except (OSError, ValueError) as error:
        raise Unavailable(f"the ledger key {path} cannot be read: {error}") from error
    if mode & 0o007:
        raise BadSettings(f"everybody may read the ledger key {path}: chmod 600 {path}")
    return _read(text, path)


def write_keys(path: Path, keys: LedgerKeys, *, replace: bool = False) -> None:
    """Write the file with mode 0600, whole or not at all; one that is there stays unless `replace`. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(keys.written())
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    """Whoever comes second keeps what the first one wrote."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return


def _read(text: str, path: Path) -> LedgerKeys:
    lines = [line.strip() for line in text.splitlines()]
    try:
        found = [line.removeprefix(MASTER) for line in lines if line.startswith(MASTER)]
        masters = [base64.b64decode(one, validate=True) for one in found]
        signing = [SigningKey.read(line) for line in lines if line.startswith(PRIVATE)]
        keys = LedgerKeys(signing[-1], masters[0], *masters[1:2])
    except (IndexError, ValueError) as error:
        raise BadSettings(f"{path} is no ledger key: it takes a line {MASTER}… and a line {PRIVATE}+…") from error
    if len(masters) > 2:
        raise BadSettings(
            f"there are {len(masters)} master keys in {path}, and at most two can be: restore a copy of it"
        )
    if any(len(master) != 32 for master in masters):
        raise BadSettings(f"the master key in {path} is not 32 bytes long")
    return keys
