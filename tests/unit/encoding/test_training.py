"""What training may read and what it counts as wrong; a run itself takes an hour and is not a test."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch

from rag.encoding.training.batches import batches
from rag.encoding.training.dataset import (
    DISTRACTORS,
    PARAPHRASES,
    PROMPTS,
    QUESTIONS,
    SIDE,
    Dataset,
    scenes_for_training,
)
from rag.encoding.training.figures import ranks
from rag.encoding.training.loss import contrast, distance, separation, swapped, truth
from rag.encoding.training.probes import probes
from rag.encoding.training.questions import as_question
from rag.encoding.training.recipe import Recipe
from rag.encoding.training.strangers import strangers_kept, strangers_to_train_on
from rag.encoding.training.texts import content, facts, nearly_right, paraphrases, prompts
from rag.scenes import HELD_OUT_PAIRS, KINDS, Scene


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return scenes_for_training(400, 3, probes().keys())


def test_training_never_shows_a_probe_or_a_held_out_pair(scenes: list[Scene]) -> None:
    assert not {scene.key for scene in scenes} & probes().keys()
    assert not any(scene.pairs & HELD_OUT_PAIRS for scene in scenes)


def test_training_never_reads_a_held_out_word_or_pair(scenes: list[Scene]) -> None:
    rng = random.Random(1)
    words = {word for kind in KINDS.values() for word in kind.held_out_synonyms}
    unseen = re.compile(rf"\b({'|'.join(map(re.escape, words))})s?\b", re.IGNORECASE)
    pairs = re.compile(rf"\b({'|'.join(f'{colour} {kind}' for colour, kind in HELD_OUT_PAIRS)})\b", re.IGNORECASE)
    for scene in scenes:
        for text in [*paraphrases(scene, rng, 4), *prompts(scene, rng, 4), nearly_right(scene, rng)]:
            assert not unseen.search(text.words), text.words
            assert not pairs.search(text.words), text.words


def test_what_is_true_of_a_scene_needs_only_its_facts(scenes: list[Scene]) -> None:
    rng = random.Random(2)
    for scene in scenes:
        for text in [*paraphrases(scene, rng, 4), *prompts(scene, rng, 4)]:
            assert set(text.needs) <= facts(scene), (text, scene.key)


def test_a_distractor_words_another_scene(scenes: list[Scene]) -> None:
    rng = random.Random(3)
    assert all(nearly_right(scene, rng).content != content(scene) for scene in scenes)


def test_a_text_is_true_where_its_facts_and_content_are() -> None:
    scene_facts = torch.tensor([[True, False, True], [True, True, True]])  # the last column always holds
    needs = torch.tensor([[0, 2], [1, 2], [0, 1]])
    found = truth(scene_facts, needs, torch.tensor([7, 8]), torch.tensor([-1, -1, 8]))
    assert found.tolist() == [[True, False, False], [True, True, True]]


def test_a_text_that_is_true_of_another_picture_costs_nothing() -> None:
    logits = torch.tensor([[9.0, 9.0], [9.0, 9.0]])
    own = torch.tensor([[0, 1]])
    assert contrast(logits, torch.ones(2, 2, dtype=torch.bool), own) == pytest.approx(0, abs=1e-6)
    assert contrast(logits, torch.eye(2, dtype=torch.bool), own) == pytest.approx(np.log(2), abs=1e-5)


def test_separation_falls_as_true_and_false_part() -> None:
    true, scale, bias = torch.eye(2, dtype=torch.bool), torch.tensor(10.0), torch.tensor(-5.0)
    near, far = (separation(torch.eye(2) * gap, true, scale, bias) for gap in (0.1, 1.0))
    assert far < near


def test_a_swapped_caption_costs_until_it_is_further_than_the_right_one() -> None:
    right_first = torch.zeros(1, 4)
    right_first[0, 1] = 0.5  # the second paraphrase; the distractor is at 3
    wrong_first = torch.zeros(1, 4)
    wrong_first[0, 3] = 0.5
    assert swapped(right_first) < 0.01
    assert swapped(wrong_first) > 10


def test_what_no_picture_answers_costs_nothing_far_away() -> None:
    assert distance(torch.full((2, 3), -0.2)) < 0.01
    assert distance(torch.full((2, 3), 0.5)) > 5


def test_people_ask_in_small_letters_inside_a_question() -> None:
    asked = as_question("A red car in a park", random.Random(1))
    assert "a red car in a park" in asked
    assert strangers_kept()
    assert not set(strangers_kept()) & set(strangers_to_train_on())


def test_ties_count_against_the_encoder() -> None:
    same = np.ones((4, 2), np.float32)
    assert ranks(same, same, range(4)).tolist() == [3, 3, 3, 3]
    assert ranks(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32), range(4)).tolist() == [0, 0, 0, 0]


def data(n: int, places: int) -> Dataset:
    rng = np.random.default_rng(0)
    columns = PARAPHRASES + PROMPTS + DISTRACTORS + QUESTIONS
    return Dataset(
        pixels=rng.integers(0, 256, (n, SIDE, SIDE, 3), np.uint8),
        embeddings=rng.normal(size=(n * columns, 384)).astype(np.float16),
        rows=np.arange(n * columns, dtype=np.int32).reshape(n, columns),
        facts=np.ones((n, 1), np.bool_),
        needs=np.zeros((n * columns, 4), np.int32),
        scene_content=np.arange(n, dtype=np.int32),
        text_content=np.arange(n * columns, dtype=np.int32) // columns,
        place=(np.arange(n) % places).astype(np.int32),
        several=np.arange(n) % 5 == 0,
        strangers=np.arange(7, dtype=np.int32),
    )


@pytest.mark.parametrize("places", [0, 2])
def test_batches_repeat_and_have_the_recipes_size(places: int) -> None:
    recipe = Recipe(steps=4, batch=8, side=32, places=places)
    some, again = (list(batches(data(40, 4), recipe)) for _ in range(2))
    assert [batch.pictures.shape[-1] for batch in some] == [32] * 4
    assert all(torch.equal(one.pictures, other.pictures) for one, other in zip(some, again, strict=True))
    assert all(batch.embedded.shape == (32, 384) and batch.true.shape == (8, 32) for batch in some)
    assert all(batch.true[:, :24].diagonal(offset=8 * k).all() for batch in some for k in range(3))
