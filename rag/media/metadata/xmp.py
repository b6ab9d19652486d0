"""XMP: the same things again, as XML (Adobe XMP Specification, part 1 and 2; IPTC Core)."""

from __future__ import annotations

from xml.etree import ElementTree

from rag.media.metadata.text import clean, moment, named
from rag.media.visuals import LONGEST_TEXT, Metadata

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
LARGEST = 1024 * 1024
"""Bytes of a packet that are parsed; what is larger carries previews and histories, and is not worth it."""


def xmp_metadata(packet: bytes, *, keep_personal: bool) -> Metadata:
    """What a packet says; nothing, when it is no XML, is over `LARGEST`, or defines entities."""
    fields = _fields(packet)

    def first(*names: str) -> str:
        return next((fields[name][0] for name in names if fields.get(name)), "")

    return Metadata(
        captions=tuple(fields.get(f"{DC}description", [])),
        keywords=tuple(fields.get(f"{DC}subject", [])),
        captured_at=moment(first(f"{EXIF}DateTimeOriginal", f"{PHOTOSHOP}DateCreated")),
        credit=first(f"{PHOTOSHOP}Credit"),
        licence=first(f"{RIGHTS}UsageTerms", f"{RIGHTS}WebStatement", f"{DC}rights"),
        personal=_personal(fields) if keep_personal else {},
    )


def _personal(fields: dict[str, list[str]]) -> dict[str, str]:
    def joined(name: str) -> str:
        return ", ".join(fields.get(name, []))

    return named(
        creator=joined(f"{DC}creator"),
        owner=joined(f"{AUX}OwnerName"),
        serial=joined(f"{AUX}SerialNumber"),
    )


def _fields(packet: bytes) -> dict[str, list[str]]:
    """Every property of the descriptions with its values; of a text in several languages, each."""
    text = packet.strip(b"\x00 \r\n\t")
    if not text or len(text) > LARGEST or b"<!" in text.replace(b"<!--", b""):
        return {}
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    fields: dict[str, list[str]] = {}
    for description in root.iter(f"{RDF}Description"):
        for name, value in description.attrib.items():
            _add(fields, name, value)
        for element in description:
            items = [item.text for item in element.iter(f"{RDF}li")] or [element.text]
            for item in items:
                _add(fields, element.tag, item)
    return fields


def _add(fields: dict[str, list[str]], name: str, value: str | None) -> None:
    cleaned = clean(value, LONGEST_TEXT)
    if cleaned:
        fields.setdefault(name, []).append(cleaned)


def as_packet(value: object) -> bytes:
    """The packet as bytes, however a decoder gives it; b"" when there is none."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore")
    return value if isinstance(value, bytes) else b""
