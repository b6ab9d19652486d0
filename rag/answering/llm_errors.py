"""Errors of LLM clients in our tree.

Every provider's client has errors of its own. What they share is an HTTP status, on the error, on its response
or on its cause, and a text; that is what is read here, so no client is imported.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from rag.answering.plain_text import plain_text
from rag.answering.prompting import as_data
from rag.errors import ContextTooLong, LlmRefused, LlmUnavailable, PictureDeskError

CONTEXT = re.compile(
    r"context_length_exceeded|context.?window|context.?(length|size)|exceed_context_size|maximum context"
    r"|prompt is too long|token count .*exceeds|too many (input )?tokens|reduce the length",
    re.IGNORECASE,
)
"""How OpenAI, vLLM, llama.cpp, Ollama, Anthropic, Mistral and Gemini say that a prompt is too long."""

SPENT = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
"""A 429 that waiting does not mend."""

MESSAGE = re.compile(r"""['"]message['"]: *(['"])(.*?)\1""")
"""In the text of an error that shows the endpoint's JSON as it came."""

PASSING = frozenset({408, 409, 425, 429, 498, 499})
"""What may pass by itself, beside all from 500 on."""


def llm_error(error: Exception, model_id: str, *, keyed: bool) -> PictureDeskError:
    """Our error for one of a client; the caller raises it from that one.

    Args:
        keyed: whether a key is configured.
    """
    if isinstance(error, PictureDeskError):
        return error
    reason, status = _reason(error), _status(error)
    if _too_long(error, status):
        return ContextTooLong(
            f"the prompt is longer than the LLM {model_id} takes ({reason}); "
            "lower PICTUREDESK_LLM_PROMPT_TOKENS or PICTUREDESK_TOP_K, or take an LLM with a longer context"
        )
    if status is None:
        return _without_status(error, model_id, reason)
    if (status in PASSING or status >= 500) and not (status == 429 and SPENT.search(_whole_text(error))):
        return _passing(error, model_id, status, reason)
    return LlmRefused(_refusal(model_id, status, reason, keyed))


def _refusal(model_id: str, status: int, reason: str, keyed: bool) -> str:
    """Of what the endpoint says about a key nothing is repeated: it may hold a part of it."""
    if status == 401 and not keyed:
        return f"the LLM {model_id} wants a key; set PICTUREDESK_LLM_KEY"
    if status == 401:
        return f"the LLM {model_id} refused the key; check PICTUREDESK_LLM_KEY"
    if status == 403:
        return f"the key may not use the LLM {model_id}; check PICTUREDESK_LLM_KEY and what its account allows"
    if status == 404:
        return f"there is no LLM {model_id} at this endpoint ({reason}); check PICTUREDESK_LLM and PICTUREDESK_LLM_URL"
    if status in {402, 429}:
        return f"the account for the LLM {model_id} is used up ({reason}); look at its plan and limits"
    return f"the LLM {model_id} refused the request with status {status}: {reason}"


def _passing(error: Exception, model_id: str, status: int, reason: str) -> LlmUnavailable:
    wait = retry_after(error)
    later = "try again later" if wait is None else f"try again in {math.ceil(wait)} s"
    if status == 429:
        return LlmUnavailable(f"the LLM {model_id} has too many requests; {later}", wait)
    return LlmUnavailable(f"the LLM {model_id} failed with status {status} ({reason}); {later}", wait)


def _without_status(error: Exception, model_id: str, reason: str) -> PictureDeskError:
    """The request did not get through, or the answer broke."""
    names = {type(one).__name__.lower() for one in _chain(error)}
    if any(isinstance(one, UnicodeDecodeError) for one in _chain(error)):
        return LlmUnavailable(f"the LLM {model_id} sent bytes that are no UTF-8; is PICTUREDESK_LLM_URL an LLM?")
    if any(isinstance(one, ValueError) and "json" in type(one).__name__.lower() for one in _chain(error)):
        return LlmUnavailable(f"the LLM {model_id} sent a piece that is no JSON; is PICTUREDESK_LLM_URL an LLM?")
    if any("timeout" in name for name in names):
        return LlmUnavailable(
            f"the LLM {model_id} did not answer in time; PICTUREDESK_LLM_TIMEOUT says how long it may"
        )
    if any("connect" in name for name in names):
        return LlmUnavailable(f"the LLM {model_id} did not answer; check PICTUREDESK_LLM_URL and that it runs")
    return LlmUnavailable(f"the LLM {model_id} broke off: {reason}; try again")


def retry_after(error: Exception) -> float | None:
    """Seconds that the endpoint asks to wait (RFC 9110, section 10.2.3: a number or a date); None without."""
    for one in _chain(error):
        headers = getattr(getattr(one, "response", None), "headers", None) or {}
        if (value := headers.get("retry-after-ms")) is not None and (seconds := _number(value)) is not None:
            return seconds / 1000
        if (value := headers.get("retry-after")) is not None:
            return _number(value) if _number(value) is not None else _until(value)
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _status(error: Exception) -> int | None:
    for one in _chain(error):
        body = getattr(one, "body", None)
        for value in (
            getattr(one, "status_code", None),
            getattr(getattr(one, "response", None), "status_code", None),
            getattr(one, "code", None),
            body.get("code") if isinstance(body, Mapping) else None,
        ):
            if isinstance(value, int) and 400 <= value < 600:
                return value
    return None


def _too_long(error: Exception, status: int | None) -> bool:
    """A status that passes is none of it, whatever the text says."""
    named = any("contextoverflow" in kind.__name__.lower() for one in _chain(error) for kind in type(one).__mro__)
    return named or (status in {None, 400, 413, 422} and CONTEXT.search(_whole_text(error)) is not None)


def _whole_text(error: Exception) -> str:
    return f"{error} {getattr(error, 'body', '')}"


def _reason(error: Exception) -> str:
    """What the endpoint said, in one line; untrusted as everything that comes from there."""
    body: Any = getattr(error, "body", None)
    said = body.get("error", body) if isinstance(body, Mapping) else None
    said = said.get("message") if isinstance(said, Mapping) else None
    if not said and (quoted := MESSAGE.search(str(error))):
        said = quoted[2]
    return plain_text(as_data(str(said or error), 200)) or type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
