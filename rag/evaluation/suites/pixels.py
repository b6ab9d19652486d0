"""What is done to pictures after they were drawn. Same picture, same pixels out."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps


def line_drawing(picture: Image.Image) -> Image.Image:
    """Dark lines on white, where colours meet."""
    edges = picture.convert("L").filter(ImageFilter.FIND_EDGES)
    edges.paste(0, (0, 0, edges.width, 2))  # the filter leaves a frame
    edges.paste(0, (0, edges.height - 2, edges.width, edges.height))
    edges.paste(0, (0, 0, 2, edges.height))
    edges.paste(0, (edges.width - 2, 0, edges.width, edges.height))
    return ImageOps.invert(ImageOps.autocontrast(edges, cutoff=(0, 1))).convert("RGB")


def greyscale(picture: Image.Image) -> Image.Image:
    return picture.convert("L").convert("RGB")


def blurred(picture: Image.Image) -> Image.Image:
    """As out of focus: a Gaussian of 2 % of the edge."""
    return picture.filter(ImageFilter.GaussianBlur(0.02 * picture.width))


def cropped(picture: Image.Image) -> Image.Image:
    """The lower right of it, 70 % of each edge."""
    at = round(0.3 * picture.width)
    return picture.crop((at, at, picture.width, picture.height)).resize(picture.size, Image.Resampling.BICUBIC)


def with_word(word: str) -> Callable[[Image.Image], Image.Image]:
    """A label with the word stuck on the picture, as in the attacks of Goh et al. 2021."""

    def written(picture: Image.Image) -> Image.Image:
        made = with_label(word)(picture)
        ink, place = (20, 20, 24), _place(picture)
        pen = ImageDraw.Draw(made)
        pen.text(place, word, font=_font(word, picture), anchor="mm", fill=ink, stroke_width=1, stroke_fill=ink)
        return made

    return written


def with_label(word: str) -> Callable[[Image.Image], Image.Image]:
    """The same label, as large as for the word, with nothing on it."""

    def covered(picture: Image.Image) -> Image.Image:
        made = picture.copy()
        pen = ImageDraw.Draw(made)
        left, top, right, bottom = pen.textbbox(_place(picture), word, font=_font(word, picture), anchor="mm")
        pad = 0.03 * picture.width
        pen.rectangle((left - pad, top - pad, right + pad, bottom + pad), fill=(250, 250, 246))
        return made

    return covered


def _place(picture: Image.Image) -> tuple[float, float]:
    return 0.5 * picture.width, 0.22 * picture.height


def _font(word: str, picture: Image.Image) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=_size(word, 0.8 * picture.width))


def _size(word: str, widest: float) -> int:
    """Letters as large as fit, a fifth of the picture at most."""
    at_100 = ImageFont.load_default(size=100).getlength(word)
    return int(min(100 * widest / at_100, widest / 4))
