"""Suites: the same seed asks the same, and what counts as right is right."""

from __future__ import annotations

import json
import random
from importlib.resources import files

import pytest

from rag.errors import BadQuery
from rag.evaluation.suites import SUITES, chosen_suites, material
from rag.evaluation.suites.material import Suite, fresh_scenes, trained_keys
from rag.evaluation.suites.truth import answered_by
from rag.scenes import HELD_OUT_PAIRS, Group, Scene, captions

SIZE = 32


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_the_same_seed_asks_the_same_of_the_same_pictures(suite: Suite) -> None:
    one, again, other = suite.material(SIZE, 1), suite.material(SIZE, 1), suite.material(SIZE, 2)
    questions = [asked for variant in one.values() for asked in variant.asked]
    assert questions == [asked for variant in again.values() for asked in variant.asked]
    assert [shown.scene for variant in one.values() for shown in variant.shown] != [
        shown.scene for variant in other.values() for shown in variant.shown
    ]
    assert questions


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_right_pictures_are_among_the_pictures(suite: Suite) -> None:
    for variant in suite.material(SIZE, 1).values():
        places = set(range(len(variant.shown)))
        assert all(asked.right <= places for asked in variant.asked)
        assert any(asked.right for asked in variant.asked)
        if suite.name != "unanswerable":
            assert all(asked.right for asked in variant.asked)


def test_no_suite_of_the_ordinary_mix_shows_what_the_demo_encoder_was_trained_on() -> None:
    scenes = [shown.scene for shown in SUITES["paraphrase"].material(SIZE, 1)[""].shown]
    assert not {scene.key for scene in scenes} & trained_keys()
    assert not {pair for scene in scenes for pair in scene.pairs} & HELD_OUT_PAIRS


def test_what_was_trained_on_is_as_the_encoder_s_own_record_says() -> None:
    run = json.loads(files("rag.encoding.demo").joinpath("run.json").read_text(encoding="utf-8"))
    assert (run["scenes"], run["seed"]) == (material.TRAINED_SCENES, material.TRAINED_SEED)


def test_no_question_of_a_paraphrase_stands_on_a_picture() -> None:
    made = SUITES["paraphrase"].material(SIZE, 1)[""]
    written = {caption for shown in made.shown for caption in shown.captions}
    assert not written & {asked.text for asked in made.asked}


def test_twins_differ_only_in_what_the_suite_is_about() -> None:
    made = SUITES["colour-binding"].material(SIZE, 1)[""]
    half = len(made.shown) // 2
    for one, twin in zip(made.shown[:half], made.shown[half:], strict=True):
        assert one.scene.pairs != twin.scene.pairs
        assert {colour for colour, _ in one.scene.pairs} == {colour for colour, _ in twin.scene.pairs}
        assert (one.scene.setting, one.scene.seed) == (twin.scene.setting, twin.scene.seed)


def test_captions_of_the_counts_do_not_say_how_many() -> None:
    made = SUITES["counts"].material(SIZE, 1)[""]
    words = {word for shown in made.shown for word in shown.captions[0].lower().split()}
    assert not words & {"two", "three", "four", "five", "group"}


def test_people_are_shown_equally_often() -> None:
    people = [shown.scene.person for shown in SUITES["fairness"].material(SIZE, 1)[""].shown]
    for attribute in ("skin", "presentation"):
        counted: dict[object, int] = {}
        for person in people:
            key = (person and person.occupation, getattr(person, attribute))
            counted[key] = counted.get(key, 0) + 1
        assert len(set(counted.values())) == 1


def test_a_text_is_true_of_scenes_that_show_more_but_not_of_others() -> None:
    car = Scene((Group("car", "red"),), setting="park", time_of_day="noon")
    both = Scene((Group("car", "red"), Group("dog", "blue")), setting="park", time_of_day="noon")
    night = Scene((Group("car", "red"),), setting="park", time_of_day="night")
    blue = Scene((Group("car", "blue"),), setting="park", time_of_day="noon")
    scenes = [car, both, night, blue]
    assert answered_by(captions(car)[0], car, scenes) == {0, 1}
    assert answered_by("A red car", car, scenes) == {0, 1, 2}


def test_how_things_stand_to_each_other_counts() -> None:
    cup, table = Group("cup", "red"), Group("table", "blue")
    on = Scene((cup, table), "on", setting="kitchen", time_of_day="day")
    under = Scene((cup, table), "under", setting="kitchen", time_of_day="day")
    assert answered_by(captions(on)[0], on, [on, under]) == {0}


def test_an_unknown_suite_is_refused_with_those_there_are() -> None:
    assert [suite.name for suite in chosen_suites(["counts", "mixed"])] == ["mixed", "counts"]
    assert len(chosen_suites([])) == len(SUITES) == 13
    with pytest.raises(BadQuery, match="there is no suite 'colours'; there are: paraphrase"):
        chosen_suites(["colours"])


def test_more_scenes_than_there_are_is_said_in_one_line() -> None:
    red_car = Scene((Group("car", "red"),), setting="park", time_of_day="noon")
    with pytest.raises(BadQuery, match="the size is too large: of 2 scenes only 1 differ"):
        fresh_scenes(2, random.Random(0), lambda rng: red_car)
