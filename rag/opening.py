"""Parts of `rag.wiring` that take more than a line to open: the pipeline, the LLM, the reranker."""

from __future__ import annotations

import os

from rag.errors import BadSettings
from rag.ports import ChatModel, Pipeline, Reranker, Services
from rag.settings import Settings


def pipeline(services: Services, input_size: int) -> Pipeline:
    """The pipeline of one process, with its decoders.

    Args:
        input_size: edge of the square that the encoder sees, in pixels.
    """
    from rag.media.decoders import Decoders
    from rag.media.limits import Limits
    from rag.pipeline.pipeline import StreamingPipeline

    settings = services.settings
    limits = Limits(
        pixels=settings.max_pixels,
        visuals=settings.max_visuals,
        seconds=settings.decode_seconds,
        media_seconds=settings.media_seconds,
        memory=settings.decode_memory,
        frames_per_minute=settings.frames_per_minute,
    )
    threads = settings.decoders or os.cpu_count() or 1
    decoders = Decoders(limits, wanted=input_size, processes=threads)
    return StreamingPipeline(services, decoders, threads=threads)


def chat_model(settings: Settings) -> ChatModel:
    """The configured LLM; without one, the composer of captions. Raises BadSettings."""
    if not settings.llm:
        from rag.answering.extractive import ExtractiveComposer

        return ExtractiveComposer()
    from rag.answering.langchain_chat import open_chat

    return open_chat(settings)


def reranker(settings: Settings) -> Reranker | None:
    """None where reranking is off. Raises BadSettings."""
    wanted, _, name = settings.reranker.partition(":")
    if not wanted:
        return None
    if wanted == "llm" and not name:
        return _llm_reranker(settings)
    if wanted == "cross-encoder" and name:
        from rag.encoding.cross_encoder import CrossEncoderReranker

        return CrossEncoderReranker(name, device=settings.device)
    raise BadSettings(f"PICTUREDESK_RERANKER={settings.reranker} is neither llm nor cross-encoder:PATH_OR_NAME")


def _llm_reranker(settings: Settings) -> Reranker:
    """Without retries: who waits for an answer is better served by the order there is."""
    from rag.answering.langchain_chat import open_chat
    from rag.answering.llm_reranker import LlmReranker
    from rag.answering.prompt_files import load_prompt

    if not settings.llm:
        raise BadSettings("PICTUREDESK_RERANKER=llm needs an LLM that sees pictures: set PICTUREDESK_LLM")
    chat = open_chat(settings, retries=0, sees_images=True)
    return LlmReranker(chat, seconds=settings.llm_timeout, prompt=load_prompt("rerank", own=settings.prompts))
