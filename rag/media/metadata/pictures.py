"""The metadata of an opened picture, from wherever its format keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from PIL.Image import Image

from rag.media.metadata.exif import exif_metadata
from rag.media.metadata.iptc import iptc_metadata
from rag.media.metadata.text import merged
from rag.media.metadata.xmp import as_packet, xmp_metadata
from rag.media.visuals import Metadata

IPTC_RESOURCE = 0x0404
"""Photoshop's image resource that holds the IIM block."""
IPTC_TAG = 33_723
"""The TIFF tag that does."""


def picture_metadata(image: Image, *, keep_personal: bool) -> Metadata:
    """IPTC, XMP, EXIF and PNG texts; editors write the first two, so their words come first.

    Moment and camera are EXIF's where it has them: cameras write them, with seconds and zone.
    Metadata that cannot be read are left out: a picture is not broken by them.
    """
    iptc = _tolerantly(lambda: iptc_metadata(_iptc_block(image), keep_personal=keep_personal))
    xmp = _tolerantly(lambda: xmp_metadata(_packet(image), keep_personal=keep_personal))
    exif = _tolerantly(lambda: exif_metadata(image.getexif(), keep_personal=keep_personal))
    together = merged((iptc, xmp, exif, _texts(image)))
    return replace(
        together, captured_at=exif.captured_at or together.captured_at, licence=xmp.licence or together.licence
    )


def _tolerantly(read: Callable[[], Metadata]) -> Metadata:
    with suppress(Exception):  # Pillow's and the XML parser's errors on broken metadata are of every kind
        return read()
    return Metadata()


def _packet(image: Image) -> bytes:
    return as_packet(image.info.get("xmp") or image.info.get("XML:com.adobe.xmp"))


def _iptc_block(image: Image) -> bytes:
    resources = image.info.get("photoshop")
    if isinstance(resources, dict):
        block = resources.get(IPTC_RESOURCE)
        return block if isinstance(block, bytes) else b""
    tags = getattr(image, "tag_v2", {})
    return b"".join(_bytes_of(tags.get(IPTC_TAG)))


def _bytes_of(value: object) -> Iterator[bytes]:
    """A tag's bytes; some programs declare them as 32-bit numbers, which Pillow then reads in the file's order."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, tuple) and all(isinstance(item, int) for item in value):
        yield from (item.to_bytes(4, "little") for item in value)


def _texts(image: Image) -> Metadata:
    """PNG's own keywords."""
    captions = tuple(str(image.info.get(name, "")) for name in ("Description", "Title") if image.format == "PNG")
    return Metadata(captions=captions, licence=str(image.info.get("Copyright", "")) if image.format == "PNG" else "")
