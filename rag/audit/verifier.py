"""Check an exported bundle of the ledger. One file, Python alone: no service, no package, no network.

    python verifier.py bundle.zip [--checkpoint FILE] [--key VKEY]

It names the first thing that does not hold, and exits with 1; otherwise with 0. What each step proves:

1. Every file of the bundle is as it was signed                (`manifest`, a signed note)
2. The checkpoint was signed by the ledger's key               (C2SP signed note, Ed25519 by RFC 8032)
3. Each event stands in the tree that the checkpoint names     (inclusion proof, RFC 9162, section 2.1.3.2)
4. Each event follows the one before it, none is left out      (hash chain; in a bundle of a whole range)
5. What an event says is what it committed to when written     (SHA-256 over salt and content)
6. That tree continues the one of your own checkpoint          (consistency proof, RFC 9162, section 2.1.4.2)

Step 6 needs a checkpoint that you kept: only it shows a log that was cut off or written anew. Without `--key`,
steps 1 and 2 trust the bundle's own key: compare it with one you had before. What was erased is counted.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ED25519 = b"\x01"
CONTENT_LABEL = b"picturedesk event v2\n"


class Wrong(ValueError):
    """Something does not hold; the message names it."""


# The Merkle tree


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raises Wrong unless `proof` shows the leaf hash `leaf` at `index` in the tree of `size` leaves with `root`."""
    if not 0 <= index < size or len(leaf) != 32:
        raise Wrong(f"there is no such leaf {index} in a tree of {size}")
    found = leaf
    for is_left, sibling in _climb(index, size - 1, proof):
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
    if found != root:
        raise Wrong("the inclusion proof leads to another root")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises Wrong unless `proof` shows that the tree of `new` leaves begins with the `old` leaves of the other."""
    if not 0 < old <= new:
        raise Wrong(f"a tree of {new} leaves cannot be shown to continue one of {old}")
    if old == new and not proof and old_root == new_root:
        return
    if old == new or not proof:
        raise Wrong("two trees of one size have different roots" if old == new else "the consistency proof is empty")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for is_left, sibling in _climb(at, last, path[1:]):
        first = node_hash(sibling, first) if is_left else first
        second = node_hash(sibling, second) if is_left else node_hash(second, sibling)
    if (first, second) != (old_root, new_root):
        raise Wrong("the consistency proof leads to other roots: one of the two histories was written anew")


def _climb(at: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The hashes of a proof, each with whether it stands to the left, on the way from node `at` of 0 to `last` up."""
    for sibling in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        is_left = bool(at & 1) or at == last
        yield is_left, sibling
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Wrong("the proof is too short")


# Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)


@dataclass(frozen=True)
class VerifierKey:
    """`name+hash+key`, as `picturedesk ledger key show` prints it."""

    name: str
    public: bytes

    @classmethod
    def read(cls, text: str) -> VerifierKey:
        name, _, rest = text.strip().partition("+")
        said, _, encoded = rest.partition("+")
        key = _unbase64(encoded, "the key")
        if not name or len(key) != 33 or key[:1] != ED25519:
            raise Wrong(f"{text.strip()[:80]!r} is no Ed25519 verifier key: NAME+HASH+KEY")
        found = cls(name, key[1:])
        if found.hash.hex() != said:
            raise Wrong(f"the key of {name} does not have the hash that stands beside it")
        return found

    @property
    def hash(self) -> bytes:
        """The four bytes that signatures name their key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True)
class Note:
    """A text and its signatures: (name, key hash, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, note: str) -> Note:
        text, blank, signed = note.rpartition("\n\n")
        if not blank:
            raise Wrong("this is no signed note: there are no signatures after an empty line")
        lines = [re.fullmatch(r"— (\S+) (\S+)", line) for line in signed.splitlines()]
        signatures = [(line[1], _unbase64(line[2], "a signature")) for line in lines if line]
        if not signatures or len(signatures) != len(lines):
            raise Wrong("this is no signed note: one of its signature lines cannot be read")
        return cls(text + "\n", tuple((name, value[:4], value[4:]) for name, value in signatures))

    def signer(self, keys: Iterable[VerifierKey]) -> VerifierKey:
        """The first of `keys` that signed it. Raises Wrong when none did, or a signature is false."""
        for key in keys:
            for name, key_hash, signature in self.signatures:
                if (name, key_hash) == (key.name, key.hash):
                    if not ed25519_holds(key.public, self.text.encode(), signature):
                        raise Wrong(f"the signature of {name} is false")
                    return key
        raise Wrong(f"none of the keys known signed this: it names {', '.join(name for name, *_ in self.signatures)}")


