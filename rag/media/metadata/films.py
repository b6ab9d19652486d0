"""What the container of a film says: QuickTime's keys, Matroska's tags, and FFmpeg's names for both."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rag.media.metadata.exif import camera
from rag.media.metadata.text import clean, merged, moment, named
from rag.media.visuals import LONGEST_TEXT, Metadata

QUICKTIME = "com.apple.quicktime."
CAPTIONS = ("description", f"{QUICKTIME}description", "synopsis", "title", f"{QUICKTIME}title")
UNSET_CLOCK = 1971
"""Years before it come from clocks that count from 1904 or 1970 and were never set."""
ISO_6709 = re.compile(r"(?P<latitude>[+-]\d{1,2}(\.\d+)?)(?P<longitude>[+-]\d{1,3}(\.\d+)?)")


def film_metadata(container: Mapping[str, str], stream: Mapping[str, str], *, keep_personal: bool) -> Metadata:
    """The container's fields, else the stream's. A phone's own moment, with its zone, comes before the clock's UTC."""
    fields = {name.casefold(): clean(value, LONGEST_TEXT) for name, value in {**stream, **container}.items()}

    def first(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    taken = moment(first(f"{QUICKTIME}creationdate", "date_recorded", "creation_time"))
    found = Metadata(
        captions=tuple(fields.get(name, "") for name in CAPTIONS),
        keywords=tuple(re.split(r"\s*[;,]\s*", first("keywords", f"{QUICKTIME}keywords"))),
        captured_at=taken if taken and taken.year >= UNSET_CLOCK else None,
        camera=camera(first("make", f"{QUICKTIME}make"), first("model", f"{QUICKTIME}model")),
        licence=first("license", "copyright", f"{QUICKTIME}copyright"),
        personal=_personal(first) if keep_personal else {},
    )
    return merged((found,))


def _personal(first: Callable[..., str]) -> dict[str, str]:
    place = ISO_6709.match(first(f"{QUICKTIME}location.iso6709", "location", "location-eng"))
    return named(
        gps=f"{float(place['latitude']):.5f}, {float(place['longitude']):.5f}" if place else "",
        creator=first("artist", "author", f"{QUICKTIME}author", "director"),
    )
