"""A JSONL manifest as entries: one JSON object a line, with `path` and what is known of the file.

    {"path": "a.jpg", "caption": "A red car", "tags": ["car"], "captured_at": "2024-05-01",
     "source": "desk", "licence": "CC0-1.0", "language": "en", "access_groups": ["press"]}

Only `path` is needed. `caption` may be a text or a list of texts. Paths are relative to the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from rag.errors import BadSource
from rag.model import Caption
from rag.sources.entry import LONGEST_CAPTION, Entry, file_reader, moment, unreadable

Words = Annotated[str, Field(max_length=LONGEST_CAPTION)]


def _is_moment(text: str) -> str:
    moment(text)
    return text


class ManifestLine(BaseModel):
    """What one line may say. Unknown keys are left alone: other tools put theirs there."""

    model_config = ConfigDict(extra="ignore")

    path: Annotated[str, Field(min_length=1, max_length=4096)]
    caption: Words | list[Words] | None = None
    tags: list[Annotated[str, Field(max_length=200)]] = []
    captured_at: Annotated[str, AfterValidator(_is_moment)] | None = None
    source: str = ""
    licence: str = ""
    language: str = ""
    access_groups: list[str] = []

    def captions(self) -> tuple[Caption, ...]:
        texts = [self.caption] if isinstance(self.caption, str) else self.caption or []
        return tuple(Caption(text.strip(), language=self.language) for text in texts if text.strip())


def manifest_entries(manifest: Path, *, max_bytes: int) -> Iterator[Entry]:
    """The entries of a manifest; a broken line becomes an entry that is skipped with the reason.

    Raises:
        BadSource: the manifest is missing, unreadable or has no lines.
    """
    found = False
    try:
        with manifest.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    found = True
                    yield _entry(manifest, number, line, max_bytes)
    except OSError as error:
        raise BadSource(f"the manifest {manifest} cannot be read: {error.strerror}") from error
    if not found:
        raise BadSource(f"the manifest {manifest} is empty")


def _entry(manifest: Path, number: int, line: str, max_bytes: int) -> Entry:
    name = f"{manifest.name}:{number}"
    try:
        row = ManifestLine.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        return unreadable(name, f"the line is no JSON: {error.msg} at column {error.colno}")
    except ValidationError as error:
        first = error.errors()[0]
        return unreadable(name, f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}")
    return _row_entry(manifest.parent, row, max_bytes)


def _row_entry(folder: Path, row: ManifestLine, max_bytes: int) -> Entry:
    path = folder / row.path
    if not path.resolve().is_relative_to(folder.resolve()):
        return unreadable(row.path, "the path leads out of the manifest's folder")
    return Entry(
        name=row.path,
        read=file_reader(path, max_bytes),
        captions=row.captions(),
        tags=tuple(row.tags),
        source=row.source,
        licence=row.licence,
        captured_at=moment(row.captured_at) if row.captured_at else None,
        access_groups=tuple(row.access_groups),
    )
