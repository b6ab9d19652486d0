"""Pictures, decoded by Pillow: one visual a file, or one a page of a TIFF."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

from PIL import Image

from rag.errors import UnsupportedMedia
from rag.media.colour import to_srgb
from rag.media.derived import visual_of
from rag.media.limits import Limits
from rag.media.medium import Content, Opened, check_size, file_of, taken_each, translating
from rag.media.metadata.pictures import picture_metadata
from rag.media.shrinking import factor, kept_edge
from rag.media.sniffing import PICTURES
from rag.media.visuals import DecodedVisual

ORIENTATION = 0x0112
DNG_VERSION = 0xC612
SUBFILE_TYPE = 0x00FE
REDUCED_OR_MASK = 0b101
"""Bits of a TIFF's NewSubfileType: a smaller copy of another page, and a mask of one."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns each EXIF orientation upright."""
SIDEWAYS = (5, 6, 7, 8)
"""Orientations that exchange width and height."""


@contextmanager
def open_picture(content: Content, media_type: str, wanted: int, limits: Limits) -> Iterator[Opened]:
    """A picture of one of the types in `PICTURES`; of an animation, its first frame.

    Raises:
        UnsupportedMedia, BrokenMedia: see `rag.media.reading.read`.
    """
    kind = PICTURES[media_type]
    with translating(kind), _quietly():
        image = _open(content, kind, limits.pixels)
        check_size(*image.size, limits.pixels)
        pages = _pages(image, limits) if kind == "TIFF" else [0]
        metadata = picture_metadata(image, keep_personal=limits.keep_personal)
    left_out: list[str] = []
    visuals: Iterator[DecodedVisual | None]
    if len(pages) > 1:
        visuals = _each_page(image, pages, wanted, limits, left_out)
    else:
        visuals = _only(image, kind, pages[0], wanted, limits)
    yield Opened(media_type, metadata, visuals, left_out)


def _open(content: Content, kind: str, most_pixels: int) -> Image.Image:
    """Reads the header alone."""
    if kind == "HEIF":
        _add_heif()
    try:
        return Image.open(file_of(content), formats=[kind])
    except Image.DecompressionBombError as error:
        raise UnsupportedMedia(f"it is over the limit of {most_pixels:,} pixels") from error


def _add_heif() -> None:
    """Embedded thumbnails are not believed: nothing makes them show the same picture."""
    import pillow_heif

    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def _only(image: Image.Image, kind: str, page: int, wanted: int, limits: Limits) -> Iterator[DecodedVisual]:
    with translating(kind), _quietly():
        visual = _decoded(image, page, "", wanted, limits)
    yield visual


def _each_page(
    image: Image.Image, pages: list[int], wanted: int, limits: Limits, left_out: list[str]
) -> Iterator[DecodedVisual | None]:
    if len(pages) > limits.visuals:
        left_out.append(f"only the first {limits.visuals} pages are taken")
        del pages[limits.visuals :]
    locators = [f"page={number}" for number in range(1, len(pages) + 1)]

    def decode(number: int) -> DecodedVisual:
        with translating("TIFF"), _quietly():
            return _decoded(image, pages[number], locators[number], wanted, limits)

    return taken_each(locators, decode, left_out)


def _decoded(image: Image.Image, frame: int, locator: str, wanted: int, limits: Limits) -> DecodedVisual:
    if frame or locator:
        image.seek(frame)
    check_size(*image.size, limits.pixels)
    width, height = image.size
    edge = kept_edge(wanted)
    image.draft("RGB", (edge, edge))  # JPEGs are decoded at 1/2, 1/4 or 1/8 by libjpeg itself
    image.load()
    orientation = _orientation(image)
    upright = to_srgb(image, factor(*image.size, wanted))
    if orientation in UPRIGHT:
        upright = upright.transpose(UPRIGHT[orientation])
    elif upright is image and locator:
        upright = image.copy()  # the next page is decoded into the same object
    if orientation in SIDEWAYS:
        width, height = height, width
    return visual_of(upright, width=width, height=height, locator=locator)


def _orientation(image: Image.Image) -> int:
    """1 to 8, 1 where it cannot be read. Pillow has turned TIFF, and libheif HEIC, by the time they are loaded."""
    with suppress(Exception):  # broken EXIF makes no broken picture
        return int(image.getexif().get(ORIENTATION, 1))
    return 1


def _pages(image: Image.Image, limits: Limits) -> list[int]:
    """The frames that are pages: not the smaller copies of a pyramid, and not masks.

    Raises:
        UnsupportedMedia: a camera's raw file: what can be seen in it is only a preview.
    """
    tags = image.getexif()
    if DNG_VERSION in tags:
        raise UnsupportedMedia("it is image/x-adobe-dng, which is not read; export it as JPEG or TIFF")
    pages = []
    for frame in count():
        try:
            image.seek(frame)
        except EOFError:
            break
        if not _subfile_type(image) & REDUCED_OR_MASK:
            pages.append(frame)
        if len(pages) > limits.visuals or frame > 10 * limits.visuals:
            break
    image.seek(0)
    return pages or [0]


def _subfile_type(image: Image.Image) -> int:
    kind = image.tag_v2.get(SUBFILE_TYPE, 0)  # type: ignore[attr-defined]
    return kind if isinstance(kind, int) else 0


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
