"""Uploaded files, and URLs that were named, as entries of the ingest flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fastapi import UploadFile

from rag.errors import UnsupportedMedia
from rag.model import Caption
from rag.sources.addresses import WebFiles, address_entry
from rag.sources.entry import Entry
from rag.sources.limits import SourceLimits

LONGEST_NAME = 400
"""Characters of a file name that are kept; it is for people only."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the uploader says of all files of one upload."""

    caption: str = ""
    tags: Sequence[str] = ()
    source: str = ""
    licence: str = ""


def entries(files: Sequence[UploadFile], said: Said, max_bytes: int) -> Iterator[Entry]:
    """One entry a file, read when the flow comes to it."""
    for file in files:
        name = (file.filename or "unnamed")[:LONGEST_NAME]
        yield described(Entry(name, reader(file, max_bytes)), said)


def url_entries(urls: Sequence[str], said: Said, limits: SourceLimits) -> list[Entry]:
    """One entry a URL, fetched when the flow comes to it; a refused one is skipped with the reason."""
    web = WebFiles(limits)
    return [described(address_entry(url.strip(), web), said) for url in dict.fromkeys(urls)]


def described(entry: Entry, said: Said) -> Entry:
    """The entry with what was said of all."""
    return replace(
        entry,
        name=entry.name[:LONGEST_NAME],
        captions=(Caption(said.caption.strip()),) if said.caption.strip() else (),
        tags=words(said.tags),
        source=said.source.strip(),
        licence=said.licence.strip(),
    )


def words(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags from fields that may each hold several, separated by commas; no blanks, no repeats."""
    every = (word.strip() for field in tags for word in field.split(","))
    return tuple(dict.fromkeys(word for word in every if word))


def reader(file: UploadFile, max_bytes: int) -> Callable[[], bytes]:
    """Reads the file, or raises UnsupportedMedia when it is over the limit."""

    def read() -> bytes:
        content = file.file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise UnsupportedMedia(f"it is over the limit of {max_bytes:,} bytes")
        return content

    return read
