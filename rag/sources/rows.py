"""One row of a manifest, whatever the manifest is made of: which columns there are, and what they may hold.

    path          below the manifest's folder; also file, filename, file_name, image, image_path
    url           fetched when there is no such file; also image_url
    caption       a text or a list of texts; also captions, text, description, title, and caption_1, caption_2, …
    tags          a list, or one text divided by ; or ,; also keywords
    captured_at   ISO 8601
    source, licence (license), language, access_groups

Other columns are left alone: other tools put theirs there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from rag.errors import UnsupportedMedia
from rag.model import Caption
from rag.sources.entry import LONGEST_CAPTION, moment, printable

ALIASES = {
    "path": ("path", "file", "filename", "file_name", "image", "image_path"),
    "url": ("url", "image_url"),
    "caption": ("caption", "captions", "text", "description", "title"),
    "tags": ("tags", "keywords"),
    "captured_at": ("captured_at",),
    "source": ("source",),
    "licence": ("licence", "license"),
    "language": ("language",),
    "access_groups": ("access_groups",),
}
COLUMNS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
NUMBERED_CAPTION = re.compile(r"caption_?[0-9]+")
Cells = Mapping[str, object] | Iterable[tuple[str, object]]
"""Names of columns and what they hold. As pairs, a column may be there twice: captions all count."""
WEB = ("http://", "https://")


def is_used(column: str) -> bool:
    """Whether a column means anything here; the others need not be read."""
    name = column.strip().lower()
    return name in COLUMNS or NUMBERED_CAPTION.fullmatch(name) is not None


def names_files(columns: Iterable[str]) -> bool:
    """Whether any of the columns says where a file is."""
    return any(COLUMNS.get(column.strip().lower()) in ("path", "url") for column in columns)


def _is_moment(text: str) -> str:
    if text:
        moment(text)
    return text


def _texts(cell: object) -> object:
    """A cell that holds a JSON list is that list; files of text columns have no other way to hold one."""
    if isinstance(cell, str):
        if cell.lstrip().startswith("["):
            try:
                listed = json.loads(cell)
            except (ValueError, RecursionError):
                return [cell]
            if isinstance(listed, list) and all(isinstance(text, str) for text in listed):
                return listed
        return [cell]
    return cell


def _words(cell: object) -> object:
    if isinstance(cell, str) and not cell.lstrip().startswith("["):
        return [word.strip() for word in re.split(";" if ";" in cell else ",", cell) if word.strip()]
    return _texts(cell)


Text = Annotated[str, AfterValidator(printable)]
Captions = Annotated[list[Annotated[Text, Field(max_length=LONGEST_CAPTION)]], BeforeValidator(_texts)]
Words = Annotated[list[Annotated[Text, Field(max_length=200)]], BeforeValidator(_words)]


class Row(BaseModel):
    """What one row says. At least one of `path`, `url` and `content` is there.

    Attributes:
        content: the bytes themselves, where a Parquet file holds them.
    """

    model_config = ConfigDict(extra="ignore")

    path: Annotated[Text, Field(max_length=4096)] = ""
    url: Text = ""
    content: bytes | None = None
    caption: Captions = []
    tags: Words = []
    captured_at: Annotated[str, AfterValidator(_is_moment)] = ""
    source: Text = ""
    licence: Text = ""
    language: Text = ""
    access_groups: Words = []

    @model_validator(mode="after")
    def names_a_file(self) -> Row:
        if not (self.path or self.url or self.content is not None):
            raise ValueError("it names no file: fill in path or url")
        return self

    def captions(self) -> tuple[Caption, ...]:
        texts = dict.fromkeys(text.strip() for text in self.caption)
        return tuple(Caption(text, language=self.language) for text in texts if text)


def row_of(cells: Cells) -> Row:
    """Read a row; of several columns that mean the same, the first of `ALIASES` that holds something counts.

    Raises:
        UnsupportedMedia: the row is broken; says in which column, and why.
    """
    pairs = cells.items() if isinstance(cells, Mapping) else cells
    try:
        return Row.model_validate(dict(_fields((name.strip().lower(), cell) for name, cell in pairs)))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise UnsupportedMedia(f"{where}: {said}" if where else said) from error


def _fields(cells: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    held: dict[str, object] = {}
    captions: list[object] = []
    for name, cell in cells:
        if _is_empty(cell):
            continue
        if name == "caption" or NUMBERED_CAPTION.fullmatch(name):
            captions.append(cell)
        else:
            held.setdefault(name, cell)
    if len(captions) == 1:
        held["caption"] = captions[0]
    elif captions:
        held["caption"] = [text for cell in captions for text in _as_list(_texts(cell))]
    for field, aliases in ALIASES.items():
        for alias in aliases:
            if alias in held:
                yield from _field(field, held[alias])
                break


def _field(field: str, cell: object) -> Iterator[tuple[str, object]]:
    if field == "path":
        yield from _file(cell)
    elif field == "captured_at" and isinstance(cell, date):
        yield field, cell.isoformat()
    else:
        yield field, cell


def _file(cell: object) -> Iterator[tuple[str, object]]:
    """A picture's column holds a path, a URL, the bytes, or (as the datasets library writes it) a path and bytes."""
    if isinstance(cell, Mapping):
        for name, part in (("content", cell.get("bytes")), ("path", cell.get("path"))):
            if not _is_empty(part):
                yield name, part
    elif isinstance(cell, bytes):
        yield "content", cell
    elif isinstance(cell, str) and cell.lower().startswith(WEB):
        yield "url", cell
    else:
        yield "path", cell


def _as_list(cell: object) -> list[object]:
    return list(cell) if isinstance(cell, list) else [cell]


def _is_empty(cell: object) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))
