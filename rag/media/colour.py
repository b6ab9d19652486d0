"""Any colour mode to sRGB, once and for all: what is transparent becomes white, as on paper."""

from __future__ import annotations

import io
import math
from typing import cast

from PIL import Image, ImageCms

DIRECT = ("RGB", "L", "CMYK", "YCbCr")
"""Modes whose pixels can be averaged as they stand; they are made small first, which is cheaper."""
TRANSPARENT = ("RGBA", "RGBa", "LA", "La", "PA")
WIDE = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
"""Grey with more than 8 bits."""
SCALES = {"I": (255, 65_535), "F": (1, 255, 65_535)}
"""White, in pictures of 32-bit numbers: the first that is not exceeded."""


def to_srgb(image: Image.Image, divide_by: int) -> Image.Image:
    """RGB pixels of a loaded picture, both edges divided by `divide_by`; without metadata.

    An embedded profile is applied. One that cannot be read, or is of another kind than
    the pixels, is ignored: the picture is still there.
    """
    profile = image.info.get("icc_profile")
    small = _small(image, divide_by)
    result = _applied(small, profile) if isinstance(profile, bytes) and profile else _rgb(small)
    result.info = {}
    return result


def _small(image: Image.Image, divide_by: int) -> Image.Image:
    if "transparency" in image.info or image.mode in TRANSPARENT:
        return _on_paper(image, divide_by)
    if image.mode in WIDE:
        return _reduced(_eight_bits(image), divide_by)
    return _reduced(image if image.mode in DIRECT or image.mode == "LAB" else image.convert("RGB"), divide_by)


def _reduced(image: Image.Image, divide_by: int) -> Image.Image:
    return image.reduce(divide_by) if divide_by > 1 else image


def _on_paper(image: Image.Image, divide_by: int) -> Image.Image:
    if image.mode in WIDE:  # one grey value stands for transparent
        return _reduced(_eight_bits(image), divide_by)
    coloured = image.convert("RGBA")
    if coloured.getchannel("A").getextrema() == (255, 255):
        return _reduced(coloured.convert("RGB"), divide_by)
    # Averaging needs premultiplied colours: else what is transparent would bleed into what is not.
    small = _reduced(coloured.convert("RGBa"), divide_by).convert("RGBA") if divide_by > 1 else coloured
    return Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Mode L. 32-bit values name no white: the brightest tells which of the usual ones is meant."""
    scale = _scale(image)
    wide = image if image.mode in ("I", "F") else image.convert("I")
    return wide.point(lambda value: value * scale + 0).convert("L")


def _scale(image: Image.Image) -> float:
    if image.mode not in ("I", "F"):
        return 255 / 65_535
    brightest = cast(tuple[float, float], image.getextrema())[1]
    if not math.isfinite(brightest):
        return 1.0
    return 255 / next((top for top in SCALES[image.mode] if brightest <= top), brightest)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "LAB":
        return _applied(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    return image if image.mode == "RGB" else image.convert("RGB")


def _applied(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and ImageCms.getProfileDescription(source).startswith("sRGB"):
            return image
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB") if image.mode != "LAB" else image.getchannel("L").convert("RGB")
    return converted if converted is not None else image.convert("RGB")
