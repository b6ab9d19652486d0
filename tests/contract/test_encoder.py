"""What every Encoder promises, over the demo encoder and over an open_clip model from a folder in every precision."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from rag.encoding import load_encoder
from rag.encoding.canary import canary_picture, canary_vector, check_canary
from rag.errors import EncoderBroken
from rag.model import Channel
from rag.ports import Encoder, Matrix
from rag.scenes import draw, sample_scene
from tests.unit.encoding.kernels import INT8
from tests.unit.encoding.tiny_clip import write_tiny_clip

TEXTS = (
    "a red car",
    "two blue cups on a green table in a kitchen at night, next to an old brown clock",
    "a picture of a lighthouse",
    "",
)


@pytest.fixture(scope="module", params=["demo", "auto", "fp32", "bf16", "fp16", INT8])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    if request.param == "demo":
        return load_encoder("demo")
    folder = write_tiny_clip(tmp_path_factory.mktemp("folder") / "tiny")
    return load_encoder(f"local-dir:{folder}", precision=request.param)


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    rng = random.Random(5)
    drawn = [draw(sample_scene(rng), 256) for _ in range(4)]
    return [*drawn, canary_picture(), Image.new("RGB", (700, 90), "navy"), Image.new("RGB", (1, 1), "white")]


def assert_unit_rows(rows: Matrix, n: int, dim: int) -> None:
    assert rows.dtype == np.float32
    assert rows.shape == (n, dim)
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-3


def least_cosine(some: Matrix, others: Matrix) -> float:
    return float((some * others).sum(axis=1).min())


def test_pictures_of_any_shape_become_unit_rows(encoder: Encoder, pictures: list[Image.Image]) -> None:
    assert_unit_rows(encoder.images(pictures), len(pictures), encoder.dim)


def test_texts_of_any_length_become_unit_rows(encoder: Encoder) -> None:
    texts = [*TEXTS, "very " * 500 + "long"]
    assert_unit_rows(encoder.texts(texts), len(texts), encoder.dim)


def test_batch_size_changes_no_vector_and_order_is_kept(encoder: Encoder, pictures: list[Image.Image]) -> None:
    together = encoder.images(pictures)
    alone = np.concatenate([encoder.images([picture]) for picture in pictures])
    assert least_cosine(together, alone) > 0.9999
    assert least_cosine(encoder.images(pictures[::-1])[::-1], together) > 0.9999


def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: Encoder) -> None:
    together = encoder.texts(TEXTS)
    alone = np.concatenate([encoder.texts([text]) for text in TEXTS])
    assert least_cosine(together, alone) > 0.9999


def test_more_than_one_pass_keeps_the_order(encoder: Encoder, pictures: list[Image.Image]) -> None:
    many = encoder.images(pictures[:3] * 30)
    assert least_cosine(many, np.tile(encoder.images(pictures[:3]), (30, 1))) > 0.9999


def test_threads_may_share_it(encoder: Encoder, pictures: list[Image.Image]) -> None:
    words, shown = encoder.texts(TEXTS), encoder.images(pictures)

    def once(i: int) -> float:
        if i % 2:
            return least_cosine(encoder.images(pictures), shown)
        return least_cosine(encoder.texts(TEXTS), words)

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(once, range(32))) > 0.9999


def test_a_prepared_picture_has_the_vector_of_the_picture(encoder: Encoder, pictures: list[Image.Image]) -> None:
    with ThreadPoolExecutor(4) as pool:
        prepared = list(pool.map(encoder.prepare, pictures))
    assert all(pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3 for pixels in prepared)
    assert np.array_equal(encoder.images(prepared), encoder.images(pictures))
    assert np.array_equal(encoder.images([*prepared[:3], *pictures[3:]]), encoder.images(pictures))


def test_queries_are_answered_while_a_library_is_encoded(encoder: Encoder, pictures: list[Image.Image]) -> None:
    prepared = [encoder.prepare(picture) for picture in pictures] * 40
    with ThreadPoolExecutor(1) as pool:
        library = pool.submit(encoder.images, prepared)
        answered = 0
        while not library.done():
            encoder.texts(TEXTS[:1])
            answered += 1
        assert library.result().shape == (len(prepared), encoder.dim)
    assert answered > 1


def test_nothing_to_encode_is_an_error(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="at least one"):
        encoder.images([])
    with pytest.raises(ValueError, match="at least one"):
        encoder.texts([])


def test_its_id_fits_a_collection_name(encoder: Encoder) -> None:
    assert len(encoder.id) <= 80
    assert re.search(r"@[0-9a-f]{12}\.[0-9a-f]{8}$", encoder.id)


def test_it_says_what_a_caller_must_know(encoder: Encoder) -> None:
    assert encoder.input_size > 0
    assert encoder.batch > 0
    assert encoder.description
    assert {Channel.IMAGE, Channel.CAPTION} <= set(encoder.priors)
    assert all(encoder.priors[channel].slope > 0 for channel in (Channel.IMAGE, Channel.CAPTION))


def test_the_canary_tells_another_encoder(encoder: Encoder) -> None:
    known = canary_vector(encoder)
    check_canary(encoder, known)
    with pytest.raises(EncoderBroken, match="differently"):
        check_canary(encoder, np.roll(known, 1))
    with pytest.raises(EncoderBroken, match="length"):
        check_canary(encoder, known[:-1])
