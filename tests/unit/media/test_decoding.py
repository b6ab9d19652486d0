"""Bytes in, safe pixels out."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from rag.errors import BrokenMedia, UnsupportedMedia
from rag.media.decoding import Picture, decode
from rag.media.derived import THUMBNAIL_EDGE, difference_hash, thumbnail
from rag.media.sniffing import media_type_of
from tests.unit.media.pictures import corner_picture, encoded

LIMIT = 1_000_000


def decoded(content: bytes, wanted: int = 64) -> Picture:
    return decode(content, wanted=wanted, max_pixels=LIMIT)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_jpeg_png_and_webp_become_rgb_pixels(kind: str) -> None:
    picture = decoded(encoded(corner_picture(), kind))
    assert picture.image.mode == "RGB"
    assert (picture.width, picture.height) == (120, 80)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_applied(orientation: int) -> None:
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = corner_picture()
    stored = image.transpose(turned[orientation]) if orientation in turned else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decoded(encoded(stored, "PNG", exif=exif))
    assert (picture.width, picture.height) == (120, 80)
    assert picture.image.getpixel((5, 5)) == (255, 0, 0)
    assert picture.image.getpixel((110, 70)) == (120, 120, 120)


def test_a_big_jpeg_is_decoded_small_but_not_below_twice_what_the_encoder_sees() -> None:
    picture = decoded(encoded(corner_picture(960, 640)), wanted=64)
    assert (picture.width, picture.height) == (960, 640)
    assert 128 <= min(picture.image.size) < 640


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "I;16", "CMYK"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert decoded(encoded(Image.new(mode, (40, 30)), kind)).image.mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    picture = decoded(encoded(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG"))
    assert picture.image.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty (0 bytes)"),
        (b"hello, I am a text\n", "text/plain"),
        (b"GIF89a" + bytes(50), "image/gif"),
        (b"%PDF-1.7\n" + bytes(50), "application/pdf"),
        (b"\x00\x01\x02" * 50, "no picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "application/postscript"),
    ],
)
def test_what_is_no_readable_picture_is_declined_with_what_it_is(content: bytes, why: str) -> None:
    with pytest.raises(UnsupportedMedia, match=re.escape(why)):
        decoded(content)


def test_a_truncated_jpeg_is_broken() -> None:
    content = encoded(corner_picture(400, 300))
    with pytest.raises(BrokenMedia, match="cannot be decoded as JPEG"):
        decoded(content[: len(content) // 2])


def test_a_picture_that_only_claims_to_be_one_is_broken() -> None:
    with pytest.raises(BrokenMedia, match="cannot be decoded as PNG"):
        decoded(b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20)


def test_more_pixels_than_the_limit_are_declined_before_they_are_decoded() -> None:
    with pytest.raises(UnsupportedMedia, match="over the limit of 1,000,000 pixels"):
        decoded(encoded(Image.new("1", (2000, 2000)), "PNG"))


def test_a_picture_of_one_pixel_is_declined() -> None:
    with pytest.raises(UnsupportedMedia, match="too small"):
        decoded(encoded(Image.new("RGB", (1, 1)), "PNG"))


def test_the_name_does_not_matter_only_the_content() -> None:
    assert media_type_of(encoded(corner_picture(), "WEBP")) == "image/webp"


def test_a_thumbnail_fits_its_edge_and_keeps_its_shape() -> None:
    content = thumbnail(corner_picture(1200, 600))
    picture = decoded(content)
    assert (picture.width, picture.height) == (THUMBNAIL_EDGE, THUMBNAIL_EDGE // 2)


def test_the_perceptual_hash_survives_scaling_and_tells_pictures_apart() -> None:
    image = corner_picture(300, 200)
    same = difference_hash(image.resize((150, 100)))
    other = difference_hash(image.transpose(Image.Transpose.ROTATE_180))
    assert len(same) == 16
    assert bits_between(same, difference_hash(image)) <= 2
    assert bits_between(other, difference_hash(image)) >= 2


def bits_between(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
