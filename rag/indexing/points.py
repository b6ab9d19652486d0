"""An asset, its visual and their vectors -> the point that the vector store holds."""

from __future__ import annotations

from rag.indexing.bm25 import document_vector
from rag.model import Asset, Caption, Json, Visual
from rag.ports import Matrix, Point, Vector


def point_for(asset: Asset, visual: Visual, image: Vector, captions: Matrix) -> Point:
    """The point of one visual.

    Args:
        image: shape (dim,).
        captions: shape (n, dim), one row for each of `searchable_captions`, in their order.
    """
    texts = [caption.text for caption in searchable_captions(asset, visual)]
    return Point(
        id=visual.id,
        image=image,
        captions=captions,
        bm25=document_vector(" ".join([*texts, *asset.all_tags])),
        payload=payload_for(asset, visual),
    )


def searchable_captions(asset: Asset, visual: Visual) -> list[Caption]:
    """What is embedded and searched as text for one visual: captions of the whole asset, and its own."""
    return [caption for caption in asset.captions if caption.searchable and caption.is_about(visual.locator)]


def payload_for(asset: Asset, visual: Visual) -> Json:
    """What filters can name; the fields of `rag.indexing.schema`."""
    return {
        "library": asset.library,
        "asset_id": asset.id,
        "locator": visual.locator,
        "name": asset.name,
        "captions": [
            {"text": caption.text, "origin": caption.origin.value, "language": caption.language}
            for caption in searchable_captions(asset, visual)
        ],
        "tags": list(asset.all_tags),
        "generated_tags": [tag.name for tag in asset.generated_tags],
        "media_type": asset.media_type,
        "width": visual.width,
        "height": visual.height,
        "size": asset.size,
        "captured_at": asset.captured_at.isoformat() if asset.captured_at else None,
        "source": asset.source,
        "licence": asset.licence,
        "access_groups": list(asset.access_groups),
        "moderation": asset.moderation.value,
        "camera": asset.camera,
        "content_hash": asset.id,
        "perceptual_hash": visual.perceptual_hash,
    }
