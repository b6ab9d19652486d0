"""How the tests look at a source: its files by name, and why those that are skipped were."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rag.errors import UnsupportedMedia
from rag.sources.entry import Entry
from rag.sources.limits import SourceLimits
from rag.sources.opening import open_source

LIMITS = SourceLimits(max_bytes=1_000)


def entries_of(source: Path | str, limits: SourceLimits = LIMITS, pictures: Path | None = None) -> list[Entry]:
    return list(open_source(str(source), limits=limits, pictures=pictures).entries())


def by_name(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


def contents(entries: Iterable[Entry]) -> dict[str, bytes | str]:
    """Of each entry its bytes, or as text the reason why it is skipped, which has to be one line."""
    found = {entry.name: _content(entry) for entry in entries}
    assert not [reason for reason in found.values() if isinstance(reason, str) and "\n" in reason]
    return found


def captions(entry: Entry) -> list[str]:
    return [caption.text for caption in entry.captions]


def _content(entry: Entry) -> bytes | str:
    try:
        return entry.read()
    except UnsupportedMedia as error:
        return str(error)
