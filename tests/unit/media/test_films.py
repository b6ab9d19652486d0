"""Films become the keyframes at which the scene changes."""

from __future__ import annotations

import io
import random
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from rag.errors import BrokenMedia, UnsupportedMedia
from rag.media.limits import Limits
from tests.unit.media.films import FORMATS, black, film, scene
from tests.unit.media.reading import left_out, metadata, only, visuals


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, of 255."""
    small = [np.asarray(image.resize((32, 24), Image.Resampling.BOX)).astype(float) for image in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


def seconds(content: bytes, **limits: int) -> list[float]:
    return [float(visual.locator.removeprefix("t=")) for visual in visuals(content, limits=Limits(**limits))]  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_container_gives_a_frame_of_each_scene(kind: str) -> None:
    content = film([(scene(number), 6) for number in range(3)], kind=kind)
    found = visuals(content)
    assert [likeness(visual.image, scene(number)) < 10 for number, visual in enumerate(found)] == [True] * 3
    assert [(visual.width, visual.height) for visual in found] == [(320, 240)] * 3


def test_locators_say_when_in_seconds_from_the_beginning() -> None:
    content = film([(scene(0), 6), (scene(1), 6), (scene(2), 6)])
    assert [visual.locator for visual in visuals(content)] == ["t=0.000", "t=6.000", "t=12.000"]


def test_a_scene_that_stays_is_taken_once() -> None:
    assert seconds(film([(scene(0), 60)])) == [0.0]


def test_cuts_faster_than_the_cap_are_thinned_out() -> None:
    content = film([(scene(number), 1) for number in range(60)])
    assert len(seconds(content, frames_per_minute=4)) == 4
    assert len(seconds(content, frames_per_minute=12)) == 12


def test_a_long_film_is_taken_from_all_its_length() -> None:
    times = seconds(film([(scene(number), 2) for number in range(30)]), visuals=5)
    assert len(times) <= 5
    assert max(times) >= 40


def test_black_frames_are_dropped() -> None:
    content = film([(black(), 6), (scene(1), 6), (black(), 6)])
    assert seconds(content) == [6.0]


def test_a_film_that_fades_in_after_its_only_keyframe_still_shows_something() -> None:
    visual = only(film([(black(), 2), (scene(1), 4)], keyframe_every=1000))
    assert likeness(visual.image, scene(1)) < 10


def test_a_film_of_nothing_but_black_keeps_one_frame() -> None:
    assert only(film([(black(), 6)])).locator == "t=0.000"


@pytest.mark.parametrize(("rotation", "turn"), [(90, Image.Transpose.ROTATE_90), (-90, Image.Transpose.ROTATE_270)])
def test_a_phone_s_film_stands_upright(rotation: int, turn: Image.Transpose) -> None:
    visual = only(film([(scene(0), 3)], rotation=rotation))
    assert (visual.width, visual.height) == (240, 320)
    assert likeness(visual.image, scene(0).transpose(turn)) < 10


def test_pixels_that_are_not_square_are_made_so() -> None:
    visual = only(film([(scene(0), 3)], pixel_aspect=Fraction(2, 1)))
    assert (visual.width, visual.height) == (640, 240)


def test_large_frames_are_made_small() -> None:
    visual = only(film([(scene(0, 1280, 960), 2)]), wanted=64)
    assert (visual.width, visual.height) == (1280, 960)
    assert visual.image.size == (448, 336)


def test_colours_of_a_film_are_those_of_the_scene() -> None:
    visual = only(film([(scene(0), 3)]))
    assert np.abs(np.array(visual.image.getpixel((300, 20)), int) - (0xC0, 0x20, 0x20)).max() < 12


def test_what_a_film_says_of_itself() -> None:
    told = {"title": "A day at the sea", "creation_time": "2024-05-01T10:00:00Z", "comment": "x"}
    found = metadata(film([(scene(0), 1)], metadata=told))
    assert found.captions == ("A day at the sea",)
    assert found.captured_at is not None
    assert found.captured_at.isoformat() == "2024-05-01T10:00:00+00:00"


def test_a_film_cut_short_without_its_index_is_broken() -> None:
    content = film([(scene(0), 6), (scene(1), 6)])
    with pytest.raises(BrokenMedia, match="cannot be decoded as a film"):
        visuals(content[: len(content) // 2])


def test_of_a_film_that_breaks_off_what_is_there_is_taken() -> None:
    content = film([(scene(number), 6) for number in range(4)], kind="matroska")
    found = visuals(content[: len(content) * 2 // 3])
    assert 1 <= len(found) < 4


def test_keyframes_that_are_damaged_are_left_out_and_said_so() -> None:
    content = bytearray(film([(scene(number), 6) for number in range(4)]))
    noise = random.Random(1)
    with av.open(io.BytesIO(content), "r") as container:
        keyframes = [packet for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
    for packet in keyframes[6:12]:  # one a second: those of the second scene
        assert packet.pos is not None
        content[packet.pos + 5 : packet.pos + packet.size] = noise.randbytes(packet.size - 5)
    assert seconds(bytes(content)) == [0.0, 12.0, 18.0]
    assert left_out(bytes(content), limits=Limits()) == ["6 keyframes that cannot be decoded"]


def test_sound_alone_is_declined() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(UnsupportedMedia, match="only sound or data"):
        visuals(buffer.getvalue())


def test_a_film_over_the_limit_of_pixels_is_declined_before_it_is_decoded() -> None:
    with pytest.raises(UnsupportedMedia, match="320×240 is over the limit of 1,000 pixels"):
        visuals(film([(scene(0), 1)]), limits=Limits(pixels=1000))


@pytest.mark.parametrize("inner", [b"#EXTM3U\n/etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n"])
def test_a_film_never_leads_to_other_files(inner: bytes) -> None:
    disguised = b"\x1a\x45\xdf\xa3" + inner
    with pytest.raises(BrokenMedia):
        visuals(disguised)


def test_a_timestamp_that_cannot_be_is_not_believed() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=1)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        for number, second in enumerate((0, 10, 20_000_000_000)):
            frame = av.VideoFrame.from_image(scene(number))  # type: ignore[no-untyped-call]
            frame.pts = second
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert seconds(buffer.getvalue()) == [0.0, 10.0, 15.0]
