"""What writes answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from rag.model import Json, Prompt

CUT_OFF = "…\n\n(The answer was cut off here: the language model had come to a limit of length or time.)"
"""How the text of an answer ends that is not whole. Flows that show it otherwise look for it at the end."""


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
        """Pieces of the answer's text as they come. Closing the iterator hangs up.

        The text is untrusted, but for NUL and lone surrogates, which are gone. It may be empty. One that a
        limit cut off ends with the piece `CUT_OFF`.

        Raises:
            LlmUnavailable: retryable; the endpoint did not answer, even when asked again, or broke off.
            LlmRefused: the endpoint refused: key, model name, content.
            ContextTooLong: an LlmRefused; a shorter prompt may help.
        """
