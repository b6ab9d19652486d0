"""The pages at `/` and `/audit`, and the files it is made of."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from rag import __version__

WEB = Path(__file__).parent.parent / "web"

router = APIRouter(include_in_schema=False)


def templates() -> Jinja2Templates:
    return Jinja2Templates(WEB / "templates")


def static_files() -> StaticFiles:
    return StaticFiles(directory=WEB / "static")


@router.get("/")
def page(request: Request) -> HTMLResponse:
    """The same for everybody: what it shows comes from the API, by the reader's rights."""
    found: Jinja2Templates = request.app.state.templates
    return found.TemplateResponse(request, "page.html", {"version": __version__})


@router.get("/audit")
def audit(request: Request) -> HTMLResponse:
    """The auditor's page; what it shows comes from the API, by the reader's rights."""
    found: Jinja2Templates = request.app.state.templates
    return found.TemplateResponse(request, "audit.html", {"version": __version__})
