"""A decoder is believed no more than the file that it reads."""

from __future__ import annotations

import mmap
import os
from typing import Any

import pytest

from rag.media.channel import LENGTH, Channel
from rag.media.visuals import Metadata
from rag.media.wire import arena_size, metadata_message, metadata_of, put_visual, visual_of_message
from tests.unit.media.pictures import corner_picture, encoded
from tests.unit.media.reading import only

WANTED = 64


def sent() -> tuple[dict[str, Any], mmap.mmap]:
    arena = mmap.mmap(-1, arena_size(WANTED))
    return put_visual(only(encoded(corner_picture(400, 300), "PNG")), arena), arena


def test_a_visual_arrives_as_it_was_sent() -> None:
    message, arena = sent()
    original, copy = only(encoded(corner_picture(400, 300), "PNG")), visual_of_message(message, arena, WANTED)
    assert copy.image.tobytes() == original.image.tobytes()
    assert copy.thumbnail == original.thumbnail


@pytest.mark.parametrize(
    "lie",
    [
        {"size": [100_000, 100_000]},
        {"size": [-1, -1]},
        {"size": [0, 5]},
        {"size": [1.5, 2]},
        {"size": "ab"},
        {"thumbnail": 0},
        {"thumbnail": -5},
        {"locator": "../../etc/passwd"},
        {"locator": "t=1.000\n"},
        {"perceptual_hash": "not a hash"},
        {"text": ["x"]},
        {"text": "x" * 10_001},
        {"width": "wide"},
    ],
    ids=str,
)
def test_a_visual_that_cannot_be_is_refused(lie: dict[str, object]) -> None:
    message, arena = sent()
    with pytest.raises((ValueError, TypeError)):
        visual_of_message({**message, **lie}, arena, WANTED)


def test_a_thumbnail_that_is_no_jpeg_is_refused() -> None:
    message, arena = sent()
    arena[3 * 400 * 300 : 3 * 400 * 300 + 6] = b"<html>"
    with pytest.raises(ValueError, match="no JPEG"):
        visual_of_message(message, arena, WANTED)


@pytest.mark.parametrize(
    "lie", [{"captions": "x"}, {"captions": [1]}, {"captured_at": "soon"}, {"camera": None}, {"personal": []}], ids=str
)
def test_metadata_that_cannot_be_are_refused(lie: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        metadata_of({**metadata_message(Metadata()), **lie})


@pytest.mark.parametrize("sent", [LENGTH.pack(2**31), LENGTH.pack(2) + b"[]", LENGTH.pack(3) + b"{x}"])
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    reads, writes = os.pipe()
    channel = Channel(reads, writes)
    os.write(writes, sent)
    with pytest.raises(ValueError):
        channel.receive(1)
    channel.close()


def test_messages_arrive_whole_and_in_order_however_they_are_cut() -> None:
    reads, writes = os.pipe()
    channel = Channel(reads, writes)
    body = b'{"a":1}'
    stream = 2 * (LENGTH.pack(len(body)) + body)
    os.write(writes, stream[:6])
    assert channel.receive(0) is None
    os.write(writes, stream[6:])
    assert [channel.receive(1), channel.receive(1), channel.receive(0)] == [{"a": 1}, {"a": 1}, None]
    channel.close()
