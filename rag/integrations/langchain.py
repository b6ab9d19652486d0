"""`PictureDeskRetriever`: pictures of a library as LangChain documents, from this process or from a desk over HTTP.

    retriever = PictureDeskRetriever.local(services, actor, libraries=("news",))
    retriever = PictureDeskRetriever.remote("http://127.0.0.1:8000", key="…", top_k=4)
    chain = {"context": retriever, "question": RunnablePassthrough()} | prompt | llm

A document's text is the caption, as somebody wrote it: data, never an instruction. Where a picture has none, its
tags stand there. The metadata says which picture it is, why it was found, and in which ledger event.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, Self, TypedDict, Unpack

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, SecretStr

from rag.integrations.remote import RemoteDesk
from rag.media.derived import THUMBNAIL_TYPE
from rag.model import LOCAL_OWNER, Actor, Evidence, Query
from rag.ports import Services
from rag.retrieval.short_form import applied
from rag.search import search, thumbnails

DOOR = "langchain"
"""How the ledger names this door. A desk over HTTP records `http`: it cannot see who stands behind it."""

Thumbnails = Literal["none", "url", "data"]


class Found(Protocol):
    """Where documents come from."""

    def find(self, query: Query, pictures: Thumbnails) -> list[Document]:
        """Documents, best first. Raises errors of `rag.errors`."""


class Options(TypedDict, total=False):
    """What both constructors take; see the fields of `PictureDeskRetriever`."""

    libraries: tuple[str, ...]
    top_k: int
    filters: str
    min_relevance: float
    pictures: Thumbnails
    diversity: float
    per_asset: int


class PictureDeskRetriever(BaseRetriever):
    """Finds pictures for a text. Make one with `local` or `remote`; async calls run in the default executor.

    The text is taken as plain words, whatever it holds: it may have been written by an LLM.

    Attributes:
        libraries: where to look; empty means in all that may be read.
        filters: in the short form, for every search: `tag:beach -tag:archive after:2024`.
        min_relevance: calibrated probability that a document needs, in [0, 1].
        pictures: whether metadata holds the thumbnail, as a URL (only over HTTP) or as a data URI.
        diversity, per_asset: as in `rag.model.Query`.
    """

    source: Any = Field(exclude=True, repr=False)
    libraries: tuple[str, ...] = ()
    top_k: int = Field(8, ge=1, le=100)
    filters: str = ""
    min_relevance: float = Field(0.0, ge=0, le=1)
    pictures: Thumbnails = "none"
    diversity: float = Field(0.0, ge=0, le=1)
    per_asset: int = Field(0, ge=0)

    @classmethod
    def local(cls, services: Services, actor: Actor = LOCAL_OWNER, **options: Unpack[Options]) -> Self:
        """Over parts that are open in this process; the ledger records `langchain` as the door."""
        return cls(source=_Local(services, actor), **options)

    @classmethod
    def remote(cls, base_url: str, key: str | SecretStr = "", **options: Unpack[Options]) -> Self:
        """Over a desk that `picturedesk serve` runs somewhere, as whom the key stands for.

        Raises, when it is used:
            Unavailable: the desk did not answer. Unauthenticated, NotAllowed, NotFound, BadQuery: what it said.
        """
        secret = key if isinstance(key, SecretStr) else SecretStr(key)
        return cls(source=_Remote(RemoteDesk(base_url, secret)), **options)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        where = applied(Query(self.filters))[0].where if self.filters else None
        asked = Query(
            query,
            libraries=self.libraries,
            top_k=self.top_k,
            where=where,
            diversity=self.diversity,
            per_asset=self.per_asset,
        )
        documents = self.source.find(asked, self.pictures)
        return [one for one in documents if one.metadata["relevance"] >= self.min_relevance]


class _Local:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor

    def find(self, query: Query, pictures: Thumbnails) -> list[Document]:
        retrieval = search(self._services, self._actor, query, door=DOOR)
        shown = thumbnails(self._services, retrieval.evidence) if pictures == "data" else {}
        return [_document(_known(item), retrieval.event, shown.get(item.number)) for item in retrieval.evidence]


class _Remote:
    def __init__(self, desk: RemoteDesk) -> None:
        self._desk = desk

    def find(self, query: Query, pictures: Thumbnails) -> list[Document]:
        answer = self._desk.search(query)
        found = []
        for said in answer["evidence"]:
            content = self._desk.picture(said["thumbnail_url"]) if pictures == "data" else None
            document = _document(said, answer["event"], content)
            if pictures == "url":
                document.metadata["thumbnail"] = self._desk.address(said["thumbnail_url"])
            found.append(document)
        return found


KEPT = (
    "visual_id",
    "asset_id",
    "library",
    "locator",
    "number",
    "relevance",
    "scores",
    "name",
    "media_type",
    "tags",
    "generated_tags",
    "licence",
    "source",
    "captured_at",
)
"""What metadata holds of a piece of evidence, beside `event` and `thumbnail`."""


def _known(item: Evidence) -> Mapping[str, Any]:
    """As a desk says it over HTTP."""
    visual, caption = item.visual, item.caption
    return {
        "visual_id": visual.id,
        "asset_id": visual.asset_id,
        "library": visual.library,
        "locator": visual.locator,
        "number": item.number,
        "relevance": round(item.relevance, 4),
        "scores": {channel.value: round(score, 4) for channel, score in item.scores.items()},
        "name": item.name,
        "media_type": item.media_type,
        "tags": list(item.tags),
        "generated_tags": list(item.generated_tags),
        "licence": item.licence,
        "source": item.source,
        "captured_at": item.captured_at,
        "caption": {"text": caption.text} if caption else None,
    }


def _document(said: Mapping[str, Any], event: int | None, thumbnail: bytes | None) -> Document:
    caption = said["caption"]
    metadata: dict[str, Any] = {name: said[name] for name in KEPT}
    metadata |= {"event": event, "captioned": caption is not None}
    if thumbnail is not None:
        metadata["thumbnail"] = f"data:{THUMBNAIL_TYPE};base64,{base64.b64encode(thumbnail).decode()}"
    text = caption["text"] if caption else _instead(said["tags"], said["name"])
    return Document(page_content=text, metadata=metadata, id=said["visual_id"])


def _instead(tags: Sequence[str], name: str) -> str:
    return ", ".join(tags) or name
