"""The retriever of an installation: its catalog and its settings, with one generation."""

from __future__ import annotations

from rag.ports import Services, Serving
from rag.retrieval.composing import Embed
from rag.retrieval.search import Reranking, Retriever


def retriever_of(
    services: Services, serving: Serving, *, embed: Embed | None = None, reranking: Reranking | None = None
) -> Retriever:
    """Whatever asks as people do asks through this, so that a replay, a comparison and a search cannot drift apart.

    Args:
        embed, reranking: see `Retriever`.
    """
    settings = services.settings
    return Retriever(
        serving.store,
        serving.encoder,
        services.catalog,
        candidates=settings.candidates,
        longest_question=settings.max_question,
        embed=embed,
        reranking=reranking,
    )
