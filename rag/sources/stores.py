"""Object stores and whatever else fsspec reads: the files below a prefix, as the store lists them.

S3 is listed page by page, so a prefix may hold any number of files; of other stores one folder at a time is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any, BinaryIO, cast

import fsspec

from rag.batching import in_batches
from rag.errors import BadSource, PictureDeskError, Unavailable, UnsupportedMedia
from rag.settings import without_credentials
from rag.sources.entry import Entry, fingerprint, printable
from rag.sources.shards import Shard, expanded, is_pattern
from rag.sources.sidecars import LONGEST_SIDECAR, said_by, sidecars_of

READ_AHEAD = 64
"""Files whose sidecars are asked for at the same time: a store takes its time for each."""
CHANGES = ("ETag", "etag", "LastModified", "last_modified", "mtime", "updated", "created", "generation")
"""What stores call the things that change with a file, the most reliable first."""

Info = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Store:
    """A place in a store.

    Attributes:
        url: for people: without credentials.
        files: the fsspec file system.
        root: the path in it.
    """

    url: str
    files: Any
    root: str


def opened(url: str) -> Store:
    """Open a store. Raises BadSource when fsspec knows no such scheme, or lacks the package for it."""
    shown = without_credentials(url)
    scheme = url.partition("://")[0]
    if "::" in url:
        raise BadSource(f"{shown} is a chain of URLs, and those are not taken; give the last of them")
    try:
        files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise BadSource(f"{scheme}:// needs another package: {error}") from error
    except Exception as error:  # every store has its own way to be configured, and to complain
        raise BadSource(f"{shown} cannot be opened: {one_line(error)}") from error
    return Store(shown, files, str(root).rstrip("/"))


def store_entries(store: Store, *, max_bytes: int) -> Iterator[Entry]:
    """Every file below a place in a store, in the order of the store, with what its sidecars say.

    Hidden files are left out, as in a folder.

    Raises:
        BadSource: the place is missing, may not be listed, or holds no file.
        Unavailable: the store stopped answering in the middle of its list.
    """
    entries = _entries(store, max_bytes)
    try:
        first = next(entries, None)
    except Unavailable as error:
        raise BadSource(str(error)) from error
    if first is None:
        raise BadSource(f"{store.url} holds no files; check the bucket and the prefix")
    return chain([first], entries)


def store_shards(store: Store) -> list[Shard]:
    """The tars that a URL names: one, a brace list or a glob. Raises BadSource when there is none."""
    with _translating(store.url, BadSource):
        paths = [
            path
            for one in expanded(store.root)
            for path in (sorted(map(str, store.files.glob(one))) if is_pattern(one) else [one])
        ]
    if not paths:
        raise BadSource(f"no file matches {store.url}")
    return [_shard(store, path) for path in paths]


def _entries(store: Store, max_bytes: int) -> Iterator[Entry]:
    with ThreadPoolExecutor(READ_AHEAD // 4, thread_name_prefix="sidecars") as pool:
        for groups in in_batches(_groups(store), READ_AHEAD):
            for entries in pool.map(lambda group: list(_group_entries(store, group, max_bytes)), groups):
                yield from entries


def _groups(store: Store) -> Iterator[Sequence[Info]]:
    """Files that may belong together: in one folder, and alike up to the first dot. Lists are sorted by name."""
    listed = _s3_pages(store) if hasattr(store.files, "call_s3") else _folders(store)
    visible = (info for info in listed if not _is_hidden(_below(store, str(info["name"]))))
    for _, group in groupby(visible, key=lambda info: _key(str(info["name"]))):
        yield list(group)


def _folders(store: Store) -> Iterator[Info]:
    pending = [store.root]
    while pending:
        where = pending.pop()
        with _translating(store.url, BadSource):
            infos = sorted(store.files.ls(where, detail=True), key=lambda info: str(info["name"]))
        yield from (info for info in infos if info["type"] == "file")
        pending += [str(info["name"]) for info in reversed(infos) if info["type"] == "directory"]


def _s3_pages(store: Store) -> Iterator[Info]:
    bucket, _, key = store.root.partition("/")
    asked = {"Bucket": bucket, "Prefix": f"{key}/" if key else ""}
    page: Mapping[str, Any] = {"IsTruncated": True}
    count = 0
    while page.get("IsTruncated"):
        with _translating(store.url, BadSource):
            page = store.files.call_s3("list_objects_v2", **asked)
        for found in page.get("Contents", ()):
            if not found["Key"].endswith("/"):  # what consoles make for a folder
                count += 1
                yield {"name": f"{bucket}/{found['Key']}", "size": found["Size"], **found}
        asked["ContinuationToken"] = page.get("NextContinuationToken", "")
    if not count and key:
        yield from _one_object(store)


def _one_object(store: Store) -> Iterator[Info]:
    with _translating(store.url, BadSource):
        found = store.files.info(store.root) if store.files.isfile(store.root) else None
    if found is not None:
        yield found


def _group_entries(store: Store, group: Sequence[Info], max_bytes: int) -> Iterator[Entry]:
    infos = {str(info["name"]): info for info in group}
    files, sidecars = sidecars_of(list(infos))
    for path in files:
        said = said_by(sidecars.get(path, ()), lambda sidecar: _sidecar(store, infos[sidecar]))
        yield Entry(
            printable(_below(store, path)),
            _reader(store, path, infos[path].get("size"), max_bytes),
            captions=said.captions,
            tags=said.tags,
            fingerprint=_fingerprint(store, infos[path]),
        )


def _reader(store: Store, path: str, size: int | None, max_bytes: int) -> Callable[[], bytes]:
    def read() -> bytes:
        if size is not None and size > max_bytes:
            raise UnsupportedMedia(f"{size:,} bytes are over the limit of {max_bytes:,}")
        with _translating(store.url):
            if size is not None:
                return bytes(store.files.cat_file(path))
            with store.files.open(path, "rb") as file:
                content = bytes(file.read(max_bytes + 1))
        if len(content) > max_bytes:
            raise UnsupportedMedia(f"it has more bytes than the limit of {max_bytes:,}")
        return content

    return read


def _sidecar(store: Store, info: Info) -> bytes:
    try:
        return _reader(store, str(info["name"]), info.get("size"), LONGEST_SIDECAR)()
    except UnsupportedMedia:
        return b""


def _shard(store: Store, path: str) -> Shard:
    @contextmanager
    def read() -> Iterator[BinaryIO]:
        with _translating(store.url):
            file = store.files.open(path, "rb")
        with file:
            yield cast(BinaryIO, file)

    try:
        known = _fingerprint(store, store.files.info(path))
    except Exception:  # it is opened later, and says then what is wrong with it
        known = ""
    return Shard(path.rpartition("/")[2], read, known)


def _fingerprint(store: Store, info: Info) -> str:
    change = next((info[name] for name in CHANGES if info.get(name)), None)
    return fingerprint(store.url.partition("://")[0], info["name"], info.get("size"), change) if change else ""


def _below(store: Store, path: str) -> str:
    return path.removeprefix(store.root).lstrip("/") or path.rpartition("/")[2]


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _key(path: str) -> str:
    folder, slash, base = path.rpartition("/")
    return folder + slash + base.partition(".")[0]


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


@contextmanager
def _translating(url: str, missing: type[PictureDeskError] = UnsupportedMedia) -> Iterator[None]:
    """Turn what fsspec's many stores raise into our errors; they share no root but Exception.

    Args:
        missing: what it means that something is not there or may not be read: a file of many, or the whole source.
    """
    it = "it" if missing is UnsupportedMedia else url
    try:
        yield
    except PictureDeskError:
        raise
    except FileNotFoundError as error:
        raise missing(f"{it} is not there in the store; check the bucket and the path") from error
    except PermissionError as error:
        raise missing(f"{it} may not be read; check what the store's credentials allow") from error
    except Exception as error:
        raise Unavailable(f"{url} does not answer: {one_line(error)}") from error
