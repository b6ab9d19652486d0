"""Decide what a source is, by its form and its content, and open it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rag.errors import BadSource
from rag.media.sniffing import media_type_of
from rag.settings import without_credentials
from rag.sources import shards
from rag.sources.entry import Entry
from rag.sources.files import file_fingerprint, file_reader
from rag.sources.limits import SourceLimits
from rag.sources.rows import WEB
from rag.sources.shards import Shard

CAN_BE = (
    "a source is a folder, a manifest (.jsonl, .csv, .tsv, .parquet), a COCO file (.json), a WebDataset (.tar), "
    "a list of addresses (.txt), a picture, a film, a PDF, or a URL"
)
VISUAL_TYPES = ("image/", "video/", "application/pdf")


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from.

    Attributes:
        name: for people, without credentials.
        kind: what it is: `folder`, `manifest`, `store`, …
        total: how many files there are, where that is known without looking at each.
        entries: gives them, from the first; may be called again. Raises BadSource when the source cannot be read at
            all or holds nothing, Unavailable when a store stops answering.
    """

    name: str
    kind: str
    total: int | None
    entries: Callable[[], Iterator[Entry]]


def open_source(source: str, *, limits: SourceLimits, pictures: Path | None = None) -> Source:
    """Open a source. Nothing but what is needed to tell what it is has been read when this returns.

    Args:
        pictures: for embeddings: the folder that their paths are relative to.

    Raises:
        BadSource: it is missing, cannot be read, or is nothing that files come from; says what can be.
    """
    if source.lower().startswith(WEB):
        return _web(source, limits)
    if source.lower().startswith("file://"):
        source = unquote(urlsplit(source).path)
    elif "://" in source:
        return _store(source, limits)
    try:
        return _local(Path(source).expanduser(), limits, pictures)
    except (OSError, RuntimeError) as error:  # a name that is too long, a folder that may not be entered, ~nobody
        why = getattr(error, "strerror", None) or error
        raise BadSource(f"{source} cannot be looked at: {why}") from error


def _local(path: Path, limits: SourceLimits, pictures: Path | None) -> Source:
    if shards.is_pattern(str(path)) and not path.exists():
        return _webdataset(str(path), shards.local_shards(str(path)), limits)
    if path.is_dir():
        return _folder(path, limits, pictures)
    if not path.exists():
        raise BadSource(f"there is no file or folder {path}; {CAN_BE}")
    return _file(path, limits)


def _folder(folder: Path, limits: SourceLimits, pictures: Path | None) -> Source:
    from rag.sources import embeddings, folders

    if embeddings.looks_like_embeddings(folder):
        parts = embeddings.read_parts(folder)
        total = sum(part.rows for part in parts)
        return Source(
            str(folder), "embeddings", total, lambda: embeddings.embedding_entries(folder, parts, limits, pictures)
        )
    if tars := shards.shards_in(folder):
        return _webdataset(str(folder), tars, limits)
    return Source(str(folder), "folder", None, lambda: folders.folder_entries(folder, max_bytes=limits.max_bytes))


def _file(file: Path, limits: SourceLimits) -> Source:
    kinds: dict[str, Callable[[Path, SourceLimits], Source]] = {
        **dict.fromkeys((".jsonl", ".ndjson", ".csv", ".tsv"), _manifest),
        **dict.fromkeys((".parquet", ".pq"), _parquet),
        **dict.fromkeys((".txt", ".urls"), _addresses),
        ".json": _coco,
    }
    if not file.is_file():
        raise BadSource(f"{file} is a pipe, a socket or a device, and those are never opened; {CAN_BE}")
    if shards.is_shard(file.name):
        return _webdataset(str(file), [shards.local_shard(file)], limits)
    if kind := kinds.get(_suffix(file)):
        return kind(file, limits)
    return _single(file, limits)


def _suffix(file: Path) -> str:
    """The suffix that says what a file is; that of `feed.jsonl.gz` is `.jsonl`."""
    suffix = file.suffix.lower()
    return Path(file.stem).suffix.lower() if suffix == ".gz" else suffix


def _manifest(file: Path, limits: SourceLimits) -> Source:
    from rag.sources import manifests

    read = manifests.jsonl_entries if _suffix(file) in (".jsonl", ".ndjson") else manifests.csv_entries
    return Source(str(file), "manifest", None, lambda: read(file, limits))


def _parquet(file: Path, limits: SourceLimits) -> Source:
    from rag.sources import parquet

    return Source(str(file), "parquet", parquet.row_count(file), lambda: parquet.parquet_entries(file, limits))


def _coco(file: Path, limits: SourceLimits) -> Source:
    from rag.sources import coco

    content = coco.read_coco(file)
    return Source(str(file), "coco", len(content.images), lambda: coco.coco_entries(file, content, limits))


def _addresses(file: Path, limits: SourceLimits) -> Source:
    from rag.sources import addresses

    if not addresses.looks_like_addresses(file):
        raise BadSource(f"{file} holds no addresses; write one a line, beginning with http:// or https://")
    return Source(str(file), "addresses", None, lambda: addresses.addresses_in(file, limits))


def _webdataset(name: str, tars: Iterable[Shard], limits: SourceLimits) -> Source:
    from rag.sources import webdataset

    return Source(name, "webdataset", None, lambda: webdataset.webdataset_entries(tars, limits))


def _single(file: Path, limits: SourceLimits) -> Source:
    head = _head(file)
    if not media_type_of(head).startswith(VISUAL_TYPES):
        raise BadSource(f"{file} is no picture, film or PDF; {CAN_BE}")
    entry = Entry(file.name, file_reader(file, limits.max_bytes), fingerprint=file_fingerprint(file))
    return Source(str(file), "file", 1, lambda: iter([entry]))


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(512)
    except OSError as error:
        raise BadSource(f"{file} cannot be read: {error.strerror}") from error


def _web(url: str, limits: SourceLimits) -> Source:
    from rag.sources import addresses

    web = addresses.WebFiles(limits)
    return Source(without_credentials(url), "url", 1, lambda: iter([addresses.address_entry(url, web)]))


def _store(url: str, limits: SourceLimits) -> Source:
    from rag.sources import stores

    store = stores.opened(url)
    if shards.is_shard(store.root):
        return _webdataset(store.url, stores.store_shards(store), limits)
    return Source(store.url, "store", None, lambda: stores.store_entries(store, max_bytes=limits.max_bytes))
