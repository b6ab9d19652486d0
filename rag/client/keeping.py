"""What the desk holds: libraries, assets and their pictures; and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from rag.api.schemas.library import Asset, AssetDetails, AssetPage, Libraries
from rag.api.schemas.status import Status
from rag.client.call import Call, Request
from rag.client.reading import model, nothing, whole


def libraries() -> Call[list[str]]:
    """The names of the libraries that one may read."""
    return Call(Request("GET", "/v1/libraries"), lambda content: Libraries.model_validate_json(content).libraries)


def status(*, libraries: Sequence[str] = ()) -> Call[Status]:
    """How the desk stands, and what it looks at in these libraries, or in all."""
    return Call(Request("GET", "/v1/status", params={"library": list(libraries)}), model(Status))


def assets(
    *, library: str | None = None, state: str | None = None, after: str = "", limit: int = 100
) -> Call[AssetPage]:
    """A page of a library's assets; `next` of the answer is `after` for the page that follows."""
    params = {"library": library, "state": state, "after": after, "limit": limit}
    return Call(Request("GET", "/v1/assets", params=params), model(AssetPage))


def asset(asset_id: str, *, library: str | None = None) -> Call[AssetDetails]:
    """One asset, with its visuals. Raises NotFound."""
    return Call(Request("GET", f"/v1/assets/{asset_id}", params={"library": library}), model(AssetDetails))


def thumbnail(asset_id: str, *, library: str | None = None, locator: str | None = None) -> Call[bytes]:
    """A small JPEG of an asset's first picture, or of the one that `locator` names. Raises NotFound."""
    params = {"library": library, "locator": locator}
    return Call(Request("GET", f"/v1/assets/{asset_id}/thumbnail", params=params, accept="image/*"), whole)


def original(asset_id: str, *, library: str | None = None) -> Call[bytes]:
    """An asset's bytes as they came in. Raises NotFound."""
    return Call(Request("GET", f"/v1/assets/{asset_id}/original", params={"library": library}, accept="*/*"), whole)


def delete(asset_id: str, *, library: str | None = None) -> Call[None]:
    """Remove an asset for good: vectors, thumbnails, bytes and record. Raises NotFound, NotAllowed."""
    return Call(Request("DELETE", f"/v1/assets/{asset_id}", params={"library": library}), nothing)


def retry(asset_id: str, *, library: str | None = None) -> Call[Asset]:
    """Index again what was skipped or quarantined."""
    return Call(Request("POST", f"/v1/assets/{asset_id}/retry", params={"library": library}), model(Asset))
