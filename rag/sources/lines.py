"""Lines of a file, gzipped or not, however long somebody made them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from rag.errors import BadSource

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one line that are held; a manifest whose line is longer has no such line."""


def bounded_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, from 1. A longer line than `LONGEST_LINE` is cut one byte after it.

    Raises:
        BadSource: the file cannot be read, or breaks off in the middle of its compression.
    """
    try:
        with opened(file) as stream:
            number = 0
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                rest = line
                while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                    rest = stream.readline(LONGEST_LINE + 1)
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise BadSource(f"{file} cannot be read: {why}") from error


def opened(file: Path) -> BinaryIO:
    """The bytes of a file, decompressed when its name ends in .gz. Raises OSError."""
    return cast(BinaryIO, gzip.open(file, "rb")) if file.suffix.lower() == ".gz" else file.open("rb")
