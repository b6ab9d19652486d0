"""What is made once from a picture and kept: its thumbnail and its perceptual hash.

Milliseconds of CPU and PSNR against Lanczos, for a thumbnail of 448x336 from 640x480 and
from the 1000x750 that a 12-megapixel JPEG is decoded at:

    resize      640x480        1000x750
    Lanczos     4.7  -         9.5  -
    bicubic     3.4  54 dB     6.6  49 dB
    Hamming     2.2  52 dB     4.0  44 dB     <- used
    box         1.5  49 dB     2.6  40 dB

    encode                 time        size, kB
    WebP 82, method 2      10 to 11    17 to 45
    WebP 82, method 0      4 to 7      18 to 47
    JPEG 80, 4:2:0         0.5         23 to 43     <- used
"""

from __future__ import annotations

import io
import re

from PIL import Image, ImageFilter

from rag.media.visuals import LONGEST_TEXT, DecodedVisual

THUMBNAIL = "thumbnail.jpg"
THUMBNAIL_TYPE = "image/jpeg"
THUMBNAIL_EDGE = 448
"""Pixels of the longer edge: sharp on a phone at two pixels per point, about 20 to 40 kB."""
PAGE_THUMBNAIL_EDGE = 1024
"""Pixels of the longer edge of a page's thumbnail: 10-point print on A4 is 12 pixels high, and can be read."""


BLURRED_SHARE = 12


def thumbnail_name(locator: str = "") -> str:
    """The name under which a visual's thumbnail is kept: only letters, digits, dots, dashes and underscores."""
    if not locator:
        return THUMBNAIL
    stem, _, suffix = THUMBNAIL.rpartition(".")
    return f"{stem}-{re.sub(r'[^A-Za-z0-9._-]', '-', locator)}.{suffix}"


def blurred_name(locator: str = "") -> str:
    """The name under which a visual's blurred thumbnail is kept."""
    return f"blurred-{thumbnail_name(locator)}"


def blurred(content: bytes) -> bytes:
    """A thumbnail so blurred that shapes and lettering are gone and only colours stay.

    A Gaussian with a standard deviation of 1/12 of the longer edge: what is smaller than a sixth of the
    picture vanishes. It is not undone by sharpening, since what is left is coded in 8 bits and as JPEG.
    """
    with Image.open(io.BytesIO(content)) as image:
        sharp = image.convert("RGB")
    return _jpeg(sharp.filter(ImageFilter.GaussianBlur(max(sharp.size) / BLURRED_SHARE)))


def thumbnail(image: Image.Image) -> bytes:
    """A JPEG of at most `THUMBNAIL_EDGE` pixels an edge, without metadata."""
    return _jpeg(_small(image, THUMBNAIL_EDGE))


def difference_hash(image: Image.Image) -> str:
    """64-bit difference hash, 16 hex digits: is each pixel of a 9x8 grey miniature darker than its right neighbour?

    Near duplicates differ in few bits (Krawetz 2013).
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()  # 8 rows of 9
    bits = 0
    for row in range(0, 72, 9):
        for left, right in zip(grey[row : row + 8], grey[row + 1 : row + 9], strict=True):
            bits = bits << 1 | (left < right)
    return f"{bits:016x}"


def visual_of(
    image: Image.Image,
    *,
    width: int,
    height: int,
    locator: str = "",
    text: str = "",
    thumbnail_edge: int = THUMBNAIL_EDGE,
) -> DecodedVisual:
    """Upright RGB pixels with all that is derived from them; `width` and `height` are the original's."""
    small = _small(image, thumbnail_edge)
    return DecodedVisual(locator, image, width, height, _jpeg(small), difference_hash(small), text[:LONGEST_TEXT])


def _small(image: Image.Image, edge: int) -> Image.Image:
    scale = edge / max(image.size)
    if scale >= 1:
        return image
    width, height = image.size
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return image.resize(size, Image.Resampling.HAMMING)


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80, subsampling="4:2:0", comment=b"")  # or Pillow copies the original's comment
    return buffer.getvalue()
