"""Blobs over fsspec: local folders, object stores, memory.

Content lies at `ab/cd/<sha>`, what was derived from it at `derived/<sha>/<name>`.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from rag.disk import KEPT_WHEN_ACCEPTING, KEPT_WHEN_INDEXING, require_room, says_full
from rag.errors import BadSettings, DiskFull, NotFound, PictureDeskError, Unavailable
from rag.model import AssetId

ASSET_ID = re.compile(r"[0-9a-f]{64}")
DERIVED_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class FsspecBlobs:
    """`Blobs` at any URL that fsspec reads. Safe to use from several threads and processes.

    In a folder, a blob is written beside its place, flushed to disk and renamed, so a
    crash leaves all of it or nothing. Object stores do the same with a single put.

    Raises:
        BadSettings: fsspec knows no such scheme, or lacks the package for it.
    """

    def __init__(self, url: str) -> None:
        scheme = url.partition("://")[0]
        try:
            files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except ImportError as error:
            raise BadSettings(f"blobs at {scheme}:// need another package: {error}") from error
        except ValueError as error:
            raise BadSettings(f"blobs cannot be kept at {scheme}://: {error}") from error
        self._files: Any = files
        self._root = str(root).rstrip("/")
        local = isinstance(files, LocalFileSystem)
        self._write = _write_durably if local else self._put_whole
        self._write_derived = _write_whole if local else self._put_whole

    def put(self, content: bytes) -> AssetId:
        asset_id = AssetId(sha256(content).hexdigest())
        with translating(f"blob {asset_id}"):
            path = self._blob(asset_id)
            if not self._files.exists(path):
                self._write(path, content)
        return asset_id

    def get(self, asset_id: AssetId) -> bytes:
        with translating(f"blob {asset_id}", missing=NotFound):
            return bytes(self._files.cat_file(self._blob(asset_id)))

    def has(self, asset_id: AssetId) -> bool:
        with translating(f"blob {asset_id}"):
            return ASSET_ID.fullmatch(asset_id) is not None and bool(self._files.exists(self._blob(asset_id)))

    def put_derived(self, asset_id: AssetId, name: str, content: bytes) -> None:
        with translating(f"{name!r} of blob {asset_id}"):
            self._write_derived(self._derived(asset_id, name), content)

    def has_derived(self, asset_id: AssetId, name: str) -> bool:
        with translating(f"{name!r} of blob {asset_id}"):
            path = self._derived(asset_id, name)
            return bool(self._files.exists(path)) and self._files.size(path) > 0

    def every(self) -> Iterator[AssetId]:
        with translating("the list of blobs"):
            for _, _, names in self._files.walk(self._root):
                yield from (AssetId(name) for name in names if ASSET_ID.fullmatch(name))

    def get_derived(self, asset_id: AssetId, name: str) -> bytes:
        with translating(f"{name!r} of blob {asset_id}", missing=NotFound):
            content = bytes(self._files.cat_file(self._derived(asset_id, name)))
        if not content:
            raise NotFound(
                f"{name!r} of blob {asset_id} was lost in a power cut; picturedesk doctor --fix makes it anew"
            )
        return content

    def delete(self, asset_id: AssetId) -> None:
        if not ASSET_ID.fullmatch(asset_id):
            return
        with translating(f"blob {asset_id}"):
            for path in (f"{self._root}/derived/{asset_id}", self._blob(asset_id)):
                self._remove(path)

    def _remove(self, path: str, tries: int = 10) -> None:
        """With what somebody writes into it meanwhile: a thumbnail of an asset that is just being indexed."""
        try:
            self._files.rm(path, recursive=True)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY or tries <= 1:
                raise
            self._remove(path, tries - 1)

    def _blob(self, asset_id: AssetId) -> str:
        if not ASSET_ID.fullmatch(asset_id):
            raise NotFound(f"there is no blob {asset_id!r}: ids are 64 lower-case hex digits")
        return f"{self._root}/{asset_id[:2]}/{asset_id[2:4]}/{asset_id}"

    def _derived(self, asset_id: AssetId, name: str) -> str:
        self._blob(asset_id)
        if not DERIVED_NAME.fullmatch(name):
            raise NotFound(f"nothing is kept under the name {name!r}: letters, digits, dots and dashes only")
        return f"{self._root}/derived/{asset_id}/{name}"

    def _put_whole(self, path: str, content: bytes) -> None:
        try:
            self._files.pipe_file(path, content)
        except FileNotFoundError:  # a store that has folders, or no bucket yet
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, content)


@contextmanager
def translating(what: str, missing: type[PictureDeskError] = Unavailable) -> Iterator[None]:
    """Turn what fsspec's many backends raise into our errors; they share no root but Exception.

    Args:
        missing: what a missing file means: NotFound to a reader; to a writer, that folder or bucket are gone.
    """
    try:
        yield
    except PictureDeskError:
        raise
    except (FileNotFoundError, IsADirectoryError) as error:
        raise missing(f"there is no place for {what}" if missing is Unavailable else f"there is no {what}") from error
    except OSError as error:
        if says_full(error):
            raise DiskFull(f"{what} could not be stored: the disk is full; free some space") from error
        why = error.strerror or type(error).__name__
        raise Unavailable(f"{what} could not be read or stored: {why}") from error
    except Exception as error:
        raise Unavailable(f"{what} could not be read or stored: {type(error).__name__}") from error


def _write_durably(path: str, content: bytes) -> None:
    """Write a file so that a crash or a power cut leaves all of it or nothing."""
    target = Path(path)
    _make_folder(target.parent)
    require_room(target.parent, len(content), kept=KEPT_WHEN_ACCEPTING)
    _replace(target, content, flush=True)
    _flush_folder(target.parent)


def _write_whole(path: str, content: bytes) -> None:
    """Write a file so that a crash leaves all of it or nothing; after a power cut it may be empty."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    require_room(target.parent, len(content), kept=KEPT_WHEN_INDEXING)
    _replace(target, content, flush=False)


def _replace(target: Path, content: bytes, *, flush: bool) -> None:
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; each new name is flushed to disk in the folder that holds it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
