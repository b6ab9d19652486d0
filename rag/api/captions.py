"""The editor's desk over HTTP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Body, File, Form, Query, Response, UploadFile, status
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.captions import (
    ApproveRequest,
    Draft,
    DraftPage,
    DraftRequest,
    DraftResponse,
    EditRequest,
    LintRequest,
    LintResponse,
    RejectRequest,
    ReviewedDraft,
    UploadWish,
)
from rag.api.uploads import LONGEST_NAME, reader
from rag.captions import review
from rag.captions.checking import check
from rag.captions.drafting import draft
from rag.captions.export import ExportFormat, ExportWish, as_csv, as_jsonl, as_sidecars, export
from rag.errors import BadQuery
from rag.model import Actor, CaptionForm, DraftState
from rag.wiring import WiredServices

router = APIRouter(prefix="/v1/captions", tags=["Captions"], responses=documented(401, 403, 404, 422, 503))

TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.JSONL: "application/jsonl"}
FILE = {"content": {"text/csv": {}, "application/jsonl": {}, "application/zip": {}}, "description": "The texts."}

States = Annotated[list[DraftState], Query(description="Only in one of these states.")]
LibraryName = Annotated[str, Query(description="Empty: all you may read.", examples=["default"])]


@router.post("/drafts", summary="Draft texts about a visual", dependencies=[Sound])
def draft_visual(services: ServicesDep, actor: ActorDep, request: DraftRequest) -> DraftResponse:
    """Kept for review; takes the role editor. The drafts that lint says least of come first, each with the captions
    that it was made after. Without a language model they are composed from tags and the nearest captions."""
    return DraftResponse.of(draft(services, actor, request.wish(), door=DOOR))


@router.post(
    "/drafts/upload",
    summary="Draft texts about an upload",
    responses=documented(413, 415),
    dependencies=[Sound],
)
def draft_upload(
    services: ServicesDep,
    actor: ActorDep,
    file: Annotated[UploadFile, File(description="A picture; of a film or PDF, its first one. It is not kept.")],
    request: Annotated[str, Form(description="JSON: `form`, and what POST /v1/captions/drafts takes beside.")],
) -> DraftResponse:
    """As POST /v1/captions/drafts, for a file of which nothing is kept but its hash; nor are its drafts.

    `curl -F file=@photo.jpg -F request='{"form": "alt"}' http://127.0.0.1:8000/v1/captions/drafts/upload`"""
    content = reader(file, services.settings.max_bytes)()
    wish = _upload_wish(request).wish(content, (file.filename or "")[:LONGEST_NAME])
    return DraftResponse.of(draft(services, actor, wish, door=DOOR))


@router.get("/drafts", summary="Drafts")
def drafts(
    *,
    services: ServicesDep,
    actor: ActorDep,
    library: LibraryName = "",
    visual: Annotated[str, Query(description="Only of this visual.")] = "",
    form: Annotated[CaptionForm | None, Query(description="Only of this form.")] = None,
    state: States = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(description="`next` of the page before.")] = "",
) -> DraftPage:
    """Of pictures that you may see, in the order of their ids."""
    found = services.drafts.find(
        actor, library=library, visual=visual, form=form, states=state, limit=limit, after=after
    )
    return DraftPage(drafts=[Draft.of(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/drafts/{draft_id}", summary="One draft")
def one_draft(services: ServicesDep, actor: ActorDep, draft_id: str) -> ReviewedDraft:
    """With what happened to it: who, when, why, and the difference that it made."""
    return _reviewed(services, actor, draft_id)


@router.patch("/drafts/{draft_id}", summary="Edit a draft", responses=documented(409))
def edit(services: ServicesDep, actor: ActorDep, draft_id: str, request: EditRequest) -> ReviewedDraft:
    """Until it is decided. The difference is kept."""
    return _reviewed(services, actor, review.edit(services, actor, draft_id, request.decision(), door=DOOR).id)


@router.post("/drafts/{draft_id}/approve", summary="Approve a draft", responses=documented(409), dependencies=[Sound])
def approve(
    services: ServicesDep, actor: ActorDep, draft_id: str, request: Annotated[ApproveRequest | None, Body()] = None
) -> ReviewedDraft:
    """It becomes a caption of its picture, of origin `generated`, and is found by the next search. An earlier approved
    one of the same picture, form and language is replaced."""
    decision = (request or ApproveRequest()).decision()
    return _reviewed(services, actor, review.approve(services, actor, draft_id, decision, door=DOOR).id)


@router.post("/drafts/{draft_id}/reject", summary="Reject a draft", responses=documented(409))
def reject(services: ServicesDep, actor: ActorDep, draft_id: str, request: RejectRequest) -> ReviewedDraft:
    """With the reason, for whoever drafts the next one."""
    return _reviewed(services, actor, review.reject(services, actor, draft_id, request.decision(), door=DOOR).id)


@router.post("/lint", summary="Check a text", dependencies=[Sound])
def lint(services: ServicesDep, actor: ActorDep, request: LintRequest) -> LintResponse:
    """Any text about a visual: length, banned phrases, names without a source, claims that the picture's own scores
    do not support, likeness to the caption of another picture."""
    return LintResponse.of(check(services, actor, request.wish(), door=DOOR))


@router.get("/export", summary="Give out approved texts", response_class=Response, responses={200: FILE})
def give_out(
    *,
    services: ServicesDep,
    actor: ActorDep,
    library: Annotated[str, Query(description="Empty: the default one.", examples=["default"])] = "",
    format: Annotated[ExportFormat, Query(description="Rows, or sidecars in a ZIP file.")] = ExportFormat.JSONL,  # noqa: A002
    form: Annotated[list[CaptionForm], Query(description="Only of these forms.")] = [],  # noqa: B006
    state: States = [DraftState.APPROVED],  # noqa: B006
) -> Response:
    """CSV, JSON lines, or XMP sidecars (`dc:description`, `Iptc4xmpCore:AltTextAccessibility`,
    `ExtDescrAccessibility`). The ledger has who took what."""
    wish = ExportWish(library or services.settings.library, tuple(form), tuple(state))
    rows = export(services, actor, wish, format, door=DOOR)
    name = f"captions-{wish.library}.{'zip' if format is ExportFormat.XMP else format.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if format is ExportFormat.XMP:
        return Response(_zipped(as_sidecars(rows)), media_type="application/zip", headers=headers)
    lines = (as_csv if format is ExportFormat.CSV else as_jsonl)(rows)
    return StreamingResponse(lines, status.HTTP_200_OK, headers, TYPES[format])


def _reviewed(services: WiredServices, actor: Actor, draft_id: str) -> ReviewedDraft:
    found = services.drafts.get(actor, draft_id)
    return ReviewedDraft.with_steps(found, services.drafts.steps(actor, found.id))


def _upload_wish(request: str) -> UploadWish:
    """The JSON in the form field. Raises BadQuery."""
    try:
        return UploadWish.model_validate_json(request)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in ("request", *first["loc"]))
        raise BadQuery(f"{place}: {first['msg'].removeprefix('Value error, ')}") from error


def _zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()
