"""Keys -> the actors that they stand for."""

from __future__ import annotations

import hmac
from hashlib import sha256

from rag.errors import Unauthenticated
from rag.model import LOCAL_OWNER, Actor
from rag.settings import ApiKey, Settings


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


def _configured(keys: tuple[ApiKey, ...], key: str) -> ApiKey | None:
    """Compares with every key, in constant time, so that timing tells nothing."""
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for candidate in keys:
        if hmac.compare_digest(candidate.sha256, digest):
            found = candidate
    return found
