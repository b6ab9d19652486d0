"""Parts of events, encrypted so that only all of their subjects' keys together open them.

    content key  = SHA-256("picturedesk part key v1" ‖ key of each subject, in the order that they are named)
    commitment   = SHA-256(salt (16 bytes) ‖ content)
    sealed part  = nonce (12) ‖ AES-256-GCM(content key, nonce, salt ‖ content, additional data: commitment)

Destroying one subject's key destroys content and salt of every part about it: nobody can guess the content
from the commitment any more, and the commitment stays. An event's sealed parts, one after the other:

    count of subjects (1 byte) ‖ their numbers (8 each) ‖ commitment (32) ‖ length (4) ‖ sealed part
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rag.audit.verifier import content_hash

LABEL = b"picturedesk part key v1"
KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """One part as it is stored.

    Attributes:
        subjects: their numbers, the period first.
        commitment: 32 bytes.
    """

    subjects: tuple[int, ...]
    commitment: bytes
    box: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What a part says, and the salt that binds it to its commitment."""

    salt: bytes
    content: str


def seal(content: str, keys: Sequence[tuple[int, bytes]], *, salt: bytes = b"") -> Sealed:
    """Args:
    keys: number and key of each subject.
    salt: of an event that has one already.
    """
    random, plain = secrets.token_bytes(NONCE_BYTES + SALT_BYTES), content.encode()
    nonce, salt = random[:NONCE_BYTES], salt or random[NONCE_BYTES:]
    commitment = content_hash(salt, plain)
    box = nonce + AESGCM(_key([key for _, key in keys])).encrypt(nonce, salt + plain, commitment)
    return Sealed(tuple([number for number, _ in keys]), commitment, box)


def unseal(part: Sealed, keys: Mapping[int, bytes]) -> Opened | None:
    """None where the key of one of its subjects is gone.

    Raises:
        ValueError: it was changed.
    """
    try:
        key, box = _key([keys[number] for number in part.subjects]), part.box
    except KeyError:
        return None
    try:
        plain = AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], part.commitment)
    except InvalidTag as error:
        raise ValueError("a sealed part does not open with its keys") from error
    return Opened(plain[:SALT_BYTES], plain[SALT_BYTES:].decode())


def packed(parts: Sequence[Sealed]) -> bytes:
    return b"".join(
        struct.pack(f">B{len(part.subjects)}Q32sI", len(part.subjects), *part.subjects, part.commitment, len(part.box))
        + part.box
        for part in parts
    )


def unpacked(data: bytes) -> list[Sealed]:
    """Raises ValueError: nothing that `packed` wrote."""
    parts, at = [], 0
    try:
        while at < len(data):
            head = _head(data[at])
            *subjects, commitment, length = head.unpack_from(data, at + 1)
            start = at + 1 + head.size
            at = start + length
            parts.append(Sealed(tuple(subjects), commitment, data[start:at]))
    except struct.error as error:
        raise ValueError("the sealed parts are torn") from error
    if at != len(data):
        raise ValueError("the sealed parts are torn")
    return parts


@cache
def _head(subjects: int) -> struct.Struct:
    """Of one part: numbers of its subjects, commitment, length. `subjects` is one byte."""
    return struct.Struct(f">{subjects}Q32sI")


def _key(keys: Sequence[bytes]) -> bytes:
    return sha256(LABEL + b"".join(keys)).digest()
