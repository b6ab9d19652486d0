"""Random scenes: the mix, the pairs that are kept out, and what a scene says of itself."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from rag.scenes import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS, Group, Scene, sample_scene
from rag.scenes.vocabulary import HAIR, PRESENTATIONS, SKIN_TONES


def scenes(n: int, seed: int = 0) -> list[Scene]:
    rng = random.Random(seed)
    return [sample_scene(rng, exclude_pairs=HELD_OUT_PAIRS) for _ in range(n)]


def test_the_same_seed_gives_the_same_scenes() -> None:
    assert scenes(50) == scenes(50)
    assert scenes(50) != scenes(50, seed=1)


def test_excluded_pairs_never_occur_not_even_as_clothes() -> None:
    assert all(not scene.pairs & HELD_OUT_PAIRS for scene in scenes(4000))


@pytest.mark.parametrize("pair", sorted(HELD_OUT_PAIRS))
def test_a_required_pair_is_in_the_first_group(pair: tuple[str, str]) -> None:
    rng = random.Random(1)
    for _ in range(15):
        first = sample_scene(rng, exclude_pairs=HELD_OUT_PAIRS, require_pair=pair).groups[0]
        assert (first.colour, first.kind) == pair


def test_the_mix_is_as_promised_and_reaches_every_word() -> None:
    found = scenes(4000)
    people = [scene.person for scene in found if scene.person]
    share = {
        "relation": sum(scene.relation is not None for scene in found) / len(found),
        "person": len(people) / len(found),
        "chart": sum(scene.chart is not None for scene in found) / len(found),
        "sign": sum(scene.sign is not None for scene in found) / len(found),
    }
    assert share == pytest.approx({"relation": 0.2, "person": 0.1, "chart": 0.05, "sign": 0.03}, abs=0.02)
    assert {group.kind for scene in found for group in scene.groups} == set(KINDS)
    assert {group.colour for scene in found for group in scene.groups} == set(COLOURS)
    assert {scene.setting for scene in found if scene.setting} == set(SETTINGS)
    assert {person.occupation for person in people if person.occupation} == set(OCCUPATIONS)


def test_personal_attributes_are_balanced_within_occupations() -> None:
    people = [scene.person for scene in scenes(12_000) if scene.person and scene.person.occupation]
    for values, attribute in ((SKIN_TONES, "skin"), (HAIR, "hair"), (PRESENTATIONS, "presentation")):
        for value in values:
            share = sum(getattr(person, attribute) == value for person in people) / len(people)
            assert share == pytest.approx(1 / len(values), abs=0.06)


def test_the_key_knows_content_but_not_seed_or_personal_attributes() -> None:
    for scene in scenes(300):
        assert replace(scene, seed=scene.seed + 1).key == scene.key
        if scene.person:
            other = replace(scene.person, skin="dark" if scene.person.skin == "light" else "light")
            assert replace(scene, person=other).key == scene.key
    red, blue = (Scene((Group("car", colour),), setting="beach", time_of_day="noon") for colour in ("red", "blue"))
    assert red.key != blue.key


def test_tags_and_json() -> None:
    scene = Scene((Group("car", "red"),), setting="beach", time_of_day="sunset", seed=7)
    assert scene.tags == ("car", "red", "beach", "sunset", "vehicle")
    for scene in scenes(200):
        assert json.loads(json.dumps(scene.as_dict()))["seed"] == scene.seed
