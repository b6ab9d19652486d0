"""Colour and alpha are handled once: whatever comes in, sRGB on white paper comes out."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from rag.media.colour import to_srgb
from tests.unit.media.pictures import encoded, wide_gamut_profile
from tests.unit.media.reading import only

SIZE = (40, 30)
Pixel = tuple[int, ...]


def colour_of(content: bytes) -> Pixel:
    pixel = only(content).image.getpixel((10, 10))
    assert isinstance(pixel, tuple)
    return pixel


def close(one: Pixel, other: Pixel, by: int = 3) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("mode", "value", "kind", "expected"),
    [
        ("L", 100, "PNG", (100, 100, 100)),
        ("1", 1, "PNG", (255, 255, 255)),
        ("LA", (100, 255), "PNG", (100, 100, 100)),
        ("RGBA", (10, 20, 30, 255), "PNG", (10, 20, 30)),
        ("I;16", 0x8080, "PNG", (128, 128, 128)),
        ("I;16", 0x8080, "TIFF", (128, 128, 128)),
        ("I", 200, "TIFF", (200, 200, 200)),
        ("I", 65_535, "TIFF", (255, 255, 255)),
        ("F", 0.5, "TIFF", (127, 127, 127)),
        ("F", 200.0, "TIFF", (200, 200, 200)),
        ("CMYK", (0, 0, 0, 0), "JPEG", (255, 255, 255)),
        ("CMYK", (0, 255, 255, 0), "JPEG", (255, 0, 0)),
        ("CMYK", (0, 255, 255, 0), "TIFF", (255, 0, 0)),
        ("YCbCr", (255, 128, 128), "TIFF", (255, 255, 255)),
        ("LAB", (255, 128, 128), "TIFF", (255, 255, 255)),
    ],
)
def test_every_colour_mode_keeps_its_colour(mode: str, value: object, kind: str, expected: Pixel) -> None:
    assert close(colour_of(encoded(Image.new(mode, SIZE, value), kind)), expected)  # type: ignore[arg-type]


def test_sixteen_bits_of_colour_become_eight() -> None:
    rows = b"".join(b"\x00" + (b"\x80\x80\x40\x40\x20\x20" * 40) for _ in range(30))
    assert close(colour_of(png_of(40, 30, depth=16, colour_type=2, rows=rows)), (128, 64, 32))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0)).convert(mode)
    assert to_srgb(image, 1).getpixel((10, 10)) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour_is_on_white_paper() -> None:
    image = Image.new("P", SIZE, 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(1, (0, 0, 20, 30))
    for kind in ("PNG", "GIF"):
        picture = only(encoded(image, kind, transparency=0)).image
        assert picture.getpixel((5, 5)) == (255, 0, 0)
        assert picture.getpixel((35, 5)) == (255, 255, 255)


def test_a_palette_with_an_alpha_for_each_colour_is_on_white_paper() -> None:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    assert close(colour_of(encoded(image, "PNG", transparency=b"\xff\x00")), (255, 255, 255))


def test_grey_and_colour_with_one_value_for_transparent_are_on_white_paper() -> None:
    for mode, value in (("L", 7), ("RGB", (7, 8, 9))):
        content = encoded(Image.new(mode, SIZE, value), "PNG", transparency=value)
        assert colour_of(content) == (255, 255, 255)


def test_the_colour_under_what_is_transparent_does_not_bleed_when_made_small() -> None:
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 33, 64))  # the edge falls within a block of the reduction
    edge = np.asarray(to_srgb(image, 2))[10, 16]
    assert edge[1] <= 130, "green showed through"
    assert edge[0] >= 250


def test_an_embedded_profile_is_applied() -> None:
    content = encoded(Image.new("RGB", SIZE, (200, 100, 100)), "PNG", icc_profile=wide_gamut_profile())
    red, green, _ = colour_of(content)
    assert red > 205, "the same red is a higher number in sRGB, whose gamut is smaller"
    assert green < 100


@pytest.mark.parametrize("profile", [b"nonsense", wide_gamut_profile()[:200]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    content = encoded(Image.new("RGB", SIZE, (200, 100, 50)), "PNG", icc_profile=profile)
    assert colour_of(content) == (200, 100, 50)


def test_a_profile_for_other_pixels_is_ignored() -> None:
    content = encoded(Image.new("L", SIZE, 90), "PNG", icc_profile=wide_gamut_profile())
    assert colour_of(content) == (90, 90, 90)


def png_of(width: int, height: int, *, depth: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG of a kind that Pillow does not write."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        out.write(chunk(name, body))
    return out.getvalue()
