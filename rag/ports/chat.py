"""What writes answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from rag.model import Json, Prompt


class ChatModel(Protocol):
    """Writes an answer from a prompt.

    Attributes:
        id: what the ledger and the reader see: `extractive`, or the LLM's name.
        sees_images: whether pictures may stand in its messages.
        extractive: True when answers are put together from captions, without an LLM.
        parameters: what else decides its output, for the ledger.
    """

    id: str
    sees_images: bool
    extractive: bool
    parameters: Json

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Pieces of the answer's text as they come.

        Raises:
            Unavailable: retryable; the endpoint did not answer, or broke off.
            Rejected: the endpoint refused: key, model name, context length.
        """
