"""Boxes: inside the picture, and true to counts and relations."""

from __future__ import annotations

import random

import pytest

from rag.scenes import KINDS, Placed, Scene, layout, sample_scene
from rag.scenes.sampling import sample_relation


def relation_scenes(relation: str, n: int = 150) -> list[Scene]:
    rng = random.Random(3)
    return [sample_relation(rng, relation=relation) for _ in range(n)]


def split(scene: Scene) -> tuple[list[Placed], list[Placed]]:
    placed = layout(scene)
    return [thing for thing in placed if thing.group == 0], [thing for thing in placed if thing.group == 1]


def test_boxes_lie_inside_the_picture_and_match_the_counts() -> None:
    rng = random.Random(2)
    for _ in range(1500):
        scene = sample_scene(rng)
        placed = layout(scene)
        assert placed == layout(scene)
        for thing in placed:
            assert 0 <= thing.box.left < thing.box.right <= 1, scene
            assert 0 <= thing.box.top < thing.box.bottom <= 1, scene
        for index, group in enumerate(scene.groups):
            assert sum(thing.group == index for thing in placed) == group.count


def test_a_single_object_is_large() -> None:
    rng = random.Random(4)
    for scene in (sample_scene(rng) for _ in range(800)):
        if len(scene.groups) == 1 and scene.groups[0].count == 1:
            (thing,) = layout(scene)
            assert max(thing.box.width, thing.box.height) >= 0.45


def test_left_of_means_entirely_left() -> None:
    for scene in relation_scenes("left of"):
        first, second = split(scene)
        assert max(thing.box.right for thing in first) < min(thing.box.left for thing in second)


def test_next_to_means_side_by_side_and_close() -> None:
    for scene in relation_scenes("next to"):
        (first,), (second,) = split(scene)
        left, right = sorted((first.box, second.box), key=lambda box: box.left)
        assert 0 < right.left - left.right < 0.1
        assert first.box.bottom == pytest.approx(second.box.bottom, abs=0.13)


def test_on_means_standing_on_the_surface() -> None:
    for scene in relation_scenes("on"):
        (upper,), (lower,) = split(scene)
        surface = lower.box.top + (KINDS[lower.name].top or 0.0) * lower.box.height
        assert upper.box.bottom == pytest.approx(surface)
        assert lower.box.left < upper.box.centre < lower.box.right


def test_under_means_below_the_underside_and_within_its_width() -> None:
    for scene in relation_scenes("under"):
        lower, (upper,) = split(scene)
        underside = upper.box.top + (KINDS[upper.name].underside or 0.0) * upper.box.height
        for thing in lower:
            assert thing.box.top > underside
            assert upper.box.left <= thing.box.left < thing.box.right <= upper.box.right
