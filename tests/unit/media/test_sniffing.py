"""What a file is, is decided by its first bytes alone."""

from __future__ import annotations

import re

import pytest

from rag.errors import UnsupportedMedia
from rag.media.sniffing import media_type_of, require_readable
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.media.pictures import FORMATS, corner_picture, encoded

TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
FILM_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "flv": "video/x-flv",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_are_known_by_their_content(kind: str) -> None:
    assert require_readable(encoded(corner_picture(), kind)) == TYPES[kind]


@pytest.mark.parametrize("kind", FILM_TYPES)
def test_films_are_known_by_their_content(kind: str) -> None:
    assert require_readable(film([(scene(0), 1)], kind=kind)) == FILM_TYPES[kind]


@pytest.mark.parametrize("padding", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_pdfs_are_known_also_behind_blanks(padding: bytes) -> None:
    assert require_readable(padding + pdf(["hello"])) == "application/pdf"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty (0 bytes)"),
        (b"hello, I am a text\n", "text/plain"),
        ("Grüße".encode() * 100, "text/plain"),
        (b"\x00\x01\x02" * 50, "no picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"\n <svg onload='alert(1)'>", "image/svg+xml"),
        (b"<!DOCTYPE html><img src='x'>", "text/html"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "application/postscript"),
        (b"\xc5\xd0\xd3\xc6" + bytes(50), "application/postscript"),
        (b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
        (b"\x00\x00\x01\x00\x01\x00\x10\x10", "image/x-icon"),
        (b"PK\x03\x04" + bytes(50), "application/zip"),
        (b"\xff\x0a" + bytes(50), "image/jxl"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "image/x-canon-cr2"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01", "image/x-canon-cr3"),
        (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x01", "audio/mp4"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd", "application/vnd.apple.mpegurl"),
        (b"ffconcat version 1.0\nfile /etc/passwd", "text/x-ffconcat"),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1", "application/sdp"),
        (b"BMW is no bitmap, and this is a text about it", "text/plain"),
        (b"MZ" + bytes(100), "application/x-executable"),
    ],
)
def test_what_is_not_read_is_declined_with_what_it_is(content: bytes, what: str) -> None:
    with pytest.raises(UnsupportedMedia, match=re.escape(what)) as declined:
        require_readable(content)
    assert "\n" not in str(declined.value)


def test_a_general_heif_brand_is_what_it_says_to_be_compatible_with() -> None:
    box = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf"
    assert media_type_of(box) == "image/avif"
    assert media_type_of(box.replace(b"avif", b"heic")) == "image/heic"


def test_a_view_of_bytes_will_do() -> None:
    assert require_readable(memoryview(encoded(corner_picture()))) == "image/jpeg"
