"""What comes out of a file: pictures, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from PIL.Image import Image

LONGEST_TEXT = 10_000
"""Characters of a caption, or of the text of a page; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class DecodedVisual:
    """One retrievable picture, ready for the encoder.

    Attributes:
        locator: "" for a picture, `t=12.400` (seconds) in a film, `page=3` (from 1) in a document.
        image: mode RGB, sRGB, upright; never enlarged, see `rag.media.shrinking` for its size.
        width, height: of the original, upright: pixels, or points (1/72 inch) of a PDF page.
        thumbnail: JPEG without metadata, see `rag.media.derived`.
        perceptual_hash: 16 hex digits; near duplicates differ in few bits.
        text: what a PDF page itself says. Untrusted.
    """

    locator: str
    image: Image
    width: int
    height: int
    thumbnail: bytes
    perceptual_hash: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself (EXIF, IPTC, XMP, the container's own fields). Untrusted text, cleaned of controls.

    Attributes:
        captions: what it shows, in the file's words; no two alike, each at most `LONGEST_TEXT` long.
        captured_at: with a time zone: UTC where the file names none.
        camera: "Canon EOS R5".
        credit: whom to name beside the picture.
        licence: terms of use, else the copyright notice.
        personal: `gps` ("52.51630, 13.37770"), `creator`, `owner`, `serial`; empty unless it was asked for.
    """

    captions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    captured_at: datetime | None = None
    camera: str = ""
    credit: str = ""
    licence: str = ""
    personal: Mapping[str, str] = field(default_factory=dict)
