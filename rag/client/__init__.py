"""A desk from Python, over HTTP.

    from rag.client import Client

    with Client("http://127.0.0.1:8000") as desk:
        for hit in desk.search("red car on a beach", top_k=3).evidence:
            print(hit.number, hit.relevance, hit.name)

`AsyncClient` has the same methods, awaited. What comes back are the schemas in `rag.api.schemas`; what goes wrong
is raised as the errors of `rag.errors`. Importing this loads no encoder and opens no connection.
"""

from rag.client.asynchronous import AsyncClient
from rag.client.failures import Patience
from rag.client.sync import Client

__all__ = ["AsyncClient", "Client", "Patience"]
