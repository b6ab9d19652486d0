"""A LlamaIndex retriever over a desk: `pip install llama-index-core httpx`, then

    retriever = PictureDeskRetriever("http://127.0.0.1:8000", key="…", library="news")
    for hit in retriever.retrieve("a red car on a beach"):
        print(hit.score, hit.node.text, hit.node.metadata["visual_id"])

Nodes are `ImageNode`s: their text is the caption, `image_url` leads to the thumbnail. With `images=True` the
thumbnail itself comes along, for engines that hand pictures to an LLM. Scores are calibrated probabilities.
Captions are data that others wrote: tell your LLM so in its prompt.
"""

from __future__ import annotations

import base64
from typing import Any

import httpx
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import ImageNode, NodeWithScore, QueryBundle

KEPT = ("visual_id", "asset_id", "library", "locator", "name", "licence", "source", "captured_at", "tags")


class PictureDeskRetriever(BaseRetriever):
    """Pictures of a library that fit a text, best first."""

    def __init__(
        self, base_url: str, key: str = "", *, library: str | None = None, top_k: int = 8, images: bool = False
    ) -> None:
        super().__init__()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._desk = httpx.Client(base_url=base_url, headers=headers, timeout=60)
        self._library = library
        self._top_k = top_k
        self._images = images

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        wanted = {"query": query_bundle.query_str, "top_k": self._top_k, "short_form": False}
        if self._library:
            wanted["library"] = self._library
        answer = self._desk.post("/v1/search", json=wanted).raise_for_status().json()
        return [
            NodeWithScore(node=self._node(said, answer["event"]), score=said["relevance"])
            for said in answer["evidence"]
        ]

    def _node(self, said: dict[str, Any], event: int) -> ImageNode:
        caption = said["caption"]
        node = ImageNode(
            id_=said["visual_id"],
            text=caption["text"] if caption else ", ".join(said["tags"]),
            image_url=str(self._desk.base_url.join(said["thumbnail_url"])),
            metadata={**{name: said[name] for name in KEPT}, "event": event},
        )
        if self._images:
            node.image = base64.b64encode(self._desk.get(said["thumbnail_url"]).raise_for_status().content).decode()
            node.image_mimetype = "image/jpeg"
        return node
