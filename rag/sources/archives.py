"""One tar, read once from the front and never unpacked: a name such as `../../etc/passwd` is only a name.

Of a plain tar on this machine the pictures are read later, from their places; of others as they come by.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from rag.errors import BrokenMedia, PictureDeskError, UnsupportedMedia
from rag.sources.entry import Entry, fingerprint, printable, unreadable
from rag.sources.row_files import held_entry
from rag.sources.shards import Shard

COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
AT_A_TIME = 1024 * 1024
"""Bytes read at once of an archive that streams."""


class _Member(tarfile.TarInfo):
    """A member whose header says when it is broken: to tarfile, a damaged header is the end, and all is well."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined] # the mark at the end of an archive
            raise
        except tarfile.HeaderError as error:
            raise BrokenMedia(str(error)) from error


class Archive:
    """An open tar.

    Attributes:
        in_place: whether its files can be read later, from where they lie.
    """

    def __init__(self, shard: Shard, tar: tarfile.TarFile, path: Path | None, max_bytes: int) -> None:
        self._shard = shard
        self._tar = tar
        self._path = path
        self._max_bytes = max_bytes
        self.in_place = path is not None

    def members(self) -> Iterator[tarfile.TarInfo]:
        """The regular files, in the order of the archive; hidden ones are left out.

        Raises:
            BrokenMedia: the archive cannot be read from here on.
        """
        while True:
            with _translating():
                member = self._tar.next()
                self._tar.members = []  # type: ignore[attr-defined] # it keeps every one, and there may be millions
            if member is None:
                return
            if member.isreg() and not member.name.rpartition("/")[2].startswith("."):
                yield member

    def content(self, member: tarfile.TarInfo) -> bytes:
        """The bytes of the member that was come to last. Raises BrokenMedia."""
        with _translating():
            file = self._tar.extractfile(member)
            content = b"" if file is None else file.read()
        if len(content) != member.size:
            raise BrokenMedia(f"it breaks off in {shown(member)}")
        return content

    def entry(self, member: tarfile.TarInfo) -> Entry:
        """The member as a file of its own, named after the archive and its place in it. Raises BrokenMedia."""
        name = f"{self._shard.name}/{shown(member)}"
        if member.size > self._max_bytes:
            return unreadable(name, f"{member.size:,} bytes are over the limit of {self._max_bytes:,}")
        shard = self._shard.fingerprint
        known = fingerprint(shard, member.name, member.offset_data, member.size) if shard else ""
        if self._path is not None and not member.issparse():
            return Entry(name, _reader(self._path, member.offset_data, member.size), fingerprint=known)
        return held_entry(name, self.content(member), self._max_bytes, known)


@contextmanager
def opened(shard: Shard, max_bytes: int) -> Iterator[Archive]:
    """A tar, gzipped or not. Raises BrokenMedia when it is none."""
    with ExitStack() as stack:
        with _translating():
            stream = stack.enter_context(shard.open())
            path = None if shard.path is None or _is_compressed(stream) else shard.path
            tar = stack.enter_context(_tar(stream, in_place=path is not None))
        yield Archive(shard, tar, path, max_bytes)


def _is_compressed(stream: BinaryIO) -> bool:
    head = stream.read(8)
    stream.seek(0)
    return head.startswith(COMPRESSED)


def _tar(stream: BinaryIO, *, in_place: bool) -> tarfile.TarFile:
    if in_place:
        return tarfile.open(fileobj=stream, mode="r:", tarinfo=_Member)
    return tarfile.open(fileobj=stream, mode="r|*", bufsize=AT_A_TIME, tarinfo=_Member)


@contextmanager
def _translating() -> Iterator[None]:
    """Damaged archives make tarfile and the decompressors raise what they please, TypeError among it."""
    try:
        yield
    except PictureDeskError:
        raise
    except Exception as error:
        raise BrokenMedia(" ".join(str(error).split())[:200] or type(error).__name__) from error


def shown(member: tarfile.TarInfo) -> str:
    """The name of a member as it may be shown."""
    return printable(member.name.encode(errors="surrogateescape").decode(errors="replace"))


def _reader(path: Path, offset: int, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with path.open("rb") as file:
                file.seek(offset)
                content = file.read(size)
        except OSError as error:
            raise UnsupportedMedia(f"its archive cannot be read: {error.strerror}") from error
        if len(content) != size:
            raise UnsupportedMedia("its archive breaks off in the middle of it")
        return content

    return read
