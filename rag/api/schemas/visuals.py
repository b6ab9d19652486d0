"""One picture of an asset, with the asset that it is of."""

from __future__ import annotations

from rag import model
from rag.api.schemas.library import Asset, Visual


class VisualDetails(Visual):
    """One picture, and the file that it comes from."""

    asset: Asset

    @classmethod
    def with_asset(cls, visual: model.Visual, asset: model.Asset) -> VisualDetails:
        return cls(**Visual.of(visual).model_dump(), asset=Asset.of(asset))
