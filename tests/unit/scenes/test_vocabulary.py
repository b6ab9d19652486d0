"""The words of the drawn world."""

from __future__ import annotations

from collections import Counter

from rag.scenes import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS
from rag.scenes.drawing.registry import DRAWINGS
from rag.scenes.drawing.uniforms import UNIFORMS


def test_the_world_is_as_large_as_promised() -> None:
    assert len(KINDS) >= 44
    assert len(COLOURS) == 10
    assert len(SETTINGS) >= 10
    assert len(OCCUPATIONS) >= 12


def test_everything_that_has_a_word_has_a_drawing() -> None:
    assert DRAWINGS.keys() == KINDS.keys()
    assert UNIFORMS.keys() == OCCUPATIONS.keys()


def test_names_and_synonyms_belong_to_one_kind_each() -> None:
    words = [word for kind in KINDS.values() for word in (kind.name, *kind.synonyms, *kind.held_out_synonyms)]
    assert [word for word, n in Counter(words).items() if n > 1] == []
    assert sum(bool(kind.held_out_synonyms) for kind in KINDS.values()) >= 15


def test_held_out_pairs_leave_every_colour_and_kind_plenty() -> None:
    assert 0.07 <= len(HELD_OUT_PAIRS) / (len(COLOURS) * len(KINDS)) <= 0.09
    assert max(Counter(kind for _, kind in HELD_OUT_PAIRS).values()) == 1
    per_colour = Counter(colour for colour, _ in HELD_OUT_PAIRS)
    assert per_colour.keys() == COLOURS.keys()
    assert max(per_colour.values()) <= 6
