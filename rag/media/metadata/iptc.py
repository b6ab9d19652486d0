"""IPTC-IIM, as Photoshop and agencies write it into JPEG and TIFF: caption, keywords, credit, rights.

Datasets are those of record 2 of the IPTC Information Interchange Model, version 4.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rag.media.metadata.text import clean, decoded, moment, named
from rag.media.visuals import LONGEST_TEXT, Metadata

APPLICATION_RECORD = 2
KEYWORDS, DATE_CREATED, TIME_CREATED, BYLINE, CREDIT, COPYRIGHT, CAPTION = 25, 55, 60, 80, 110, 116, 120
TAG_MARKER = 0x1C
MOST_DATASETS = 2_000


def iptc_metadata(block: bytes, *, keep_personal: bool) -> Metadata:
    """What an IIM block says; datasets after one that is broken are not read."""
    found: dict[int, list[str]] = defaultdict(list)
    for dataset, value in _datasets(block):
        found[dataset].append(decoded(value))
    date, time = (clean("".join(found[name][:1])) for name in (DATE_CREATED, TIME_CREATED))
    return Metadata(
        captions=tuple(clean(text, LONGEST_TEXT) for text in found[CAPTION]),
        keywords=tuple(found[KEYWORDS]),
        captured_at=moment(date + time) or moment(date),
        credit=clean("".join(found[CREDIT][:1])),
        licence=clean("".join(found[COPYRIGHT][:1])),
        personal=named(creator=clean(", ".join(found[BYLINE]))) if keep_personal else {},
    )


def _datasets(block: bytes) -> Iterator[tuple[int, bytes]]:
    """(dataset, value) of the application record, in their order."""
    at = 0
    for _ in range(MOST_DATASETS):
        if at + 5 > len(block) or block[at] != TAG_MARKER:
            return
        record, dataset, length = block[at + 1], block[at + 2], int.from_bytes(block[at + 3 : at + 5], "big")
        at += 5
        if length & 0x8000:  # the length of the length: values over 32 kB
            octets = length & 0x7FFF
            length = int.from_bytes(block[at : at + octets], "big")
            at += octets
        if record == APPLICATION_RECORD:
            yield dataset, block[at : at + length]
        at += length
