"""Who asks: the actor of a request, by its key.

A key comes as `Authorization: Bearer KEY`, as `X-API-Key: KEY`, or in the cookie
that `POST /v1/session` sets for the page. The cookie carries the key itself, so
that any process can check it and removing a key ends its sessions; scripts cannot
read it, and no other site can send it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request

from rag.api.context import services_of
from rag.errors import Unauthenticated
from rag.model import LOCAL_OWNER, Actor
from rag.settings import ApiKey, Settings

SESSION_COOKIE = "picturedesk_session"


def actor_for(settings: Settings, key: str | None) -> Actor:
    """The actor that a key stands for; the local owner when no keys are configured.

    Raises:
        Unauthenticated: keys are configured, and this is none of them.
    """
    if not settings.api_keys:
        return LOCAL_OWNER
    if not key:
        raise Unauthenticated("this desk needs a key: send it as Authorization: Bearer KEY, or X-API-Key: KEY")
    found = _configured(settings.api_keys, key)
    if found is None:
        raise Unauthenticated("the key is not one of this desk's")
    return Actor(id=found.actor, roles=found.roles, groups=found.groups, libraries=found.libraries)


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


def _configured(keys: tuple[ApiKey, ...], key: str) -> ApiKey | None:
    """Compares with every key, in constant time, so that timing tells nothing."""
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for candidate in keys:
        if hmac.compare_digest(candidate.sha256, digest):
            found = candidate
    return found
