"""Pictures as messages bring them: `data:` URLs, and addresses on the web."""

from __future__ import annotations

import base64
import binascii

from rag.errors import BadQuery, Unavailable, UnsupportedMedia
from rag.media.fetch import fetch
from rag.settings import Settings
from rag.sources.limits import source_limits


def picture_of(name: str, url: str, settings: Settings) -> bytes:
    """The bytes behind an `image_url`: those in it, or fetched within the limits for addresses of pictures.

    Args:
        name: how errors call it: `messages.0.content.1.image_url`.

    Raises:
        BadQuery: it is no such URL, it is refused, or what it leads to is too large.
        Unavailable: a server did not answer.
    """
    url = url.strip()
    if url[:5].lower() == "data:":
        return picture_in(name, url, settings.max_bytes)
    if url.partition(":")[0].lower() not in ("http", "https"):
        raise BadQuery(f"{name} needs a data:, http: or https: URL")
    try:
        return fetch(url, source_limits(settings).fetch)
    except UnsupportedMedia as error:
        raise BadQuery(f"{name} cannot be used: {error}") from error
    except Unavailable as error:
        raise Unavailable(f"{name}: {error}") from error


def picture_in(name: str, url: str, most: int) -> bytes:
    """The bytes in a `data:` URL of at most so many. Raises BadQuery."""
    head, comma, encoded = url.partition(",")
    if not comma or head[:5].lower() != "data:" or not head.lower().endswith(";base64"):
        raise BadQuery(f"{name} is no data: URL in base64, as data:image/jpeg;base64,…")
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise BadQuery(f"{name} is no valid base64: {error}") from error
    if len(content) > most:
        raise BadQuery(f"{name} is over the limit of {most:,} bytes")
    return content
