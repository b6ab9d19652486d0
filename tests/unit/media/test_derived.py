"""Thumbnails and perceptual hashes."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from rag.media.derived import (
    PAGE_THUMBNAIL_EDGE,
    THUMBNAIL,
    THUMBNAIL_EDGE,
    THUMBNAIL_TYPE,
    difference_hash,
    thumbnail,
    thumbnail_name,
)
from rag.media.sniffing import media_type_of
from tests.unit.media.documents import pdf
from tests.unit.media.pictures import corner_picture, drawn_scene, encoded, wide_gamut_profile
from tests.unit.media.reading import only


def bits_between(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("size", [(1200, 600), (600, 1200), (5000, 10), (100, 60)])
def test_a_thumbnail_fits_its_edge_and_keeps_its_shape(size: tuple[int, int]) -> None:
    content = thumbnail(corner_picture(*size))
    scale = min(1, THUMBNAIL_EDGE / max(size))
    assert media_type_of(content) == THUMBNAIL_TYPE
    assert Image.open(io.BytesIO(content)).size == tuple(max(1, round(edge * scale)) for edge in size)


def test_a_thumbnail_looks_like_its_picture() -> None:
    visual = only(encoded(corner_picture(900, 600), "PNG"))
    small = Image.open(io.BytesIO(visual.thumbnail))
    red, green, _ = small.getpixel((40, 40))  # type: ignore[misc]
    assert red > 240
    assert green < 20


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_thumbnail_carries_no_metadata(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    options: dict[str, object] = {"comment": b"secret words"} if kind == "JPEG" else {}
    content = encoded(corner_picture(900, 600), kind, exif=exif.tobytes(), icc_profile=wide_gamut_profile(), **options)
    small = Image.open(io.BytesIO(only(content).thumbnail))
    small.load()
    assert set(small.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"secret" not in only(content).thumbnail


def test_print_can_be_read_in_the_thumbnail_of_a_page() -> None:
    small = Image.open(io.BytesIO(only(pdf(["hello"])).thumbnail))
    assert max(small.size) == PAGE_THUMBNAIL_EDGE


def test_each_visual_of_a_film_or_document_has_a_thumbnail_of_its_own_name() -> None:
    names = [thumbnail_name(locator) for locator in ("", "t=12.400", "page=3")]
    assert names == [THUMBNAIL, "thumbnail-t-12.400.jpg", "thumbnail-page-3.jpg"]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", thumbnail_name("../../t=1 ü"))


def test_the_perceptual_hash_survives_scaling_and_tells_pictures_apart() -> None:
    image = corner_picture(300, 200)
    same = difference_hash(image.resize((150, 100)))
    other = difference_hash(image.transpose(Image.Transpose.ROTATE_180))
    assert re.fullmatch(r"[0-9a-f]{16}", same)
    assert bits_between(same, difference_hash(image)) <= 2
    assert bits_between(other, difference_hash(image)) >= 2


def test_the_perceptual_hash_compares_each_pixel_with_its_right_neighbour() -> None:
    rising = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    assert difference_hash(rising) == "f" * 16
    assert difference_hash(rising.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == "0" * 16


def test_the_same_picture_in_another_format_and_size_is_a_near_duplicate() -> None:
    scene = drawn_scene(5, 1200, 900)
    original = only(encoded(scene, "PNG")).perceptual_hash
    copies = [encoded(scene.resize((640, 480)), "JPEG", quality=60), encoded(scene, "WEBP", quality=50)]
    assert all(bits_between(original, only(copy).perceptual_hash) <= 4 for copy in copies)
