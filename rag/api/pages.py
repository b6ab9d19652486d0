"""The pages, the files they are made of, and what they ask of one picture."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from rag import __version__
from rag.api import visuals

WEB = Path(__file__).parent.parent / "web"

router = APIRouter()
router.include_router(visuals.router)


def templates() -> Jinja2Templates:
    return Jinja2Templates(WEB / "templates")


def static_files() -> StaticFiles:
    return StaticFiles(directory=WEB / "static")


@router.get("/", include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """The same for everybody: what it shows comes from the API, by the reader's rights."""
    return _shown(request, "page.html")


@router.get("/desk", include_in_schema=False)
def desk(request: Request) -> HTMLResponse:
    """The editor's desk; the same for everybody, as the API refuses those who may not."""
    return _shown(request, "desk.html")


@router.get("/audit", include_in_schema=False)
def audit(request: Request) -> HTMLResponse:
    """The auditor's page; what it shows comes from the API, by the reader's rights."""
    return _shown(request, "audit.html")


def _shown(request: Request, template: str) -> HTMLResponse:
    found: Jinja2Templates = request.app.state.templates
    return found.TemplateResponse(request, template, {"version": __version__})
