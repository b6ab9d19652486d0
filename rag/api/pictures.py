"""Thumbnails and originals on their way out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response, status

from rag.api import ranges
from rag.api.assets import AssetDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.errors import NotFound
from rag.locators import position
from rag.media.derived import THUMBNAIL_TYPE, thumbnail_name
from rag.media.sniffing import PDF, PICTURES, READABLE
from rag.model import Asset
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1/assets", tags=["Assets"], responses=documented(401, 404, 422, 503))

LONGEST_LOCATOR = 40

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For what is shown by itself: it runs nothing and reaches nothing."""
PLAYED = "default-src 'none'; media-src 'self'; object-src 'self'; style-src 'unsafe-inline'"
"""Browsers show no film and no PDF in a sandbox. Their viewers keep scripts of a PDF away from the page's origin."""

PICTURE = {"content": {"image/*": {}}, "description": "The bytes."}
ORIGINAL = {"content": {"image/*": {}, "video/*": {}, PDF: {}}, "description": "The bytes."}
PART = {**ORIGINAL, "description": "The part that `Range` asked for."}

Locator = Annotated[
    str | None,
    Query(
        max_length=LONGEST_LOCATOR,
        description="Which picture of a film or document; none means the first.",
        examples=["page=3"],
    ),
]


@router.get("/{asset_id}/thumbnail", summary="Its thumbnail", response_class=Response, responses={200: PICTURE})
def thumbnail(services: ServicesDep, request: Request, found: AssetDep, locator: Locator = None) -> Response:
    """A small JPEG without metadata; there once the asset is indexed."""
    name = thumbnail_name(locator or "")
    etag = f'"{found.id}-{name}"'
    if _is_known(request, etag):
        return _not_modified(etag)
    headers = {"Content-Security-Policy": SANDBOX, **_cached(etag)}
    return Response(_thumbnail(services, found, locator), media_type=THUMBNAIL_TYPE, headers=headers)


@router.get("/{asset_id}/original", summary="Its bytes", response_class=Response, responses={200: ORIGINAL, 206: PART})
def original(services: ServicesDep, request: Request, found: AssetDep) -> Response:
    """The bytes as they came in, metadata included; a part of them for a `Range`."""
    etag = f'"{found.id}"'
    if _is_known(request, etag):
        return _not_modified(etag)
    headers = {
        "Content-Security-Policy": SANDBOX if found.media_type in PICTURES else PLAYED,
        "Content-Disposition": disposition(found.name, found.media_type),
        **_cached(etag),
    }
    return ranges.respond(request, services.blobs.get(found.id), found.media_type, etag, headers)


def disposition(name: str, media_type: str) -> str:
    """A Content-Disposition that saves under a harmless form of `name`; what is not read is never shown in place.

    The plain `filename` is for old clients, `filename*` (RFC 5987) carries any script.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    safe = "".join(letter if letter.isprintable() else " " for letter in last).strip(" .") or "picture"
    plain = "".join(letter if letter.isascii() and letter not in '"\\;%' else "_" for letter in safe)
    shown = "inline" if media_type in READABLE else "attachment"
    return f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _thumbnail(services: WiredServices, asset: Asset, locator: str | None) -> bytes:
    """Of one picture of the asset, or of its first."""
    try:
        return services.blobs.get_derived(asset.id, thumbnail_name(locator or ""))
    except NotFound:
        visuals = services.catalog.visuals_of([asset.ref]) if locator is None else []
        if not visuals:
            raise
    first = min(visuals, key=lambda visual: position(visual.locator))
    return services.blobs.get_derived(asset.id, thumbnail_name(first.locator))


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in (part.strip().removeprefix("W/") for part in known.split(","))


def _not_modified(etag: str) -> Response:
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=_cached(etag))


def _cached(etag: str) -> dict[str, str]:
    """An id names its content, so it never changes; it is this reader's, so no shared cache keeps it."""
    return {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
