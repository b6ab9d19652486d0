"""What stands beside a picture: `beach.txt` or `beach.jpg.txt` with a caption, `beach.xmp` with captions and tags."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from os.path import splitext
from xml.etree import ElementTree

from rag.model import Caption
from rag.sources.entry import LONGEST_CAPTION, printable

SUFFIXES = (".txt", ".xmp")
LONGEST_SIDECAR = 1024 * 1024
"""Bytes; a longer one is not read."""

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")


@dataclass(frozen=True, slots=True)
class Said:
    """What sidecars say of a file."""

    captions: tuple[Caption, ...] = ()
    tags: tuple[str, ...] = ()


def sidecars_of(names: Collection[str]) -> tuple[list[str], Mapping[str, list[str]]]:
    """Divide the names in one folder into files and what stands beside them.

    A text counts as a sidecar only beside a file that it describes; without one it is a file itself.

    Returns:
        The files, in the order of `names`; and for those that have sidecars, their names, texts first.
    """
    texts = {_lower_suffix(name): name for name in names if _suffix(name) in SUFFIXES}
    found: dict[str, list[str]] = {}
    for name in names if texts else ():
        if _suffix(name) in SUFFIXES:
            continue
        keys = dict.fromkeys(base + suffix for suffix in SUFFIXES for base in (splitext(name)[0], name))
        if beside := [texts[key] for key in keys if key in texts]:
            found[name] = beside
    used = {sidecar for beside in found.values() for sidecar in beside}
    return [name for name in names if name not in used], found


def said_by(sidecars: Iterable[str], read: Callable[[str], bytes]) -> Said:
    """What the sidecars of one file say together. One that cannot be read, or is broken, says nothing.

    Args:
        read: gives the bytes of one of `sidecars`; may raise whatever its source raises for a bad file.
    """
    captions: dict[str, Caption] = {}
    tags: dict[str, None] = {}
    for sidecar in sidecars:
        said = (from_xmp if _suffix(sidecar) == ".xmp" else from_text)(read(sidecar))
        captions |= {caption.text: caption for caption in said.captions if caption.text not in captions}
        tags |= dict.fromkeys(said.tags)
    return Said(tuple(captions.values()), tuple(tags))


def from_text(content: bytes) -> Said:
    """A text is one caption."""
    text = printable(content.decode("utf-8-sig", errors="replace")).strip()[:LONGEST_CAPTION]
    return Said((Caption(text),)) if text else Said()


def from_xmp(content: bytes) -> Said:
    """Captions from `dc:description`, each with its language, and tags from `dc:subject`.

    Broken XML says nothing, and so does XML with declarations of its own: entities are how a kilobyte becomes a
    gigabyte, and XMP has none.
    """
    text = content.decode("utf-8-sig", errors="replace")
    if len(content) > LONGEST_SIDECAR or any(declaration in text for declaration in DECLARATIONS):
        return Said()
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):  # ValueError: what is no text at all
        return Said()
    captions: dict[str, Caption] = {}
    for item in _items(root, "description"):
        caption = _caption(item)
        if caption.text and (caption.language or caption.text not in captions):  # x-default says one of them again
            captions[caption.text] = caption
    tags = (str(item.text or "").strip()[:200] for item in _items(root, "subject"))
    return Said(tuple(captions.values()), tuple(tag for tag in tags if tag))


def _items(root: ElementTree.Element, name: str) -> Iterable[ElementTree.Element]:
    for element in root.iter(f"{DC}{name}"):
        yield from element.iter(f"{RDF}li")


def _caption(item: ElementTree.Element) -> Caption:
    language = item.get(LANGUAGE, "")
    text = str(item.text or "").strip()[:LONGEST_CAPTION]
    return Caption(text, language="" if language == "x-default" else language)


def _suffix(name: str) -> str:
    return splitext(name)[1].lower()


def _lower_suffix(name: str) -> str:
    """Cameras and programs do not agree on the case of suffixes."""
    stem, suffix = splitext(name)
    return stem + suffix.lower()
