"""Every picture format becomes upright sRGB pixels of a bounded size."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from rag.encoding import load_encoder
from rag.media.limits import Limits
from rag.media.shrinking import kept_edge, most_pixels
from rag.ports import Encoder
from tests.unit.media.pictures import FORMATS, GREY, RED, corner_picture, drawn_scene, encoded
from tests.unit.media.reading import left_out, only, visuals

TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that was held so stores an upright picture."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("demo", device="cpu")


def cosine(encoder: Encoder, one: Image.Image, other: Image.Image) -> float:
    first, second = encoder.images([one, other])
    return float(np.dot(first, second))


def stored_as(image: Image.Image, orientation: int, kind: str) -> bytes:
    transpose = TURNED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image.transpose(transpose) if transpose is not None else image, kind, exif=exif.tobytes())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_becomes_rgb_pixels(kind: str) -> None:
    visual = only(encoded(corner_picture(), kind))
    assert (visual.locator, visual.image.mode, visual.image.size) == ("", "RGB", (120, 80))
    assert (visual.width, visual.height) == (120, 80)
    assert np.abs(np.array(visual.image.getpixel((10, 10))) - RED).max() < 12
    assert np.abs(np.array(visual.image.getpixel((110, 70))) - GREY).max() < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    visual = only(stored_as(corner_picture(), orientation, kind))
    assert (visual.width, visual.height) == visual.image.size == (120, 80)
    red, _, blue = np.asarray(visual.image.resize((12, 8), Image.Resampling.BOX)).astype(int)[1, 1]
    assert red - blue > 150
    assert np.abs(np.asarray(visual.image)[60:, 60:].astype(int) - GREY).max() < 30


def test_the_eight_orientations_embed_alike(encoder: Encoder) -> None:
    scene = drawn_scene(3, 1200, 900)
    wanted = encoder.input_size
    vectors = encoder.images([only(stored_as(scene, turn, "JPEG"), wanted=wanted).image for turn in range(1, 9)])
    assert (vectors @ vectors.T).min() >= 0.99


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_picture_made_small_embeds_like_the_full_one(encoder: Encoder, kind: str, seed: int) -> None:
    content = encoded(drawn_scene(seed, 1600, 1200), kind)
    visual = only(content, wanted=encoder.input_size)
    assert max(visual.image.size) < 1600
    assert cosine(encoder, visual.image, Image.open(io.BytesIO(content)).convert("RGB")) >= 0.9999


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (1344, 1344), (6000, 700), (30000, 40)])
def test_what_leaves_the_decoder_is_as_large_as_an_encoder_can_use(kind: str, size: tuple[int, int]) -> None:
    visual = only(encoded(Image.new("RGB", size, GREY), kind), wanted=224)
    width, height = visual.image.size
    assert (visual.width, visual.height) == size
    assert width * height <= most_pixels(224)
    if max(size) < 4 * min(size):
        assert kept_edge(224) <= min(width, height) < 2 * kept_edge(224)


def test_a_small_picture_stays_as_it_is() -> None:
    assert only(encoded(corner_picture(64, 48), "PNG"), wanted=224).image.size == (64, 48)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    found = visuals(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    red, green, blue = found[0].image.getpixel((20, 15))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 50
    assert len(found) == (3 if kind == "TIFF" else 1)


def test_each_page_of_a_tiff_is_a_visual() -> None:
    pages = [corner_picture(), Image.new("L", (50, 60), 200), Image.new("1", (70, 80), 1)]
    found = visuals(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [visual.locator for visual in found] == ["page=1", "page=2", "page=3"]
    assert [(visual.width, visual.height) for visual in found] == [(120, 80), (50, 60), (70, 80)]
    assert [visual.image.getpixel((0, 0)) for visual in found] == [RED, (200, 200, 200), (255, 255, 255)]


def test_the_smaller_copies_within_a_tiff_are_no_pages() -> None:
    big, small = corner_picture(400, 300), corner_picture(100, 75)
    small.encoderinfo = {"tiffinfo": {254: 1}}  # NewSubfileType: a reduced copy
    found = visuals(encoded(big, "TIFF", save_all=True, append_images=[small]))
    assert [(visual.locator, visual.width) for visual in found] == [("", 400)]


def test_a_tiff_page_that_shows_nothing_is_left_out_and_said_so() -> None:
    content = encoded(corner_picture(), "TIFF", save_all=True, append_images=[Image.new("L", (2, 2)), corner_picture()])
    assert [visual.locator for visual in visuals(content)] == ["page=1", "page=3"]
    assert left_out(content, limits=Limits()) == [
        "page=2: 2×2 is too small to show anything (at least 8 pixels an edge)"
    ]


def test_more_pages_than_the_limit_are_left_out_and_said_so() -> None:
    content = encoded(corner_picture(), "TIFF", save_all=True, append_images=[corner_picture()] * 4)
    limits = Limits(visuals=2)
    assert len(visuals(content, limits=limits)) == 2
    assert left_out(content, limits=limits) == ["only the first 2 pages are taken"]


def test_a_camera_s_several_pictures_in_one_jpeg_are_one_visual() -> None:
    content = encoded(corner_picture(), "MPO", save_all=True, append_images=[corner_picture(60, 40)])
    assert [visual.width for visual in visuals(content)] == [120]
