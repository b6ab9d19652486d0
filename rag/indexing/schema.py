"""The payload of a point: one table that adapters build indexes from and filters are checked against."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

from rag.errors import BadQuery


class FieldType(StrEnum):
    """The payload index of a field, in Qdrant's own words."""

    KEYWORD = "keyword"
    INTEGER = "integer"
    DATETIME = "datetime"


TENANT = "library"
"""The field whose values part the collection; Qdrant keeps points of one library close together."""

INDEXED: dict[str, FieldType] = {
    "library": FieldType.KEYWORD,
    "asset_id": FieldType.KEYWORD,
    "locator": FieldType.KEYWORD,
    "name": FieldType.KEYWORD,
    "tags": FieldType.KEYWORD,
    "generated_tags": FieldType.KEYWORD,
    "media_type": FieldType.KEYWORD,
    "width": FieldType.INTEGER,
    "height": FieldType.INTEGER,
    "size": FieldType.INTEGER,
    "captured_at": FieldType.DATETIME,
    "source": FieldType.KEYWORD,
    "licence": FieldType.KEYWORD,
    "access_groups": FieldType.KEYWORD,
    "moderation": FieldType.KEYWORD,
    "camera": FieldType.KEYWORD,
    "content_hash": FieldType.KEYWORD,
    "perceptual_hash": FieldType.KEYWORD,
}
"""Every field that a filter can name, with its index. `tags` (those that classifications gave among
them), `generated_tags` (those alone) and `access_groups` are lists."""

GRAPHED = ("library", "tags", "captured_at")
"""Fields whose values get links of their own in a graph, for filters that leave few; each costs time to build."""

STORED = ["captions"]
"""Fields that hits carry and no filter can name: a list of {text, origin, language}."""

LONGEST_NAME = 60


def field_type(field: str) -> FieldType:
    """The index of a field that a filter names.

    Raises:
        BadQuery: no filter can name it.
    """
    try:
        return INDEXED[field]
    except KeyError:
        allowed = ", ".join(sorted(INDEXED))
        raise BadQuery(f"no filter can name the field {field!r}; it can name: {allowed}") from None


def collection_name(encoder_id: str) -> str:
    """A collection's name: what a person recognises of the encoder's id, then a hash of all of it.

    Safe as a folder and in a URL: letters, digits, `-` and `_`. Different ids give different names.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", encoder_id.lower()).strip("-")[:LONGEST_NAME].strip("-")
    digest = hashlib.sha256(encoder_id.encode()).hexdigest()[:10]
    return f"visuals_{readable}_{digest}" if readable else f"visuals_{digest}"
