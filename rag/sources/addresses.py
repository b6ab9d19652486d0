"""Files of the web: one address, or a text file with one a line; every fetch is a safe one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from rag.errors import BadSource, Unavailable, UnsupportedMedia
from rag.settings import without_credentials
from rag.sources.entry import Entry
from rag.sources.limits import SourceLimits
from rag.sources.lines import bounded_lines
from rag.sources.rows import WEB

if TYPE_CHECKING:
    from rag.media.fetch import SafeFetch


class WebFiles:
    """Gives files of the web their readers, which share the connections. Opens nothing before the first is read."""

    def __init__(self, limits: SourceLimits) -> None:
        self._limits = limits.fetch
        self._lock = Lock()
        self._fetcher: SafeFetch | None = None

    def reader(self, url: str) -> Callable[[], bytes]:
        """Reads an address when called; a server that does not answer is this file's fault, and no other's."""

        def read() -> bytes:
            try:
                return self._shared().fetch(url)
            except Unavailable as error:
                raise UnsupportedMedia(str(error)) from error

        return read

    def _shared(self) -> SafeFetch:
        from rag.media.fetch import SafeFetch

        with self._lock:
            if self._fetcher is None:
                self._fetcher = SafeFetch(self._limits)
            return self._fetcher


def address_entry(url: str, web: WebFiles) -> Entry:
    """The file at one address. Its name shows neither credentials nor what follows the path."""
    return Entry(without_credentials(url), web.reader(url))


def addresses_in(file: Path, limits: SourceLimits) -> Iterator[Entry]:
    """One entry a line; empty lines and those that begin with # are left out.

    Raises:
        BadSource: the file cannot be read, or holds no address.
    """
    web = WebFiles(limits)
    found = False
    for _, line in bounded_lines(file):
        url = line.decode(errors="replace").strip()
        if url and not url.startswith("#"):
            found = True
            yield address_entry(url, web)
    if not found:
        raise BadSource(f"{file} holds no addresses; write one a line, beginning with http:// or https://")


def looks_like_addresses(file: Path) -> bool:
    """Whether the first line that says anything is an address."""
    for number, line in bounded_lines(file):
        text = line.decode(errors="replace").strip().lower()
        if text and not text.startswith("#"):
            return text.startswith(WEB)
        if number > 1_000:
            break
    return False
