"""Trying a prompt: whether it is sound, and what an LLM makes of it with sample data."""

from __future__ import annotations

import time

from rag.answering.citations import check_citations
from rag.answering.plain_text import PlainText
from rag.answering.prompt_checking import faults_of
from rag.answering.prompt_files import LABELS, ListedPrompt, load_prompt
from rag.answering.prompt_format import PromptFile
from rag.answering.prompt_samples import sample_prompt
from rag.model import Json
from rag.ports import ChatModel


def checked(listed: ListedPrompt, own: str) -> Json:
    """Its id and `faults`, one line each."""
    faults = [listed.fault] if listed.fault else []
    if not faults and not listed.id.startswith(LABELS):
        faults = faults_of(load_prompt(listed.id, own=own))
    return {"id": listed.id, "version": listed.version, "origin": listed.origin, "faults": faults}


def reply(chat: ChatModel, file: PromptFile) -> Json:
    """What the LLM answers to the prompt with sample data: cleaned, its citations checked.

    Raises:
        LlmUnavailable, LlmRefused: it did not answer.
    """
    prompt, started = sample_prompt(file), time.perf_counter()
    said = check_citations("".join(chat.stream(prompt)), {item.number for item in prompt.evidence})
    clean = PlainText()
    return {
        "id": file.id,
        "llm": chat.id,
        "answer": (clean.feed(said.text) + clean.close()).strip(),
        "citations": list(said.citations),
        "citations_removed": list(said.removed),
        "links_removed": clean.removed,
        "seconds": round(time.perf_counter() - started, 2),
    }