@dataclass(frozen=True)
class Checkpoint:
    """The tree at one moment."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        origin, size, root, *_ = [*text.splitlines(), "", "", ""]
        digest = _unbase64(root, "the root")
        if not origin or not re.fullmatch("0|[1-9][0-9]{0,18}", size) or len(digest) != 32:
            raise Wrong("this is no checkpoint: its first lines are not origin, size and root")
        return cls(origin, int(size), digest)


def notes_of(text: str) -> Iterator[str]:
    """The signed notes in a file that checkpoints were appended to, one after the other."""
    for note in re.finditer(r"(?:(?!— )[^\n]+\n)+\n(?:— [^\n]+\n)+", text if text.endswith("\n") else text + "\n"):
        yield note[0]


def _unbase64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"{what} is no base64") from error


# Ed25519 (RFC 8032, section 5.1.7; points as in section 5.1.4). Only to check: nothing secret passes through here.

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    key, nonce = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or nonce is None or scalar >= _ORDER:
        return False
    digest = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _ORDER
    left, right = _times(scalar, _BASE), _sum(nonce, _times(digest, key))
    return all((left[i] * right[2] - right[i] * left[2]) % _P == 0 for i in (0, 1))


def _point(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    y, odd = number & ((1 << 255) - 1), number >> 255
    if len(encoded) != 32 or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    x = _P - x if x & 1 != odd else x
    return x, y, 1, x * y % _P


def _sum(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % _P, (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        total = _sum(total, point) if scalar & 1 else total
        point, scalar = _sum(point, point), scalar >> 1
    return total


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


# Events


def content_hash(salt: bytes, content: bytes) -> bytes:
    """What a part of an event commits to: SHA-256 over 16 random bytes, then the part as canonical JSON."""
    return hashlib.sha256(salt + content).digest()


def event_commitment(version: int, parts: Sequence[bytes]) -> bytes:
    """The commitment of an event's leaf, from those of its parts. Version 1 had one part."""
    return parts[0] if version == 1 else hashlib.sha256(CONTENT_LABEL + b"".join(parts)).digest()


def check_event(said: Mapping[str, Any], checkpoint: Checkpoint) -> tuple[bytes, str, int]:
    """One line of `events.jsonl`: its leaf hash, that of the event before, and how many of its parts were erased."""
    index, leaf_text = said["index"], str(said["leaf"])
    leaf, digest = json.loads(leaf_text), leaf_hash(leaf_text.encode())
    if leaf["seq"] != index:
        raise Wrong(f"event {index}: its leaf says that it is event {leaf['seq']}")
    try:
        check_inclusion(
            index, checkpoint.size, digest, [_unbase64(one, "a hash") for one in said["proof"]], checkpoint.root
        )
    except Wrong as error:
        raise Wrong(f"event {index} is not in the tree of the checkpoint: {error}") from error
    commitments = [bytes.fromhex(part["commitment"]) for part in said["parts"]]
    if event_commitment(leaf["v"], commitments).hex() != leaf["commitment"]:
        raise Wrong(f"event {index} was changed: its parts are not what it committed to")
    kept = [part for part in said["parts"] if "content" in part]
    for part in kept:
        if content_hash(bytes.fromhex(part["salt"]), part["content"].encode()).hex() != part["commitment"]:
            raise Wrong(f"event {index} was changed: what it says is not what it committed to")
    return digest, leaf["previous"], len(commitments) - len(kept)


def check_events(lines: Iterable[str], checkpoint: Checkpoint, *, whole: bool) -> tuple[int, int]:
    """How many events there are, and how many parts were erased.

    Raises:
        Wrong: names the first event that is not as it was written, or not where it belongs.
    """
    count, gone, last, last_hash = 0, 0, -1, b""
    for said in map(json.loads, lines):
        index, (digest, previous, erased) = int(said["index"]), check_event(said, checkpoint)
        if index <= last:
            raise Wrong(f"event {index} stands after event {last}: events changed places")
        if count and whole and index != last + 1:
            raise Wrong(f"event {last + 1} is missing: the next one is event {index}")
        if count and index == last + 1 and previous != last_hash.hex():
            raise Wrong(f"event {index} does not follow the event before it: that one was replaced")
        count, gone, last, last_hash = count + 1, gone + erased, index, digest
    return count, gone


# Bundles


