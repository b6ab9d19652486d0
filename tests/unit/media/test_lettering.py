"""Lettering is found without being read, and what it hid is made up from around it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from rag.evaluation.suites.pixels import with_word
from rag.media.lettering import filled, lines_of_letters, without_lettering
from rag.scenes import Group, Scene, draw

DOG = draw(Scene((Group("dog", "blue"),), setting="beach", time_of_day="noon", seed=3), 256)


@pytest.mark.parametrize("word", ["cat", "bicycle", "ice cream"])
def test_a_label_is_found_where_it_is(word: str) -> None:
    boxes = lines_of_letters(with_word(word)(DOG))
    assert any(top < 0.22 * 256 < bottom and left < 128 < right for left, top, right, bottom in boxes)


def test_light_letters_on_dark_are_found_too() -> None:
    board = Image.new("RGB", (300, 200), (20, 30, 60))
    pen = ImageDraw.Draw(board)
    pen.text((150, 100), "HOTEL", font=ImageFont.load_default(size=48), anchor="mm", fill=(240, 240, 200))
    (box,) = lines_of_letters(board)
    assert box[0] < 100
    assert box[2] > 200


def test_a_picture_without_letters_stays_as_it_is() -> None:
    calm = Image.new("RGB", (200, 200), (90, 140, 200))
    assert without_lettering(calm) is calm


def test_the_label_is_gone_and_the_rest_is_untouched() -> None:
    written = with_word("elephant")(DOG)
    healed = np.asarray(without_lettering(written), dtype=int)
    assert np.abs(healed[40:70, 90:170] - np.asarray(DOG, dtype=int)[40:70, 90:170]).mean() < 40
    assert np.abs(np.asarray(written, dtype=int)[40:70, 90:170] - np.asarray(DOG, dtype=int)[40:70, 90:170]).mean() > 60
    assert (healed[160:] == np.asarray(DOG)[160:]).mean() > 0.95


def test_what_is_hidden_in_a_plain_picture_comes_back_exactly() -> None:
    pixels = np.full((33, 47, 3), 77.0, dtype=np.float32)
    hidden = np.zeros((33, 47), dtype=np.bool_)
    hidden[5:20, 10:40] = True
    broken = pixels.copy()
    broken[hidden] = 0
    np.testing.assert_allclose(filled(broken, hidden), pixels, atol=1e-3)
