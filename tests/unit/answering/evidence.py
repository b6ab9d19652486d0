"""Evidence made by hand."""

from __future__ import annotations

from rag.model import AssetId, Caption, Channel, Evidence, Visual, visual_id


def evidence(number: int, caption: str | None = "A red car on a beach", relevance: float = 0.9) -> Evidence:
    asset_id = AssetId(f"{number:064x}")
    return Evidence(
        number=number,
        visual=Visual(visual_id("desk", asset_id), "desk", asset_id, 640, 480),
        caption=Caption(caption) if caption else None,
        relevance=relevance,
        scores={Channel.IMAGE: 0.3},
        ranks={Channel.IMAGE: number},
        tags=("car",),
        source="desk",
        licence="CC0-1.0",
    )
