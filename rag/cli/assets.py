"""Assets as people name them: by id, or by the first characters of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.cli.options import actor
from rag.errors import BadQuery, NotFound
from rag.model import Asset, AssetState

if TYPE_CHECKING:
    from rag.ports import Services

SHORTEST = 8
LENGTH = 64
PAGE = 1000


def named(services: Services, words: Sequence[str], library: str) -> list[Asset]:
    """The assets that these ids, or beginnings of ids, mean.

    Args:
        library: where to look; empty means in all.

    Raises:
        BadQuery: not an id, too short, or more than one asset begins so.
        NotFound: there is none.
    """
    places = [library] if library else services.catalog.libraries(actor())
    return [_named(services, word.lower(), places) for word in words]


def quarantined(services: Services, library: str) -> Iterator[Asset]:
    """Every quarantined asset, read a page at a time; of all libraries where none is named."""
    for name in [library] if library else services.catalog.libraries(actor()):
        after = ""
        while page := services.catalog.assets(actor(), name, state=AssetState.QUARANTINED, limit=PAGE, after=after):
            yield from page
            after = page[-1].id


def _named(services: Services, word: str, places: Sequence[str]) -> Asset:
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST},{LENGTH}}}", word):
        raise BadQuery(f"{word!r} is no asset: give an id, or at least its first {SHORTEST} hex digits")
    found = [asset for place in places for asset in _beginning_with(services, word, place)]
    if not found:
        raise NotFound(f"there is no asset {word}")
    if len(found) > 1:
        raise BadQuery(f"{word} may be {' or '.join(str(one.ref) for one in found[:3])}: say which, or name --library")
    return found[0]


def _beginning_with(services: Services, word: str, library: str) -> list[Asset]:
    """At most two. Ids come in pages of ascending ids, so the page after the greatest smaller id begins with them."""
    first = int(word.ljust(LENGTH, "0"), 16)
    before = f"{first - 1:0{LENGTH}x}" if first else ""
    page = services.catalog.assets(actor(), library, limit=2, after=before)
    return [asset for asset in page if asset.id.startswith(word)]