@dataclass(frozen=True)
class Report:
    """What was checked; `lines` say it to people."""

    events: int
    erased: int
    checkpoints: int
    lines: tuple[str, ...]


def check_bundle(path: Path, outside: str = "", key: str = "") -> Report:
    """Check a whole bundle.

    Args:
        outside: signed checkpoints that were kept elsewhere.
        key: a verifier key that is trusted; empty: the bundle's own.

    Raises:
        Wrong: the first thing that does not hold.
    """
    with zipfile.ZipFile(path) as bundle:
        own = [VerifierKey.read(line) for line in _text(bundle, "keys").splitlines() if line]
        keys = [VerifierKey.read(key)] if key else own
        manifest, note = _check_manifest(bundle, keys).splitlines(), Note.read(_text(bundle, "checkpoint"))
        signer, checkpoint = note.signer(keys), Checkpoint.read(note.text)
        with bundle.open("events.jsonl") as lines:
            count, erased = check_events((line.decode() for line in lines), checkpoint, whole="whole" in manifest)
        continued = [_check_outside(bundle, Note.read(one), checkpoint, [*keys, *own]) for one in notes_of(outside)]
    if outside and not continued:
        raise Wrong("there is no signed checkpoint in the file given")
    signed = f"The checkpoint of {checkpoint.size} events is signed by {signer}."
    found = f"{count} events are in its tree, as they were written; {erased} parts of them were erased."
    return Report(count, erased, 1 + len(continued), (signed, found, *continued))


def _check_manifest(bundle: zipfile.ZipFile, keys: Sequence[VerifierKey]) -> str:
    """Lines `HASH  NAME`, and the word `whole` where no event of the range is left out."""
    note = Note.read(_text(bundle, "manifest"))
    note.signer(keys)
    listed = dict(re.findall(r"^([0-9a-f]{64})  (.+)$", note.text, re.MULTILINE))
    hashes = {name: digest for digest, name in listed.items()}
    for name in sorted({*bundle.namelist(), *hashes} - {"manifest"}):
        if name not in hashes:
            raise Wrong(f"{name} was put into the bundle: the manifest does not name it")
        if name not in bundle.namelist():
            raise Wrong(f"{name} was taken out of the bundle")
        with bundle.open(name) as file:
            if hashlib.sha256(file.read()).hexdigest() != hashes[name]:
                raise Wrong(f"{name} was changed since the bundle was signed")
    return note.text


def _check_outside(bundle: zipfile.ZipFile, note: Note, checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> str:
    note.signer(keys)
    kept = Checkpoint.read(note.text)
    if kept.origin != checkpoint.origin:
        raise Wrong(f"your checkpoint is of another ledger: {kept.origin}, not {checkpoint.origin}")
    if kept.size > checkpoint.size:
        raise Wrong(
            f"your checkpoint has {kept.size} events, the bundle's {checkpoint.size}: the end was cut off, an old "
            "backup was restored, or the bundle is older"
        )
    if kept.size:
        proof = _consistency(bundle, kept.size, checkpoint)
        check_consistency(kept.size, checkpoint.size, kept.root, checkpoint.root, proof)
    return f"Its tree continues your checkpoint of {kept.size} events."


def _consistency(bundle: zipfile.ZipFile, size: int, checkpoint: Checkpoint) -> list[bytes]:
    if size == checkpoint.size:
        return []
    for line in _text(bundle, "consistency.jsonl").splitlines():
        said = json.loads(line)
        if said["from"] == size:
            return [_unbase64(one, "a hash") for one in said["proof"]]
    raise Wrong(f"the bundle has no proof from your checkpoint of {size} events: have it exported with that checkpoint")


def _text(bundle: zipfile.ZipFile, name: str) -> str:
    try:
        return bundle.read(name).decode()
    except KeyError as error:
        raise Wrong(f"the bundle has no file {name}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an exported bundle of Picture Desk's ledger.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="signed checkpoints that you kept")
    parser.add_argument("--key", default="", help="the verifier key that you trust")
    given = parser.parse_args(arguments)
    try:
        outside = given.checkpoint.read_text(encoding="utf-8") if given.checkpoint else ""
        report = check_bundle(given.bundle, outside, given.key)
    except Wrong as error:
        sys.stderr.write(f"DOES NOT HOLD: {error}\n")
        return 1
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        sys.stderr.write(f"DOES NOT HOLD: the bundle cannot be read: {error!r}\n")
        return 1
    sys.stdout.write("\n".join([*report.lines, "HOLDS"]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
