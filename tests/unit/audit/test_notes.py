"""Signatures, keys and checkpoints: what we sign others can check, and what they refuse we refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.audit.keys import LedgerKeys, open_keys, write_keys
from rag.audit.notes import SigningKey, checkpoint_text, signer_of
from rag.audit.verifier import Checkpoint, Note, VerifierKey, Wrong, ed25519_holds, notes_of
from rag.errors import BadSettings

# From golang.org/x/mod/sumdb/note and its documentation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# RFC 8032, section 7.1, test 3.
RFC_KEY = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
RFC_SIGNATURE = bytes.fromhex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def test_a_note_signed_by_another_program_is_read_and_believed() -> None:
    key = VerifierKey.read(GO_KEY)
    note = Note.read(GO_NOTE)
    assert note.signer([key]) == signer_of(note, [key]) == key
    assert str(key) == GO_KEY


def test_the_signature_of_the_standard_holds_and_for_nothing_else() -> None:
    assert ed25519_holds(RFC_KEY, b"\xaf\x82", RFC_SIGNATURE)
    assert not ed25519_holds(RFC_KEY, b"\xaf\x83", RFC_SIGNATURE)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 64 * 8), st.integers(0, 32 * 8))
def test_the_verifier_without_packages_agrees_with_the_one_with(message: bytes, flipped: int, in_key: int) -> None:
    signing = SigningKey.new("desk")
    note = Note.read(signing.sign(message.hex() + "\n"))
    (_, _, signature), public = note.signatures[0], signing.public.public
    signature, public = _flipped(signature, flipped), _flipped(public, in_key)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, note.text.encode())
        holds = True
    except (InvalidSignature, ValueError):
        holds = False
    assert ed25519_holds(public, note.text.encode(), signature) == holds


def _flipped(data: bytes, bit: int) -> bytes:
    """With one bit changed; none where it is beyond the end."""
    return bytes(byte ^ (1 << bit % 8 if bit // 8 == at else 0) for at, byte in enumerate(data))


def test_a_checkpoint_reads_back_and_names_its_signer() -> None:
    signing = SigningKey.new("desk.example/ledger")
    checkpoint = Checkpoint("desk.example/ledger", 42, bytes(range(32)))
    note = Note.read(signing.sign(checkpoint_text(checkpoint)))
    assert Checkpoint.read(note.text) == checkpoint
    assert note.signer([SigningKey.new("desk.example/ledger").public, signing.public]) == signing.public


def test_checkpoints_that_were_appended_to_a_file_are_told_apart() -> None:
    signing = SigningKey.new("desk")
    notes = [signing.sign(checkpoint_text(Checkpoint("desk", size, bytes(32)))) for size in (1, 20, 300)]
    assert list(notes_of("".join(note + "\n" for note in notes))) == notes
    assert list(notes_of("".join(notes))) == notes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk\n42\n",
        "desk\n042\nAAAA\n",
        "desk\n-1\n" + "A" * 43 + "=\n",
        "\n42\n" + "A" * 43 + "=\n",
        "a\n1\nnope\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        Checkpoint.read(text)


@pytest.mark.parametrize("text", ["", "text\n", "text\n\nno signature\n", "text\n\n— desk not/base64!\n"])
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        Note.read(text)


def test_a_key_with_another_hash_is_refused() -> None:
    with pytest.raises(Wrong, match="hash"):
        VerifierKey.read(GO_KEY.replace("c74f20a3", "c74f20a4"))


def test_a_false_signature_is_named_and_an_unknown_signer_too() -> None:
    signing, other = SigningKey.new("desk"), SigningKey.new("desk")
    note = Note.read(signing.sign("text\n").replace("text", "test"))
    for check in (note.signer, lambda keys: signer_of(note, keys)):
        with pytest.raises(Wrong, match="false"):
            check([signing.public])
        with pytest.raises(Wrong, match="none of the keys known"):
            check([other.public])


# The key file


def test_keys_are_made_once_for_their_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.key"
    made = open_keys(path, make=True)
    assert open_keys(path, make=True) == open_keys(path, make=False) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert repr(made).count("seed") == repr(made).count("master") == 0
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_key_is_not_replaced_by_another_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="restore it"):
        open_keys(tmp_path / "ledger.key", make=False)


def test_a_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    open_keys(path, make=True)
    path.chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        open_keys(path, make=False)


@pytest.mark.parametrize("text", ["", "MASTER+KEY+AAAA\n", "PRIVATE+KEY+a+b+c\n", "MASTER+KEY+!\nPRIVATE+KEY+a+b+c\n"])
def test_a_file_that_holds_no_keys_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ledger.key"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings, match="no ledger key"):
        open_keys(path, make=False)


def test_writing_keys_overwrites_none_unless_told_to(tmp_path: Path) -> None:
    path, first, second = tmp_path / "ledger.key", LedgerKeys.new("desk"), LedgerKeys.new("desk")
    write_keys(path, first)
    write_keys(path, second)
    assert open_keys(path, make=False) == first
    write_keys(path, second, replace=True)
    assert open_keys(path, make=False) == second
