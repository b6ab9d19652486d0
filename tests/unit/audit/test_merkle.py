"""Roots and proofs are those of RFC 6962; every false proof is refused."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.audit.merkle import Growing, consistency, inclusion, root
from rag.audit.verifier import Wrong, check_consistency, check_inclusion, leaf_hash, node_hash
from tests.unit.audit import naive_tree

HERE = Path(__file__).parent
SHARED = Path(__file__).resolve().parents[4] / "shared/conformance/rfc6962/vectors.json"
OWN = HERE / "rfc6962.json"

histories = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def nodes(leaves: list[bytes]) -> Any:
    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(leaves[index])
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_root_is_the_naive_one_however_the_tree_grows(leaves: list[bytes]) -> None:
    tree = Growing()
    for count, leaf in enumerate(leaves):
        assert tree.root() == root(nodes(leaves), count) == naive_tree.mth(leaves[:count])
        tree.add(leaf_hash(leaf))
    assert tree.root() == naive_tree.mth(leaves)


@given(histories, st.data())
def test_every_event_of_every_history_is_proven_as_the_naive_tree_proves_it(leaves: list[bytes], data: Any) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    found = inclusion(nodes(leaves), index, len(leaves))
    assert found == naive_tree.path(index, leaves)
    check_inclusion(index, len(leaves), leaf_hash(leaves[index]), found, naive_tree.mth(leaves))


@given(histories, st.data())
def test_every_history_is_shown_to_continue_every_earlier_one(leaves: list[bytes], data: Any) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    found = consistency(nodes(leaves), old, len(leaves))
    assert found == naive_tree.proof(old, leaves)
    check_consistency(old, len(leaves), naive_tree.mth(leaves[:old]), naive_tree.mth(leaves), found)


@settings(max_examples=200)
@given(histories, st.data())
def test_no_history_is_shown_to_continue_one_that_was_changed(leaves: list[bytes], data: Any) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    at = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:at], leaves[at] + b"!", *leaves[at + 1 :]]
    with pytest.raises(Wrong):
        check_consistency(
            old, len(leaves), naive_tree.mth(leaves[:old]), naive_tree.mth(forged), naive_tree.proof(old, forged)
        )


@settings(max_examples=200)
@given(histories, st.data())
def test_a_proof_with_one_bit_changed_proves_nothing(leaves: list[bytes], data: Any) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, top = naive_tree.path(index, leaves), naive_tree.mth(leaves)
    parts = [leaf_hash(leaves[index]), top, *proof]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[which] = (int.from_bytes(parts[which], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(Wrong):
        check_inclusion(index, len(leaves), parts[0], parts[2:], parts[1])


def test_what_is_not_there_has_no_proof() -> None:
    for wrong in (-1, 3):
        with pytest.raises(ValueError):
            inclusion(nodes([b"a", b"b", b"c"]), wrong, 3)
    for old, new in ((0, 3), (4, 3)):
        with pytest.raises(ValueError):
            consistency(nodes([b"a", b"b", b"c"]), old, new)


@pytest.mark.parametrize("vectors", [OWN, SHARED], ids=["own", "shared"])
def test_every_published_verdict_comes_out_as_it_says(vectors: Path) -> None:
    if not vectors.exists():
        pytest.skip(f"{vectors.name} of transparency-dev is not beside this checkout")
    said = json.loads(vectors.read_text(encoding="utf-8"))
    wrong = [case["name"] for case in said["inclusion"] if included(case) == case["wantErr"]]
    wrong += [case["name"] for case in said["consistency"] if consistent(case) == case["wantErr"]]
    assert len(said["inclusion"]) > 10
    assert len(said["consistency"]) > 10
    assert wrong == []


def included(case: dict[str, Any]) -> bool:
    leaf, top, proof = _bytes(case["leafHash"]), _bytes(case["root"]), [_bytes(one) for one in case["proof"] or []]
    try:
        check_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, top)
    except Wrong:
        return False
    return True


def consistent(case: dict[str, Any]) -> bool:
    roots, proof = (_bytes(case["root1"]), _bytes(case["root2"])), [_bytes(one) for one in case["proof"] or []]
    try:
        check_consistency(case["size1"], case["size2"], *roots, proof)
    except Wrong:
        return False
    return True


def _bytes(text: str | None) -> bytes:
    return b64decode(text or "")
