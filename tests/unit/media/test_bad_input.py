"""Every kind of bad file ends with a typed reason of one line, in the process and out of it."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from rag.errors import BadMedia, BrokenMedia, UnsupportedMedia
from rag.media.decoders import Decoders
from rag.media.limits import Limits
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.media.pictures import FORMATS, corner_picture, encoded
from tests.unit.media.reading import only, visuals

LIMITS = Limits(pixels=1_000_000)
PROMISED = 5.0
"""Seconds within which a refusal comes."""


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    with Decoders(LIMITS, wanted=64, processes=1) as pool:
        yield pool


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return buffer.getvalue()


def truncated(kind: str, share: float = 0.5) -> bytes:
    content = encoded(scene(1, 400, 300), kind)
    return content[: int(len(content) * share)]


def png_bomb() -> bytes:
    """A header of 65,000 x 65,000 pixels; what follows does not matter."""
    content = bytearray(encoded(corner_picture(), "PNG"))
    content[16:24] = (65_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


BAD: dict[str, tuple[bytes, type[BadMedia], str]] = {
    "zero bytes": (b"", UnsupportedMedia, "empty"),
    "text": (b"just words", UnsupportedMedia, "text/plain"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", UnsupportedMedia, "image/svg"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run", UnsupportedMedia, "postscript"),
    "zip": (zipped(), UnsupportedMedia, "application/zip"),
    "header only": (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20, BrokenMedia, "cannot be decoded as PNG"),
    "bomb": (encoded(Image.new("1", (2000, 2000)), "PNG"), UnsupportedMedia, "over the limit of 1,000,000 pixels"),
    "bomb by header": (png_bomb(), UnsupportedMedia, "over the limit of 1,000,000 pixels"),
    "gif bomb": (encoded(Image.new("L", (60_000, 60)), "GIF"), UnsupportedMedia, "over the limit"),
    "one pixel": (encoded(Image.new("RGB", (1, 1)), "PNG"), UnsupportedMedia, "too small to show anything"),
    "a line": (encoded(Image.new("RGB", (30_000, 1)), "PNG"), UnsupportedMedia, "30000×1 is too small"),
    "gif and script": (b"GIF89a=1;/*" + bytes(40) + b"*/alert(1)", BadMedia, "it"),
    "pdf and jpeg": (b"%PDF-1.7\n" + encoded(corner_picture()), BrokenMedia, "as PDF"),
    "truncated film": (film([(scene(0), 4)])[:2000], BrokenMedia, "as a film"),
    "truncated pdf": (pdf(["x"])[:60], BrokenMedia, "as PDF"),
    **{
        f"truncated {kind}": (truncated(kind), BrokenMedia, f"cannot be decoded as {kind}")
        for kind in FORMATS
        if kind != "GIF"
    },
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_a_reason_and_the_decoder_goes_on(name: str, decoders: Decoders) -> None:
    content, kind, why = BAD[name]
    with pytest.raises(kind, match=why) as alone:
        visuals(content, limits=LIMITS)
    started = time.monotonic()
    with pytest.raises(kind, match=why) as pooled, decoders.open(content) as medium:
        list(medium)
    assert time.monotonic() - started < PROMISED
    for refusal in (alone.value, pooled.value):
        assert "\n" not in str(refusal)
        assert "0x" not in str(refusal)
    assert type(alone.value) is type(pooled.value)
    with decoders.open(encoded(corner_picture())) as medium:
        assert [visual.width for visual in medium] == [120]


def test_a_truncated_gif_is_broken() -> None:
    with pytest.raises(BrokenMedia, match="cannot be decoded as GIF"):
        visuals(truncated("GIF", 0.3))


def test_a_jpeg_with_a_zip_behind_it_is_only_the_jpeg() -> None:
    assert only(encoded(corner_picture()) + zipped()).image.size == (120, 80)


def test_a_jpeg_with_a_pdf_in_it_is_only_the_jpeg() -> None:
    content = encoded(corner_picture(), comment=pdf(["do not read"]))
    visual = only(content)
    assert (visual.locator, visual.text) == ("", "")


def test_a_script_in_a_picture_s_words_leaves_no_trace_in_what_is_kept() -> None:
    visual = only(encoded(corner_picture(600, 400), "GIF", comment=b"<script>alert(1)</script>"))
    assert b"script" not in visual.thumbnail


@pytest.mark.parametrize("kind", FORMATS)
def test_no_other_decoder_is_tried_when_the_first_bytes_lie(kind: str) -> None:
    magic = b"\xff\xd8\xff\xe0" if kind != "JPEG" else b"\x89PNG\r\n\x1a\n"
    with pytest.raises(BrokenMedia):
        visuals(magic + encoded(corner_picture(), kind))
