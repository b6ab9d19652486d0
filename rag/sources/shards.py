"""Tars wherever they are: one file, a folder of them, a brace list, a glob; on this machine or at any fsspec URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from glob import iglob
from pathlib import Path
from typing import BinaryIO

from rag.errors import BadSource
from rag.sources.files import file_fingerprint

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
COMPANIONS = (".parquet", "_stats.json")
"""What img2dataset writes beside each tar."""
MOST_SHARDS = 1_000_000
RANGE = re.compile(r"\{([0-9]+)\.\.([0-9]+)\}")
LIST = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Shard:
    """One archive.

    Attributes:
        name: for people.
        open: gives its bytes from the front; raises OSError.
        fingerprint: changes when the archive does; empty when nothing cheap is known.
        path: where it is on this machine, None elsewhere.
    """

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]
    fingerprint: str
    path: Path | None = None


def local_shard(path: Path) -> Shard:
    return Shard(path.name, lambda: path.open("rb"), file_fingerprint(path), path)


def is_shard(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def is_pattern(source: str) -> bool:
    """Whether a source names many files at once."""
    return any(mark in source for mark in "*?[") or LIST.search(source) is not None


def local_shards(pattern: str) -> list[Shard]:
    """The tars that a brace list or a glob names, in order. Raises BadSource when there is none."""
    paths = [Path(path) for one in expanded(pattern) for path in (sorted(iglob(one)) if is_pattern(one) else [one])]
    if not paths:
        raise BadSource(f"no file matches {pattern}")
    others = [path for path in paths if not is_shard(path.name)]
    if others:
        raise BadSource(f"{pattern} matches {others[0].name}, which is no .tar; for pictures, give their folder")
    return [local_shard(path) for path in paths]


def shards_in(folder: Path) -> list[Shard]:
    """The tars of a folder that holds nothing else; none when it does. Raises BadSource when it cannot be read."""
    paths = []
    try:
        for path in folder.iterdir():
            if path.name.startswith("."):
                continue
            if is_shard(path.name) and path.is_file():
                paths.append(path)
            elif not path.name.endswith(COMPANIONS):
                return []
    except OSError as error:
        raise BadSource(f"the folder {folder} cannot be read: {error.strerror}") from error
    return [local_shard(path) for path in sorted(paths)]


def expanded(pattern: str) -> Iterator[str]:
    """A brace list written out: `a-{000..012}.tar` and `{train,val}.tar`, also several in one.

    Raises:
        BadSource: it counts backwards, or stands for more than a million names.
    """
    match = RANGE.search(pattern) or LIST.search(pattern)
    if match is None:
        yield pattern
        return
    for word in _words(pattern, match):
        yield from expanded(pattern[: match.start()] + word + pattern[match.end() :])


def _words(pattern: str, match: re.Match[str]) -> Iterator[str]:
    if match.re is LIST:
        return iter(match[1].split(","))
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + MOST_SHARDS:
        raise BadSource(f"{match[0]} in {pattern} counts backwards, or beyond {MOST_SHARDS:,} files")
    return (str(number).zfill(len(match[1])) for number in range(first, last + 1))
