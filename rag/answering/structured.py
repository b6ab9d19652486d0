"""Answers of an LLM that are to be one JSON object. Nothing that it writes is trusted."""

from __future__ import annotations

import json
import time
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from rag.errors import Unavailable
from rag.model import Prompt
from rag.ports import ChatModel

LONGEST = 40_000
"""Characters after which an answer that is still coming is none that was asked for."""

Form = TypeVar("Form", bound=BaseModel)


def whole_answer(chat: ChatModel, prompt: Prompt, seconds: float, what: str) -> str:
    """All of an answer.

    Args:
        seconds: for the whole of it; an LLM that drips is given up.
        what: what it is asked for, as errors name it: `the ranking`.

    Raises:
        Unavailable: it failed, took longer, or did not come to an end.
        Rejected: it refused.
    """
    started, text = time.monotonic(), ""
    for piece in chat.stream(prompt):
        text += piece
        if time.monotonic() - started > seconds:
            raise Unavailable(f"the LLM {chat.id} took more than {seconds:g} s for {what}")
        if len(text) > LONGEST:
            raise Unavailable(f"the LLM {chat.id} did not come to an end with {what}")
    return text


def json_object(text: str, form: type[Form]) -> Form | None:
    """The object in a text, with words around it, such as a code fence. None where there is none of that form."""
    start, end = text.find("{"), text.rfind("}")
    try:
        return form.model_validate(json.loads(text[start : end + 1] if start >= 0 else text))
    except (ValueError, ValidationError, RecursionError):
        return None
