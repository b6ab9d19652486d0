"""Pixels: the same scene gives the same picture, and each word shows."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pytest

from rag.scenes import COLOURS, KINDS, OCCUPATIONS, SETTINGS, Chart, Group, Person, Scene, Sign, draw, sample_scene
from rag.scenes.layout import layout
from rag.scenes.vocabulary import INDOOR_TIMES, OUTDOOR_TIMES

SIZE = 64


def one(kind: str = "ball", colour: str = "red", setting: str = "meadow", time: str = "noon") -> Scene:
    return Scene((Group(kind, colour),), setting=setting, time_of_day=time, seed=11)


def assert_all_differ(scenes: Iterable[Scene]) -> None:
    pictures = [np.asarray(draw(scene, SIZE), dtype=np.int16) for scene in scenes]
    for i, a in enumerate(pictures):
        for b in pictures[:i]:
            assert np.abs(a - b).mean() > 1.0


def test_drawing_is_deterministic_and_as_large_as_asked() -> None:
    rng = random.Random(8)
    for size in (48, 128, 224):
        scene = sample_scene(rng)
        picture = draw(scene, size)
        assert picture.mode == "RGB"
        assert picture.size == (size, size)
        assert picture.tobytes() == draw(scene, size).tobytes()


def test_every_kind_differs_from_every_other() -> None:
    assert_all_differ(one(kind) for kind in KINDS)


def test_every_colour_differs_from_every_other() -> None:
    assert_all_differ(one(colour=colour) for colour in COLOURS)


def test_every_setting_and_time_differs_from_every_other() -> None:
    times = {name: INDOOR_TIMES if place.indoor else OUTDOOR_TIMES for name, place in SETTINGS.items()}
    assert_all_differ(one(setting=name, time=time) for name in SETTINGS for time in times[name])


def test_every_occupation_differs_from_every_other() -> None:
    people = [Person(name, None, None, "tan", "short dark", "masculine") for name in OCCUPATIONS]
    assert_all_differ(Scene(person=person, setting="park", time_of_day="noon", seed=1) for person in people)


def test_charts_and_signs_differ_by_what_they_say() -> None:
    up, down = (10, 25, 40, 55, 70, 85), (85, 70, 55, 40, 25, 10)
    assert_all_differ(
        [
            Scene(chart=Chart("bar", "red", "SALES", "rising", up)),
            Scene(chart=Chart("bar", "red", "SALES", "falling", down)),
            Scene(chart=Chart("line", "red", "SALES", "rising", up)),
            Scene(chart=Chart("pie", "red", "SALES", None, (50, 30, 20))),
            Scene(sign=Sign("OPEN", "blue"), setting="beach", time_of_day="noon"),
            Scene(sign=Sign("STOP", "blue"), setting="beach", time_of_day="noon"),
        ]
    )


@pytest.mark.parametrize("setting", ["snowy mountain", "meadow", "bedroom"])
@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_the_colour_dominates_inside_the_box(colour: str, setting: str) -> None:
    scene = one("gift", colour, setting, "day" if setting == "bedroom" else "noon")
    box = layout(scene)[0].box
    pixels = np.asarray(draw(scene, 96), dtype=np.float64)  # (96, 96, 3)
    low, high = box.top + 0.5 * box.height, box.bottom
    inside = pixels[round(low * 96) : round(high * 96), round(box.left * 96) : round(box.right * 96)]
    palette = np.array(list(COLOURS.values()), dtype=np.float64)  # (10, 3)
    nearest = np.linalg.norm(inside[:, :, None, :] - palette, axis=-1).argmin(axis=-1)
    assert list(COLOURS)[np.bincount(nearest.ravel(), minlength=10).argmax()] == colour
