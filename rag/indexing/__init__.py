"""Where visuals are found by their vectors: one Qdrant engine, in this process or on a server.

`open_collections` chooses by URL. `schema` is the payload, `bm25` the term vectors,
`points` what is stored per visual, `graphs`
how many of them are searched fast. Importing this loads neither Qdrant.
"""

from __future__ import annotations

from pathlib import Path

from rag.errors import BadSettings
from rag.ports import Collections
from rag.settings import without_credentials


def open_collections(url: str, key: str | None = None, *, on_disk: bool = False) -> Collections:
    """The collections at `url`: `edge:///folder`, or `http(s)://…` of a Qdrant server.

    A server is not asked anything yet; a folder is made where there is none, and
    belongs to this process until `close`.

    Args:
        key: API key of the server; a folder needs none.
        on_disk: leave full vectors on disk and hold only quantised ones in memory, of collections
            that are made, and on Edge of those there are when they are optimised next.

    Raises:
        BadSettings: another kind of URL.
        StoreLocked: another process owns the folder.
        Unavailable: the folder cannot be made or read.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "edge" and rest:
        from rag.indexing.edge import EdgeCollections

        return EdgeCollections(Path(rest), on_disk=on_disk)
    if scheme in ("http", "https") and rest:
        from rag.indexing.server import ServerCollections, connect

        return ServerCollections(connect(url, key), on_disk=on_disk)
    raise BadSettings(f"{without_credentials(url)!r} is no vector store; use edge:///folder or http(s)://host:port")
