"""What bytes are, by their content. File names and declared types are never believed.

Only what stands in `PICTURES`, `FILMS` and `PDF` is ever opened, each with the one decoder
that its first bytes name: a file that is two things at once is only the first of them.
"""

from __future__ import annotations

from rag.errors import UnsupportedMedia

PICTURES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
"""Media types of pictures, and Pillow's name for each."""

FILMS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/x-ms-wmv": "asf",
    "video/x-flv": "flv",
    "video/ogg": "ogg",
    "video/mpeg": "mpeg",
    "video/mp2t": "mpegts",
}
"""Media types of films, and FFmpeg's name of each demuxer. None of them follows references to other files."""

PDF = "application/pdf"
READABLE = {**PICTURES, **FILMS, PDF: "PDF"}
"""Media types that are decoded, and the decoder of each."""

READS = "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF and HEIC pictures, films and PDF are"
HEAD = 1024
"""Bytes that decide."""

MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cJXL ", "image/jxl"),
    (b"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (b"FLV\x01", "video/x-flv"),
    (b"OggS", "video/ogg"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"%!PS", "application/postscript"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#EXTM3U", "application/vnd.apple.mpegurl"),
    (b"ffconcat", "text/x-ffconcat"),
    (b"v=0\r\n", "application/sdp"),
    (b"v=0\n", "application/sdp"),
)
RIFF = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    b"crx ": "image/x-canon-cr3",
    b"qt  ": "video/quicktime",
}
BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
"""Lengths that the second header of a BMP has: two letters alone would make pictures of many texts."""
OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip")
EBML = b"\x1a\x45\xdf\xa3"
TS_SYNC = b"\x47"
"""Begins each packet of 188 bytes of an MPEG transport stream, after 4 more in cameras' files."""
PADDING = b"\xef\xbb\xbf \t\r\n\x00"
"""What real PDFs carry before their first line."""


def media_type_of(content: bytes | memoryview) -> str:
    """The media type that the first bytes show, `application/octet-stream` when they show none."""
    head = bytes(content[:HEAD])
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return _camera_raw(head) or media_type
    return _container_type(head) or _text_type(head)


def require_readable(content: bytes | memoryview) -> str:
    """The media type of bytes that may be decoded.

    Raises:
        UnsupportedMedia: empty, or not one of `READABLE`; says what it is instead.
    """
    if not content:
        raise UnsupportedMedia("the file is empty (0 bytes)")
    media_type = media_type_of(content)
    if media_type not in READABLE:
        what = "no picture" if media_type == "application/octet-stream" else f"{media_type}, which is not read"
        raise UnsupportedMedia(f"it is {what}; {READS}")
    return media_type


def _camera_raw(head: bytes) -> str:
    """Canon's raw files are TIFFs whose pictures nobody but a raw converter can show."""
    return "image/x-canon-cr2" if head[:4] == b"II*\x00" and head[8:10] == b"CR" else ""


def _container_type(head: bytes) -> str:
    """The type of what is known by more than its first bytes, "" when it is none of them."""
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12], "")
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADERS:
        return "image/bmp"
    if head.lstrip(PADDING).startswith(b"%PDF-"):
        return PDF
    return _film_type(head)


def _film_type(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return _brand_type(head)
    if head[4:8] in OLD_QUICKTIME:
        return "video/quicktime"
    if head[:4] == EBML:
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if any(head[first::step][:3] == 3 * TS_SYNC for first, step in ((0, 188), (4, 192))):
        return "video/mp2t"
    return ""


def _brand_type(head: bytes) -> str:
    """An ISO container's type: its own brand decides, and for the general `mif1` those it is compatible with."""
    major, end = head[8:12], int.from_bytes(head[:4], "big")
    compatible = {head[at : at + 4] for at in range(16, min(end, len(head)), 4)}
    if major in (b"mif1", b"msf1") and compatible & {b"avif", b"avis"}:
        return "image/avif"
    return BRANDS.get(major, "video/mp4")


def _text_type(head: bytes) -> str:
    lower = head.lower()
    if b"<svg" in lower:
        return "image/svg+xml"
    if b"<!doctype html" in lower or b"<html" in lower:
        return "text/html"
    if b"\x00" not in head:
        try:
            head.decode()
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:
                return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"
