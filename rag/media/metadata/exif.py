"""EXIF: when, with what, by whom, where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from PIL.Image import Exif

from rag.media.metadata.text import clean, moment, named
from rag.media.visuals import LONGEST_TEXT, Metadata

IMAGE_DESCRIPTION, MAKE, MODEL, ARTIST, COPYRIGHT = 0x010E, 0x010F, 0x0110, 0x013B, 0x8298
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL = 0x9003, 0x9011
OWNER, BODY_SERIAL, LENS_SERIAL = 0xA430, 0xA431, 0xA435
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4


def exif_metadata(exif: Exif, *, keep_personal: bool) -> Metadata:
    """What the tags of a picture say; personal ones only when they are to be kept."""
    details = exif.get_ifd(EXIF_IFD)
    taken = clean(details.get(DATE_TIME_ORIGINAL))
    return Metadata(
        captions=(_text(exif.get(IMAGE_DESCRIPTION), LONGEST_TEXT),),
        captured_at=moment(taken + clean(details.get(OFFSET_TIME_ORIGINAL))) or moment(taken),
        camera=camera(_text(exif.get(MAKE)), _text(exif.get(MODEL))),
        licence=_text(exif.get(COPYRIGHT)),
        personal=_personal(exif, details) if keep_personal else {},
    )


def camera(make: str, model: str) -> str:
    """Make and model; the make is not repeated when the model has it."""
    brand = make.partition(" ")[0].casefold()
    return model if model.casefold().startswith(brand) and model else f"{make} {model}".strip()


def _personal(exif: Exif, details: Mapping[int, object]) -> dict[str, str]:
    return named(
        gps=_position(exif.get_ifd(GPS_IFD)),
        creator=_text(exif.get(ARTIST)),
        owner=_text(details.get(OWNER)),
        serial=_text(details.get(BODY_SERIAL)) or _text(details.get(LENS_SERIAL)),
    )


def _position(gps: Mapping[int, object]) -> str:
    """Degrees, north and east positive, five decimals (about a metre)."""
    latitude = _degrees(gps.get(LATITUDE), gps.get(LATITUDE_REF), "S")
    longitude = _degrees(gps.get(LONGITUDE), gps.get(LONGITUDE_REF), "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return ""
    return f"{latitude:.5f}, {longitude:.5f}"


def _degrees(parts: object, hemisphere: object, negative: str) -> float | None:
    """Degrees, minutes and seconds as one number."""
    if not isinstance(parts, tuple) or not parts:
        return None
    try:
        whole = math.fsum(float(part) / 60**place for place, part in enumerate(parts[:3]))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(whole):  # 0/0, as cameras write that found no satellite
        return None
    return -whole if clean(hemisphere).upper() == negative else whole


def _text(value: object, longest: int = 500) -> str:
    """Pillow reads every text as Latin-1; most are UTF-8."""
    if isinstance(value, str):
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            return clean(value, longest)
    if isinstance(value, int | float | Fraction):
        value = str(value)
    return clean(value, longest)
