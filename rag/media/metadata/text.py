"""Text out of files, made fit to keep: one encoding, no control characters, no camera's boilerplate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from rag.media.visuals import LONGEST_TEXT, Metadata

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]+")
BOILERPLATE = re.compile(
    r"""(olympus|konica\ minolta|minolta|kodak|medion|samsung|panasonic|nikon|sony|casio|sanyo|ricoh|vivicam)?\s*
    (digital\ (still\ )?camera | camera\ pictures | dsc | dcim) | samsung | <(digimax|kenox).*>
    | rhdr | hdrpl | oznor\w* | frontbhdl | fbt\w* | rbt | ptr | btr | mde(_soft)? | edf | btf\w* | frem | rpt | burst
    | sdr_hdrb | cof | qrf | fshbty | dav | binary\ comment | default | untitled | exif_jpeg_picture | charset=ascii
    | created\ (by|with)\ (imlib|(the\ )?gimp).* | (processed|edited)\ with\ .* | screenshot | \(none\) | -+""",
    re.IGNORECASE | re.VERBOSE,
)
"""What cameras and programs write where a caption belongs; most of them as PhotoPrism lists them."""
MOST_CAPTIONS = 20
MOST_KEYWORDS = 200
LONGEST_FIELD = 500
FORMATS = (
    "%Y:%m:%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
)
"""As EXIF, XMP and films, some programs, IPTC with and without a time, and XMP with less write them."""
MOMENT = re.compile(r"(?P<time>[^.Z+]*?)(\.\d+)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?")
EARLIEST = 1826
"""The year of the first photograph; what is said to be older is a clock that was never set."""


def clean(value: object, longest: int = LONGEST_FIELD) -> str:
    """The value as text without control characters and outer blanks, cut to `longest`; "" when it is no text."""
    if isinstance(value, bytes):
        value = decoded(value)
    if not isinstance(value, str):
        return ""
    text = CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return text.encode("utf-8", "ignore").decode()[: 2 * longest].strip()[:longest]


def decoded(value: bytes) -> str:
    """Bytes in UTF-8, or else in the encoding of old Windows programs."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def moment(value: object) -> datetime | None:
    """A point in time as EXIF, XMP, IPTC and films write them; in UTC when it names no zone, None when it is none."""
    found = MOMENT.fullmatch(clean(value, 40))
    for form in FORMATS if found else ():
        try:
            parsed = datetime.strptime(f"{found['time']}{found['zone'] or '+0000'}", f"{form}%z")  # type: ignore[index]
        except ValueError:
            continue
        return parsed if parsed.year >= EARLIEST else None
    return None


def merged(parts: Iterable[Metadata]) -> Metadata:
    """One out of several, the earlier before the later: lists joined without repetition, else the first that says."""
    result = Metadata()
    for part in parts:
        result = replace(
            result,
            captions=_distinct((*result.captions, *map(_caption, part.captions)))[:MOST_CAPTIONS],
            keywords=_distinct((*result.keywords, *map(clean, part.keywords)))[:MOST_KEYWORDS],
            captured_at=result.captured_at or part.captured_at,
            camera=result.camera or part.camera,
            credit=result.credit or part.credit,
            licence=result.licence or part.licence,
            personal={**part.personal, **result.personal},
        )
    return result


def named(**fields: str) -> dict[str, str]:
    """The fields that are not empty."""
    return {name: value for name, value in fields.items() if value}


def _caption(text: str) -> str:
    caption = clean(text, LONGEST_TEXT)
    return "" if BOILERPLATE.fullmatch(caption) else caption


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
