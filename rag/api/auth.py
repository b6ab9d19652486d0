"""Who asks: the actor of a request, by its key.

A key comes as `Authorization: Bearer KEY`, as `X-API-Key: KEY`, or in the cookie
that `POST /v1/session` sets for the page. The cookie carries the key itself, so
that any process can check it and removing a key ends its sessions; scripts cannot
read it, and no other site can send it.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request

from rag.access import actor_for
from rag.api.context import services_of
from rag.model import Actor

SESSION_COOKIE = "picturedesk_session"


def key_of(request: Request) -> str | None:
    """The key that came with a request: in a header before in the cookie."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    if key := request.headers.get("x-api-key"):
        return key
    cookie = request.cookies.get(SESSION_COOKIE)
    return unquote(cookie) if cookie else None


async def request_actor(request: Request) -> Actor:
    return actor_for(services_of(request).settings, key_of(request))


ActorDep = Annotated[Actor, Depends(request_actor)]
