"""XMP packets with what is said of a picture (IPTC Photo Metadata Standard 2021.1, Adobe XMP, part 1).

`dc:description`, `Iptc4xmpCore:AltTextAccessibility` and `Iptc4xmpCore:ExtDescrAccessibility` are language
alternatives: the default first, then a text for each language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

X = "adobe:ns:meta/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
IPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

PREFIXES = {"x": X, "rdf": RDF, "dc": DC, "Iptc4xmpCore": IPTC}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""

Texts = Mapping[str, str]
"""Text by language (BCP 47); "" where nobody says which."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a sidecar is to say of a file; empty ones are left out."""

    description: Texts = field(default_factory=dict)
    alt_text: Texts = field(default_factory=dict)
    long_description: Texts = field(default_factory=dict)


def xmp_packet(said: Said) -> bytes:
    """A sidecar's bytes: UTF-8, without declarations, which readers refuse."""
    for prefix, uri in PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.Element(f"{{{X}}}xmpmeta")
    description = ElementTree.SubElement(
        ElementTree.SubElement(root, f"{{{RDF}}}RDF"), f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""}
    )
    for name, texts in (
        (f"{{{DC}}}description", said.description),
        (f"{{{IPTC}}}AltTextAccessibility", said.alt_text),
        (f"{{{IPTC}}}ExtDescrAccessibility", said.long_description),
    ):
        if texts:
            _alternatives(ElementTree.SubElement(description, name), texts)
    ElementTree.indent(root)
    packet: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return packet + b"\n"


def _alternatives(parent: ElementTree.Element, texts: Texts) -> None:
    """`x-default` is what stands without a language, else English, else the first."""
    alternatives = ElementTree.SubElement(parent, f"{{{RDF}}}Alt")
    default = next((texts[language] for language in ("", "en") if language in texts), next(iter(texts.values())))
    for language, text in [("x-default", default), *((one, text) for one, text in texts.items() if one)]:
        item = ElementTree.SubElement(alternatives, f"{{{RDF}}}li", {LANGUAGE: language})
        item.text = NOT_XML.sub("\ufffd", text)
