"""The page's way in: a key once, then a cookie that only this origin sends and no script reads."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from rag.access import actor_for
from rag.api.auth import SESSION_COOKIE
from rag.api.context import ServicesDep
from rag.api.problems import documented
from rag.api.schemas.text import Text

router = APIRouter(prefix="/v1/session", tags=["Session"], responses=documented(401, 422))


class SessionRequest(BaseModel):
    """A key to begin a session with."""

    key: Annotated[Text, Field(min_length=1, max_length=1000, examples=["pd_live_3b9c…"])]


class Session(BaseModel):
    """Whom the key stands for."""

    actor: str = Field(examples=["press-desk"])
    roles: list[str] = Field(examples=[["reader"]])


@router.post("", summary="Begin a session")
def begin(services: ServicesDep, request: Request, response: Response, body: SessionRequest) -> Session:
    """Sets an HttpOnly, SameSite=Strict cookie that lasts until the browser closes."""
    actor = actor_for(services.settings, body.key)
    response.set_cookie(
        SESSION_COOKIE,
        quote(body.key, safe=""),
        path="/v1",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return Session(actor=actor.id, roles=sorted(actor.roles))


@router.delete("", summary="End the session", status_code=status.HTTP_204_NO_CONTENT)
def end(response: Response) -> None:
    """Removes the cookie."""
    response.delete_cookie(SESSION_COOKIE, path="/v1", httponly=True, samesite="strict")
