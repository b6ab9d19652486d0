"""Small pictures in every shape that the tests need, made on the spot."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def corner_picture(width: int = 120, height: int = 80) -> Image.Image:
    """Grey, with a red upper left corner: shows which way is up."""
    image = Image.new("RGB", (width, height), (120, 120, 120))
    ImageDraw.Draw(image).rectangle((0, 0, width // 3, height // 3), fill=(255, 0, 0))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
