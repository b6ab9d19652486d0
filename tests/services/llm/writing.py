"""What the test LLM writes, by model name; a test may set `ranking` and `script`."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.services.llm import minds
from tests.services.llm.faults import FAULTS
from tests.services.llm.turns import ANSWER, Request, Turn, text

if TYPE_CHECKING:
    from tests.services.llm.server import LlmServer

MINDS: dict[str, Callable[[Request], Turn]] = {
    "cites": minds.cites,
    "miscites": minds.miscites,
    "obeys": minds.obeys,
}
"""Each may stand with anything behind a hyphen: `cites-slowly`."""


def turn_for(server: LlmServer, request: Request) -> Turn:
    """What to do with a request: by the script, else by the model's name. Other names echo."""
    if server.script:
        return server.script.pop(0) if len(server.script) > 1 else server.script[0]
    model: str = request["model"]
    if model == "ranks":
        return text(server.ranking)
    if model == "drips":
        return text(*[server.ranking] * 200, between=0.05)
    if model in FAULTS:
        return FAULTS[model]
    mind = MINDS.get(model.partition("-")[0])
    return mind(_seen(server, request)) if mind else text(*ANSWER)


def _seen(server: LlmServer, request: Request) -> Request:
    """The request, with what is written in its pictures as text after each."""
    if server.eyes is None:
        return request
    read = server.eyes
    messages = []
    for message in request["messages"]:
        content = message["content"]
        if not isinstance(content, str):
            content = [_as_text(part, read) for part in content]
        messages.append({**message, "content": content})
    return {**request, "messages": messages}


def _as_text(part: dict[str, Any], read: Callable[[bytes], str]) -> dict[str, Any]:
    if part["type"] != "image_url":
        return part
    picture = base64.b64decode(part["image_url"]["url"].partition(",")[2])
    return {"type": "text", "text": f"written in the picture: {read(picture)}"}
