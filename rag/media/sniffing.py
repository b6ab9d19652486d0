"""What bytes are, by their content. File names and declared types are never believed."""

from __future__ import annotations

from rag.errors import UnsupportedMedia

READABLE = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""Media types that are decoded, and Pillow's name for each: nothing else is ever opened."""

KNOWN = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic"}


def media_type_of(content: bytes) -> str:
    """The media type that the first bytes show, `application/octet-stream` when they show none."""
    head = content[:512]
    for magic, media_type in KNOWN:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    return _text_type(head)


def require_readable(content: bytes) -> str:
    """The media type of bytes that may be decoded.

    Raises:
        UnsupportedMedia: empty, or not one of `READABLE`; says what it is instead.
    """
    if not content:
        raise UnsupportedMedia("the file is empty (0 bytes)")
    media_type = media_type_of(content)
    if media_type not in READABLE:
        what = "no picture" if media_type == "application/octet-stream" else f"{media_type}, which is not read"
        raise UnsupportedMedia(f"it is {what}; JPEG, PNG and WebP are")
    return media_type


def _text_type(head: bytes) -> str:
    if b"<svg" in head.lower():
        return "image/svg+xml"
    if b"\x00" not in head:
        try:
            head.decode()
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:
                return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"
