"""PDF documents, rendered by PDFium through pypdfium2: each page a visual, with the text that it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from rag.errors import BrokenMedia, UnsupportedMedia
from rag.media.derived import PAGE_THUMBNAIL_EDGE, visual_of
from rag.media.limits import Limits
from rag.media.medium import Content, Opened, check_size, taken_each, translating
from rag.media.metadata.documents import document_metadata
from rag.media.metadata.text import clean
from rag.media.shrinking import kept_edge, scaled
from rag.media.sniffing import PDF
from rag.media.visuals import LONGEST_TEXT, DecodedVisual

MOST_CHARACTERS = 10 * LONGEST_TEXT
"""Characters of a page that are looked at."""


@contextmanager
def open_document(content: Content, wanted: int, limits: Limits) -> Iterator[Opened]:
    """A PDF. Scripts, forms and attachments are not touched.

    Raises:
        UnsupportedMedia: it needs a password, or has no pages.
        BrokenMedia: see `rag.media.reading.read`.
    """
    with translating("PDF"):
        document = _open(content)
    try:
        with translating("PDF"):
            metadata = document_metadata(document.get_metadata_dict(), keep_personal=limits.keep_personal)
            pages = len(document)
        if not pages:
            raise UnsupportedMedia("the PDF has no pages")
        left_out: list[str] = []
        yield Opened(PDF, metadata, _pages(document, pages, wanted, limits, left_out), left_out)
    finally:
        document.close()


def _open(content: Content) -> pypdfium2.PdfDocument:
    held = content if isinstance(content, bytes) else bytes(content)
    try:
        return pypdfium2.PdfDocument(held)
    except pypdfium2.PdfiumError as error:
        # Where PDFium gives no reason of its own, the code is still that of the document before.
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY) and b"/Encrypt" in held:
            raise UnsupportedMedia("the PDF is encrypted: save it without a password to take it in") from error
        raise BrokenMedia("it cannot be decoded as PDF: its structure is damaged") from error


def _pages(
    document: pypdfium2.PdfDocument, pages: int, wanted: int, limits: Limits, left_out: list[str]
) -> Iterator[DecodedVisual | None]:
    if pages > limits.visuals:
        left_out.append(f"only the first {limits.visuals} of {pages} pages are taken")
    locators = [f"page={number}" for number in range(1, min(pages, limits.visuals) + 1)]

    def decode(number: int) -> DecodedVisual:
        with translating("PDF"):
            return _page(document, number, locators[number], wanted, limits)

    return taken_each(locators, decode, left_out)


def _page(document: pypdfium2.PdfDocument, number: int, locator: str, wanted: int, limits: Limits) -> DecodedVisual:
    page = document[number]
    try:
        width, height = page.get_size()  # points, after the page's own rotation
        check_size(width, height, limits.pixels)
        image = _rendered(page, width, height, wanted)
        text = _text(page)
    finally:
        page.close()
    return visual_of(
        image,
        width=round(width),
        height=round(height),
        locator=locator,
        text=text,
        thumbnail_edge=PAGE_THUMBNAIL_EDGE,
    )


def _rendered(page: pypdfium2.PdfPage, width: float, height: float, wanted: int) -> Image.Image:
    """Large enough for the encoder and for a thumbnail in which print can be read."""
    legible = PAGE_THUMBNAIL_EDGE * min(width, height) / max(width, height)
    columns, _ = scaled(width, height, max(kept_edge(wanted), legible), wanted)
    bitmap = page.render(scale=columns / width, may_draw_forms=False, rev_byteorder=True)
    image: Image.Image = bitmap.to_pil()
    return image.convert("RGB")


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    try:
        return clean(text_page.get_text_range(count=min(text_page.count_chars(), MOST_CHARACTERS)), LONGEST_TEXT)
    finally:
        text_page.close()
