"""Thumbnails and originals on their way out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response, status

from rag.api import ranges
from rag.api.assets import AssetDep
from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.errors import NotAllowed, NotFound
from rag.locators import position
from rag.media.derived import THUMBNAIL_TYPE, blurred_name, thumbnail_name
from rag.media.sniffing import PDF, PICTURES, READABLE
from rag.model import Actor, Asset
from rag.moderation.pictures import sees_unblurred, thumbnail_for
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
def thumbnail(
    services: ServicesDep, actor: ActorDep, request: Request, found: AssetDep, locator: Locator = None
) -> Response:
    """A small JPEG without metadata; there once the asset is indexed. Readers see a blurred asset blurred."""
    sharp = sees_unblurred(actor, found.moderation)
    name = (thumbnail_name if sharp else blurred_name)(locator or "")
    etag = f'"{found.id}-{name}"'
    cached = _cached(services, etag)
    if _is_known(request, etag):
        return _not_modified(cached)
    headers = {"Content-Security-Policy": SANDBOX, **cached}
    return Response(_thumbnail(services, actor, found, locator), media_type=THUMBNAIL_TYPE, headers=headers)


@router.get(
    "/{asset_id}/original",
    summary="Its bytes",
    response_class=Response,
    responses={200: ORIGINAL, 206: PART, **documented(403)},
)
def original(services: ServicesDep, actor: ActorDep, request: Request, found: AssetDep) -> Response:
    """The bytes as they came in, metadata included; a part of them for a `Range`. Not for readers where it is
    blurred."""
    if not sees_unblurred(actor, found.moderation):
        raise NotAllowed("this asset is shown blurred, and its original only to editors")
    etag = f'"{found.id}"'
    cached = _cached(services, etag)
    if _is_known(request, etag):
        return _not_modified(cached)
    headers = {
        "Content-Security-Policy": SANDBOX if found.media_type in PICTURES else PLAYED,
        "Content-Disposition": disposition(found.name, found.media_type),
        **cached,
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


def _thumbnail(services: WiredServices, actor: Actor, asset: Asset, locator: str | None) -> bytes:
    """Of one picture of the asset, or of its first."""
    try:
        return thumbnail_for(services.blobs, actor, asset.id, locator or "", asset.moderation)
    except NotFound:
        visuals = services.catalog.visuals_of([asset.ref]) if locator is None else []
        if not visuals:
            raise
    first = min(visuals, key=lambda visual: position(visual.locator))
    return thumbnail_for(services.blobs, actor, asset.id, first.locator, asset.moderation)


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in (part.strip().removeprefix("W/") for part in known.split(","))


def _not_modified(cached: dict[str, str]) -> Response:
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=cached)


def _cached(services: WiredServices, etag: str) -> dict[str, str]:
    """An id names its content, so it never changes; it is this reader's, so no shared cache keeps it.

    Under a policy it may be hidden at any moment: browsers keep it, and ask before they show it.
    """
    kept = "no-cache" if services.settings.policy else "max-age=31536000, immutable"
    return {"ETag": etag, "Cache-Control": f"private, {kept}"}
