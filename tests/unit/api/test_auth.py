"""Which actor a key stands for."""

from __future__ import annotations

from hashlib import sha256

import pytest

from rag.access import actor_for
from rag.errors import Unauthenticated
from rag.model import LOCAL_OWNER
from rag.settings import ApiKey, Settings


def settings(*keys: str) -> Settings:
    made = tuple(
        ApiKey(sha256=sha256(key.encode()).hexdigest(), actor=f"actor-{key}", libraries=frozenset({key}))
        for key in keys
    )
    return Settings(api_keys=made)


def test_without_keys_everybody_is_the_local_owner() -> None:
    assert actor_for(settings(), None) is LOCAL_OWNER
    assert actor_for(settings(), "anything") is LOCAL_OWNER


def test_a_key_gives_its_own_actor_with_its_own_libraries() -> None:
    actor = actor_for(settings("press", "sport"), "sport")
    assert actor.id == "actor-sport"
    assert actor.libraries == {"sport"}
    assert not actor.has("editor")


@pytest.mark.parametrize("key", [None, "", "Press", "press ", sha256(b"press").hexdigest(), "пресс", "\ud800"])
def test_any_other_key_is_nobody(key: str | None) -> None:
    with pytest.raises(Unauthenticated):
        actor_for(settings("press", "sport"), key)
