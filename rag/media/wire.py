"""Visuals and metadata as messages, and back. What comes from a decoder is checked before it is believed."""

from __future__ import annotations

import mmap
import re
from dataclasses import asdict
from datetime import datetime

from PIL import Image

from rag.media.channel import Message
from rag.media.shrinking import most_pixels
from rag.media.sniffing import READABLE
from rag.media.visuals import LONGEST_TEXT, DecodedVisual, Metadata

LOCATOR = re.compile(r"|t=\d{1,9}\.\d{3}|page=\d{1,9}")
HASH = re.compile(r"[0-9a-f]{16}")
LARGEST_THUMBNAIL = 4 * 1024 * 1024
CHANNELS = 3
STRIP = 128 * 1024
"""Bytes of pixels that are copied at a time."""


def arena_size(wanted: int) -> int:
    """Bytes that hold any visual of a decoder for `wanted` pixels, and its thumbnail."""
    return CHANNELS * most_pixels(wanted) + LARGEST_THUMBNAIL


def metadata_message(metadata: Metadata) -> Message:
    taken = metadata.captured_at
    return {**asdict(metadata), "captured_at": taken.isoformat() if taken else None}


def metadata_of(message: Message) -> Metadata:
    """Raises ValueError, KeyError or TypeError when it is none."""
    taken = message["captured_at"]
    return Metadata(
        captions=_texts(message["captions"]),
        keywords=_texts(message["keywords"]),
        captured_at=datetime.fromisoformat(_text(taken)) if taken else None,
        camera=_text(message["camera"]),
        credit=_text(message["credit"]),
        licence=_text(message["licence"]),
        personal={_text(name): _text(value) for name, value in message["personal"].items()},
    )


def media_type_of_message(value: object) -> str:
    """Raises ValueError when it is none that is read."""
    if value not in READABLE:
        raise ValueError("an unknown media type")
    return str(value)


def put_visual(visual: DecodedVisual, arena: mmap.mmap) -> Message:
    """Write pixels and thumbnail into the arena; the message says where, and the rest."""
    end = _put_pixels(visual.image, arena)
    arena[end : end + len(visual.thumbnail)] = visual.thumbnail
    return {
        "locator": visual.locator,
        "size": visual.image.size,
        "width": visual.width,
        "height": visual.height,
        "thumbnail": len(visual.thumbnail),
        "perceptual_hash": visual.perceptual_hash,
        "text": visual.text,
    }


def _put_pixels(image: Image.Image, arena: mmap.mmap) -> int:
    """In strips that fit a CPU's cache: twice as fast as all at once, which would take fresh memory each time."""
    width, height = image.size
    rows, at = max(1, STRIP // (CHANNELS * width)), 0
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height))).tobytes()
        arena[at : at + len(strip)] = strip
        at += len(strip)
    return at


def visual_of_message(message: Message, arena: mmap.mmap, wanted: int) -> DecodedVisual:
    """Copy a visual out of the arena. Raises ValueError, KeyError or TypeError when there is none."""
    width, height = (_count(edge) for edge in message["size"])
    if width * height > most_pixels(wanted) or not width * height:
        raise ValueError("a picture of an impossible size")
    length = CHANNELS * width * height
    thumbnail = arena[length : length + min(_count(message["thumbnail"]), LARGEST_THUMBNAIL)]
    if not thumbnail.startswith(b"\xff\xd8"):
        raise ValueError("a thumbnail that is no JPEG")
    with memoryview(arena) as memory, memory[:length] as pixels:
        image = Image.new("RGB", (width, height), None)
        image.frombytes(pixels)
    return DecodedVisual(
        locator=_matching(LOCATOR, message["locator"]),
        image=image,
        width=_count(message["width"]),
        height=_count(message["height"]),
        thumbnail=thumbnail,
        perceptual_hash=_matching(HASH, message["perceptual_hash"]),
        text=_text(message["text"]),
    )


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a size that is no number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("a text that is none")
    return value.encode("utf-8", "replace").decode()


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ValueError("texts that are none")
    return tuple(_text(value) for value in values)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    text = _text(value)
    if not pattern.fullmatch(text):
        raise ValueError("a field of an impossible form")
    return text
