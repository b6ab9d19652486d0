"""Small films, encoded on the spot from drawn scenes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

FORMATS = {
    "mp4": "libx264",
    "mov": "libx264",
    "webm": "libvpx",
    "matroska": "libx264",
    "avi": "mpeg4",
    "mpegts": "mpeg2video",
    "flv": "flv",
}
RATE = 4


def scene(number: int, width: int = 320, height: int = 240) -> Image.Image:
    """A picture of its own for each number from 0 to 5: four fields of colour and a disc."""
    colours = ["#c02020", "#20a040", "#2040c0", "#d0c020", "#a030a0", "#20b0b0"]
    image = Image.new("RGB", (width, height), colours[number % 6])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2, height // 2), fill=colours[(number + 2) % 6])
    draw.rectangle((width // 2, height // 2, width, height), fill=colours[(number + 3) % 6])
    draw.ellipse((width // 3, height // 3, width // 2, height // 2), fill="white")
    return image


def black(width: int = 320, height: int = 240) -> Image.Image:
    return Image.new("RGB", (width, height))


def film(
    scenes: Sequence[tuple[Image.Image, float]],
    *,
    kind: str = "mp4",
    metadata: dict[str, str] | None = None,
    rotation: int = 0,
    keyframe_every: int = RATE,
    pixel_aspect: Fraction | None = None,
) -> bytes:
    """Each picture for its seconds, at 4 frames a second, a keyframe every `keyframe_every` frames."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(FORMATS[kind], rate=25 if kind == "mpegts" else RATE)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = scenes[0][0].size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = keyframe_every
        stream.codec_context.options = {"sc_threshold": "0"} if FORMATS[kind] == "libx264" else {}
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for image, seconds in scenes:
            for _ in range(round(seconds * (25 if kind == "mpegts" else RATE))):
                container.mux(stream.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
    return buffer.getvalue()
