"""What leaves the ledger over HTTP: bundles, tables, the report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from rag.api.auditing import Moment, WantedDep
from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep
from rag.api.problems import documented
from rag.auditing.exporting import as_csv, export
from rag.auditing.report_page import as_html
from rag.auditing.reporting import report

router = APIRouter(prefix="/v1/audit", tags=["Auditing"], responses=documented(401, 403, 422, 503))

CHUNK = 1024 * 1024
ZIP, CSV = "application/zip", "text/csv; charset=utf-8"


@router.get(
    "/export",
    summary="A signed bundle",
    response_class=StreamingResponse,
    responses={200: {"content": {ZIP: {}}, "description": "A zip file."}},
)
def bundle(
    services: ServicesDep,
    actor: ActorDep,
    wanted: WantedDep,
    images: Annotated[bool, Query(description="Thumbnails of the evidence too; else only hashes.")] = False,
) -> StreamingResponse:
    """The events that match, with all that proves them; `picturedesk ledger verify --bundle` checks it anywhere."""
    folder = tempfile.TemporaryDirectory(prefix="picturedesk-export-")
    target = Path(folder.name) / "bundle.zip"
    try:
        export(services, actor, wanted, target, images=images, door=DOOR)
    except BaseException:
        folder.cleanup()
        raise
    return StreamingResponse(_sent(folder, target), media_type=ZIP, headers=_saved("ledger.zip"))


@router.get(
    "/export.csv",
    summary="A table of events",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "A line an event."}},
)
def table(services: ServicesDep, actor: ActorDep, wanted: WantedDep) -> Response:
    """For people: without proofs. Text that a spreadsheet would run stands behind an apostrophe."""
    return Response(as_csv(services, actor, wanted, door=DOOR), media_type=CSV, headers=_saved("ledger.csv"))


@router.get("/report", summary="A time in figures", response_class=HTMLResponse)
def figures(
    *,
    services: ServicesDep,
    actor: ActorDep,
    since: Moment = None,
    until: Moment = None,
    library: Annotated[str, Query(description="Empty: all that you may read.", examples=["default"])] = "",
    attribute: Annotated[str, Query(max_length=60, description="Of tags ATTRIBUTE:GROUP.", examples=["role"])] = "",
) -> HTMLResponse:
    """One page with plots: by library and day, abstentions, most used and never found pictures, skew."""
    found = report(services, actor, since=since, until=until, library=library, attribute=attribute, door=DOOR)
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"}
    return HTMLResponse(as_html(services, found), headers=headers)


def _saved(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _sent(folder: tempfile.TemporaryDirectory[str], target: Path) -> Iterator[bytes]:
    with folder, target.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
