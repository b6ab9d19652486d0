"""Small pictures in every shape that the tests need, made on the spot."""

from __future__ import annotations

import io
import random
import struct
from functools import cache

import pillow_heif
from PIL import Image, ImageDraw

from rag.scenes import draw, sample_scene

RED, GREY = (255, 0, 0), (120, 120, 120)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
"""Pillow's names of every picture format that is read."""


def corner_picture(width: int = 120, height: int = 80) -> Image.Image:
    """Grey, with a red upper left corner: shows which way is up."""
    image = Image.new("RGB", (width, height), GREY)
    ImageDraw.Draw(image).rectangle((0, 0, width // 3, height // 3), fill=RED)
    return image


@cache
def drawn_scene(seed: int, width: int, height: int) -> Image.Image:
    """A picture with something in it."""
    return draw(sample_scene(random.Random(seed)), max(width, height)).resize((width, height))


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def wide_gamut_profile() -> bytes:
    """An ICC profile with the primaries of Display P3 and a gamma of 2.2."""
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 8) + b"Wide P3\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": _xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": _xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": _xyz(0.15710, 0.06657, 0.78407),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(2.2 * 256), 0)),
    }
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2024, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _xyz(0.9642, 1.0, 0.8249)[8:]
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))
