"""Files in, what the library holds of them, and out again for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Response, UploadFile, status

from rag import ingest, jobs
from rag.api.auth import ActorDep
from rag.api.context import DOOR, FetchingDep, ServicesDep, Sound
from rag.api.limits import MOST_FILES
from rag.api.problems import documented
from rag.api.schemas.jobs import Job, JobItem, Upload, UrlsRequest
from rag.api.schemas.library import Asset, AssetDetails, AssetPage
from rag.api.uploads import Said, entries, url_entries
from rag.errors import NotFound, UnsupportedMedia
from rag.model import Actor, AssetId, AssetRef, AssetState
from rag.model import Asset as AssetModel
from rag.sources.entry import LONGEST_CAPTION
from rag.sources.limits import source_limits
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1/assets", tags=["Assets"], responses=documented(401, 404, 422, 503))

Files = Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES, description="1 to 100 files.")]
LibraryQuery = Annotated[str | None, Query(description="Which library's copy; none means the first you may read.")]


def said_of(
    caption: Annotated[str, Form(max_length=LONGEST_CAPTION, examples=["A red car on a beach"])] = "",
    tags: Annotated[list[str], Form(max_length=100, examples=[["beach", "car"]])] = [],  # noqa: B006
    source: Annotated[str, Form(max_length=1000, examples=["Picture desk"])] = "",
    licence: Annotated[str, Form(max_length=200, examples=["CC0-1.0"])] = "",
) -> Said:
    return Said(caption=caption, tags=tags, source=source, licence=licence)


@router.post(
    "",
    summary="Take in files",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(403, 413, 415),
    dependencies=[Sound],
)
def upload(
    *,
    services: ServicesDep,
    actor: ActorDep,
    response: Response,
    files: Files,
    said: Annotated[Said, Depends(said_of)],
    library: Annotated[str | None, Form(description="None means the default one.", examples=["default"])] = None,
) -> Upload:
    """Accepts pictures, films and PDFs, and starts a job. Each file stands or falls alone; a single one is a 415."""
    settings = services.settings
    taken = entries(files, said, settings.max_bytes)
    name = library or settings.library
    job = ingest.accept(services, actor, name, taken, urgent=True, source="upload", door=DOOR)
    items = services.catalog.job_items(actor, job.id)
    if len(items) == 1 and items[0].asset_id is None:
        raise UnsupportedMedia(f"{items[0].name}: {items[0].reason}")
    body = Upload(job=Job.of(job), items=[JobItem.of(item) for item in items])
    response.headers["Location"] = body.job.url
    return body


@router.post(
    "/urls",
    summary="Take in what URLs lead to",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(403),
    dependencies=[Sound],
)
def fetch(
    services: ServicesDep, actor: ActorDep, fetching: FetchingDep, response: Response, request: UrlsRequest
) -> Job:
    """Starts a job that fetches them, within limits and never from inside a private network.

    A URL counts as accepted once it is fetched: until then it is in the memory of this process alone.
    """
    said = Said(request.caption, request.tags, request.source, request.licence)
    taken = url_entries(request.urls, said, source_limits(services.settings))
    job = Job.of(fetching.start(actor, request.library or services.settings.library, taken, door=DOOR))
    response.headers["Location"] = job.url
    return job


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
def asset(services: ServicesDep, found: AssetDep) -> AssetDetails:
    """What the catalog knows of it, and which pictures it holds."""
    return AssetDetails.with_visuals(found, services.catalog.visuals_of([found.ref]))


@router.delete("/{asset_id}", summary="Delete it", status_code=status.HTTP_204_NO_CONTENT, responses=documented(403))
def delete(services: ServicesDep, actor: ActorDep, found: AssetDep) -> None:
    """Removes vectors, thumbnails, bytes and record, for good. No search returns it from the first moment on."""
    ingest.delete(services, actor, [found.ref], door=DOOR)


@router.post(
    "/{asset_id}/retry",
    summary="Index it again",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(403),
    dependencies=[Sound],
)
def retry(services: ServicesDep, actor: ActorDep, found: AssetDep) -> Asset:
    """Tries again what was skipped or quarantined, from the first attempt; anything else stays as it is."""
    ingest.send(services, jobs.retry_assets(services, actor, [found.ref], door=DOOR), urgent=True)
    return Asset.of(services.catalog.asset(actor, found.ref))


def _find(services: WiredServices, actor: Actor, asset_id: str, library: str | None) -> AssetModel:
    if len(asset_id) != 64 or not set(asset_id) <= set("0123456789abcdef"):
        raise NotFound("there is no such asset: an id is 64 lower-case hex digits")
    if library is None:
        return services.catalog.find_asset(actor, AssetId(asset_id))
    return services.catalog.asset(actor, AssetRef(library, AssetId(asset_id)))
