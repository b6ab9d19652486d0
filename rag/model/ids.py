"""Ids and JSON."""

from __future__ import annotations

import uuid
from typing import Any, NewType

AssetId = NewType("AssetId", str)
"""SHA-256 of the bytes, 64 lower-case hex digits."""

VisualId = NewType("VisualId", str)
"""UUIDv5 of (library, asset id, locator); also the Qdrant point id in every collection."""

Json = dict[str, Any]

VISUAL_NAMESPACE = uuid.UUID("5d1f5a56-3d39-5a29-8b1f-7f2b0f6f6f01")


def visual_id(library: str, asset_id: str, locator: str = "") -> VisualId:
    """The same three words always give the same id, so accepting or indexing twice changes nothing."""
    return VisualId(str(uuid.uuid5(VISUAL_NAMESPACE, f"{library}\x1f{asset_id}\x1f{locator}")))
