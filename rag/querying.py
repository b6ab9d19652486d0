"""What doors are given for a query -> the query: texts, visuals, pictures as bytes, and addresses of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from rag.errors import BadQuery, Unavailable, UnsupportedMedia
from rag.media.fetch import fetch
from rag.model import Part, Query, VisualId
from rag.retrieval.checking import MOST_PARTS
from rag.settings import Settings
from rag.sources.limits import source_limits


@dataclass(frozen=True, slots=True)
class Given:
    """One part of a query as it was handed in; exactly one of the first three is given."""

    text: str = ""
    url: str = ""
    visual: str = ""
    weight: float = 1.0


def with_parts(query: Query, wanted: Sequence[Given], unwanted: Sequence[Given], settings: Settings) -> Query:
    """The query with further parts; what addresses lead to is fetched now, within the limits for all of them.

    Raises:
        BadQuery: a part with none or several of text, url and visual; an address that is refused.
        Unavailable: a server did not answer.
    """
    pictures: dict[str, bytes] = {}
    added = {
        name: tuple(_part(f"{name}[{number}]", one, settings, pictures) for number, one in enumerate(_few(name, given)))
        for name, given in (("wanted", wanted), ("unwanted", unwanted))
    }
    return _extended(query, added["wanted"], added["unwanted"], pictures)


def with_pictures(query: Query, like: Sequence[tuple[bytes, float]], not_like: Sequence[tuple[bytes, float]]) -> Query:
    """The query with encoded pictures, each with its weight, that hits should be like or unlike."""
    pictures = {sha256(content).hexdigest(): content for content, _ in (*like, *not_like)}
    parts = [
        tuple(Part(image=sha256(content).hexdigest(), weight=weight) for content, weight in given)
        for given in (like, not_like)
    ]
    return _extended(query, parts[0], parts[1], pictures)


def _extended(
    query: Query, wanted: tuple[Part, ...], unwanted: tuple[Part, ...], pictures: Mapping[str, bytes]
) -> Query:
    return replace(
        query,
        wanted=(*query.wanted, *wanted),
        unwanted=(*query.unwanted, *unwanted),
        pictures={**query.pictures, **pictures},
    )


def _few(name: str, given: Sequence[Given]) -> Sequence[Given]:
    """Counted before anything is fetched."""
    if len(given) > MOST_PARTS:
        raise BadQuery(f"{name} has {len(given)} parts; at most {MOST_PARTS} fit")
    return given


def _part(name: str, one: Given, settings: Settings, pictures: dict[str, bytes]) -> Part:
    if sum(map(bool, (one.text.strip(), one.url, one.visual))) != 1:
        raise BadQuery(f"{name} needs exactly one of text, url and visual")
    if not one.url:
        return Part(text=one.text, visual=VisualId(one.visual) if one.visual else None, weight=one.weight)
    content = _fetched(name, one.url, settings)
    digest = sha256(content).hexdigest()
    pictures[digest] = content
    return Part(image=digest, weight=one.weight)


def _fetched(name: str, url: str, settings: Settings) -> bytes:
    try:
        return fetch(url.strip(), source_limits(settings).fetch)
    except UnsupportedMedia as error:
        raise BadQuery(f"{name}.url cannot be searched by: {error}") from error
    except Unavailable as error:
        raise Unavailable(f"{name}.url: {error}") from error
