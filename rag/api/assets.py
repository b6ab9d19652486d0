"""Files in, and what the library holds of them out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile, status

from rag import ingest
from rag.api.auth import ActorDep
from rag.api.context import ServicesDep
from rag.api.limits import MOST_FILES
from rag.api.problems import documented
from rag.api.schemas.library import Asset, AssetPage, Job, JobItem, Upload
from rag.api.uploads import Said, entries
from rag.errors import NotFound, UnsupportedMedia
from rag.media.derived import THUMBNAIL, THUMBNAIL_TYPE
from rag.media.sniffing import READABLE
from rag.model import Actor, AssetId, AssetRef, AssetState
from rag.model import Asset as AssetModel
from rag.sources.entry import LONGEST_CAPTION
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1/assets", tags=["Assets"], responses=documented(401, 404, 422, 503))

Files = Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES, description="1 to 100 pictures.")]
LibraryQuery = Annotated[str | None, Query(description="Which library's copy; none means the first you may read.")]
SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}
PICTURE = {"content": {"image/*": {}}, "description": "The bytes."}


def said_of(
    caption: Annotated[str, Form(max_length=LONGEST_CAPTION, examples=["A red car on a beach"])] = "",
    tags: Annotated[list[str], Form(max_length=100, examples=[["beach", "car"]])] = [],  # noqa: B006
    source: Annotated[str, Form(max_length=1000, examples=["Picture desk"])] = "",
    licence: Annotated[str, Form(max_length=200, examples=["CC0-1.0"])] = "",
) -> Said:
    return Said(caption=caption, tags=tags, source=source, licence=licence)


@router.post("", summary="Take in pictures", status_code=status.HTTP_202_ACCEPTED, responses=documented(403, 413, 415))
def upload(
    *,
    services: ServicesDep,
    actor: ActorDep,
    response: Response,
    files: Files,
    said: Annotated[Said, Depends(said_of)],
    library: Annotated[str | None, Form(description="None means the default one.", examples=["default"])] = None,
) -> Upload:
    """Accepts files and starts a job. Each file stands or falls alone; a single one that falls is a 415."""
    settings = services.settings
    taken = entries(files, said, settings.max_bytes)
    job = ingest.accept(services, actor, library or settings.library, taken, urgent=True)
    items = services.catalog.job_items(actor, job.id)
    if len(items) == 1 and items[0].asset_id is None:
        raise UnsupportedMedia(f"{items[0].name}: {items[0].reason}")
    body = Upload(job=Job.of(job), items=[JobItem.of(item) for item in items])
    response.headers["Location"] = body.job.url
    return body


@router.get("", summary="List assets")
def page_of_assets(
    *,
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str | None, Query(description="None means the default one.")] = None,
    state: AssetState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(description="The last id of the page before.")] = "",
) -> AssetPage:
    """A page of a library's assets, in the order of their ids."""
    name = library or services.settings.library
    found = services.catalog.assets(actor, name, state=state, limit=limit, after=after)
    return AssetPage(assets=[Asset.of(asset) for asset in found], next=found[-1].id if len(found) == limit else None)


def wanted_asset(services: ServicesDep, actor: ActorDep, asset_id: str, library: LibraryQuery = None) -> AssetModel:
    return _find(services, actor, asset_id, library)


AssetDep = Annotated[AssetModel, Depends(wanted_asset)]


@router.get("/{asset_id}", summary="One asset")
def asset(found: AssetDep) -> Asset:
    """What the catalog knows of it."""
    return Asset.of(found)


@router.get("/{asset_id}/thumbnail", summary="Its thumbnail", response_class=Response, responses={200: PICTURE})
def thumbnail(services: ServicesDep, request: Request, found: AssetDep) -> Response:
    """A small WebP without metadata; there once the asset is indexed."""
    etag = f'"{found.id}-thumbnail"'
    if _is_known(request, etag):
        return _not_modified(etag)
    content = services.blobs.get_derived(found.id, THUMBNAIL)
    return Response(content, media_type=THUMBNAIL_TYPE, headers={**SANDBOX, **_cached(etag)})


@router.get("/{asset_id}/original", summary="Its bytes", response_class=Response, responses={200: PICTURE})
def original(services: ServicesDep, request: Request, found: AssetDep) -> Response:
    """The bytes as they came in, metadata included."""
    etag = f'"{found.id}"'
    if _is_known(request, etag):
        return _not_modified(etag)
    headers = {**SANDBOX, **_cached(etag), "Content-Disposition": disposition(found.name, found.media_type)}
    return Response(services.blobs.get(found.id), media_type=found.media_type, headers=headers)


def disposition(name: str, media_type: str) -> str:
    """A Content-Disposition that saves under a harmless form of `name`; what is no picture is never shown in place.

    The plain `filename` is for old clients, `filename*` (RFC 5987) carries any script.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    safe = "".join(letter if letter.isprintable() else " " for letter in last).strip(" .") or "picture"
    plain = "".join(letter if letter.isascii() and letter not in '"\\;%' else "_" for letter in safe)
    shown = "inline" if media_type in READABLE else "attachment"
    return f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _find(services: WiredServices, actor: Actor, asset_id: str, library: str | None) -> AssetModel:
    if len(asset_id) != 64 or not set(asset_id) <= set("0123456789abcdef"):
        raise NotFound("there is no such asset: an id is 64 lower-case hex digits")
    if library is None:
        return services.catalog.find_asset(actor, AssetId(asset_id))
    return services.catalog.asset(actor, AssetRef(library, AssetId(asset_id)))


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in (part.strip().removeprefix("W/") for part in known.split(","))


def _not_modified(etag: str) -> Response:
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=_cached(etag))


def _cached(etag: str) -> dict[str, str]:
    """An id names its content, so it never changes; it is this reader's, so no shared cache keeps it."""
    return {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
