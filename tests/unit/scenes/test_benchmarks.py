"""The probes: deterministic, and about what their names say."""

from __future__ import annotations

from rag.scenes import HELD_OUT_PAIRS, KINDS, captions
from rag.scenes.benchmarks import (
    binding_cases,
    held_out_pair_scenes,
    held_out_word_queries,
    retrieval_scenes,
    single_object_scenes,
)


def test_probes_are_deterministic_in_their_seed() -> None:
    assert held_out_pair_scenes(1) == held_out_pair_scenes(1) != held_out_pair_scenes(2)
    assert held_out_word_queries(1) == held_out_word_queries(1)
    assert binding_cases(20, 1) == binding_cases(20, 1)
    assert single_object_scenes(60, 1) == single_object_scenes(60, 1)


def test_held_out_pairs_are_each_shown_once() -> None:
    shown = [pair for scene in held_out_pair_scenes(3) for pair in scene.pairs]
    assert sorted(shown) == sorted(HELD_OUT_PAIRS)


def test_held_out_word_queries_use_the_words() -> None:
    queries = held_out_word_queries(4)
    assert len(queries) >= 15
    for text, scene in queries:
        assert any(word in text for word in KINDS[scene.groups[0].kind].held_out_synonyms)


def test_binding_captions_differ_only_in_who_has_which_colour() -> None:
    for scene, right, swapped in binding_cases(100, 5):
        assert right == captions(scene)[0]
        assert right != swapped
        assert sorted(right.lower().replace("an ", "a ").split()) == sorted(
            swapped.lower().replace("an ", "a ").split()
        )


def test_single_object_scenes_take_the_kinds_in_turn() -> None:
    found = single_object_scenes(len(KINDS) * 2, 6)
    assert [kind for _, kind in found] == list(KINDS) * 2
    assert all(scene.groups[0].kind == kind and scene.groups[0].count == 1 for scene, kind in found)


def test_retrieval_scenes_have_different_keys() -> None:
    assert len({scene.key for scene in retrieval_scenes(300, 7)}) == 300
