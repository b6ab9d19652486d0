"""Captions: several, true, and without the words kept for tests."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from rag.scenes import HELD_OUT_PAIRS, KINDS, Chart, Group, Person, Scene, captions, sample_scene
from rag.scenes.vocabulary import HAIR, SKIN_TONES

HELD_OUT_WORDS = {word for kind in KINDS.values() for word in kind.held_out_synonyms}


def scenes(n: int) -> list[Scene]:
    rng = random.Random(5)
    return [sample_scene(rng, exclude_pairs=HELD_OUT_PAIRS) for _ in range(n)]


def test_every_scene_has_at_least_four_distinct_captions() -> None:
    for scene in scenes(1500):
        found = captions(scene)
        assert len(found) >= 4
        assert len(set(found)) == len(found)
        assert found == captions(scene)


def test_captions_name_colour_and_kind_of_every_group() -> None:
    for scene in scenes(1500):
        for caption in captions(scene):
            for group in scene.groups:
                kind = KINDS[group.kind]
                singular = (kind.name, *kind.synonyms)
                assert group.colour in caption
                names = [name.lower() for name in (*singular, kind.plural, *(f"{name[:-1]}ies" for name in singular))]
                assert any(name in caption.lower() for name in names), caption


def test_held_out_synonyms_never_occur() -> None:
    pattern = re.compile(rf"\b({'|'.join(re.escape(word) for word in HELD_OUT_WORDS)})(s|es)?\b", re.IGNORECASE)
    for scene in scenes(4000):
        assert not any(pattern.search(caption) for caption in captions(scene))


def test_personal_attributes_stay_out_of_captions() -> None:
    words = {*SKIN_TONES, *(part for hair in HAIR for part in hair.split()), "man", "woman", "skin", "hair"}
    for scene in scenes(3000):
        if scene.person:
            for caption in captions(scene):
                assert not words & set(re.findall(r"\w+", caption.lower()))


def test_the_canonical_caption_reads_as_a_person_would_write_it() -> None:
    scenes = {
        "A red car on a beach at sunset": Scene((Group("car", "red"),)),
        "Three orange balls on a beach at sunset": Scene((Group("ball", "orange", 3),)),
        "An orange cat under a blue table on a beach at sunset": Scene(
            (Group("cat", "orange"), Group("table", "blue")), "under"
        ),
        "A person wearing a red dress on a beach at sunset": Scene(
            person=Person(None, "dress", "red", "tan", "grey", "feminine")
        ),
        "A blue bar chart of sales, rising from left to right": Scene(
            chart=Chart("bar", "blue", "SALES", "rising", (10, 20, 30, 40, 50, 60))
        ),
    }
    for caption, scene in scenes.items():
        assert captions(replace(scene, setting="beach", time_of_day="sunset"))[0] == caption
