"""Failures by model name, in the words that real endpoints use."""

from __future__ import annotations

from tests.services.llm.turns import ANSWER, Turn, endless, raw, silent, status, text

FAULTS: dict[str, Turn] = {
    "refuses": status(401, message="Incorrect API key provided: sk-abc123.", code="invalid_api_key", retry_after=0),
    "forbids": status(403, message="Project has no access to this model."),
    "unknown-model": status(404, message="The model `unknown-model` does not exist", code="model_not_found"),
    "busy": status(429, message="Rate limit reached", retry_after=0),
    "busy-for-long": status(429, message="Rate limit reached", retry_after=3600),
    "spent": status(429, message="You exceeded your current quota", code="insufficient_quota"),
    "down": status(500, retry_after=0),
    "overloaded": status(503, message="The model is loading", retry_after=0),
    "bad-request": status(400, message="temperature is not supported"),
    "too-long": status(
        400,
        message="This model's maximum context length is 128 tokens. However, your messages resulted in 900 tokens.",
        code="context_length_exceeded",
    ),
    "too-long-vllm": status(
        400,
        message="'max_tokens' or 'max_completion_tokens' is too large: 600. This model's maximum context length is "
        "4096 tokens and your request has 4090 input tokens (600 > 4096 - 4090).",
        type="BadRequestError",
        code=400,
    ),
    "too-long-ollama": status(400, message="the input length exceeds the context length", type="api_error"),
    "too-long-llama.cpp": status(
        400,
        message="the request exceeds the available context size, try increasing it",
        type="exceed_context_size_error",
        code=400,
    ),
    "too-long-gemini": status(
        400, message="The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    ),
    "slow": text(*ANSWER, before=60),
    "pings": text("late", between=1.0, pings=60),
    "falls-silent": Turn(pieces=silent()),
    "hangs": text("It begins ", hangs=True),
    "broken": text(ANSWER[0], finish=None),
    "broken-mid-token": raw(b'data: {"id": "1", "choices": [{"delta": {"content": "th', finish=None),
    "cut": Turn(cut=True),
    "empty": text(),
    "whitespace": text(" \n", "\t "),
    "not-utf-8": raw(b'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "caf\xe9"}}]}\n\n'),
    "not-json": raw(b"data: {not json}\n\n"),
    "not-a-chunk": raw(b'data: ["surprise"]\n\n'),
    "error-in-stream": raw(b'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n'),
    "html": raw(b"<html><body>Bad gateway</body></html>\n\n", finish=None),
    "odd-characters": text("half \ud83d", "\ude00 alone \udc00 nul \x00."),
    "thinks": text("<thi", "nk>The captions say [9].</think>\n\n", "A red car [1]."),
    "runs-out": text(*ANSWER[:2], finish="length"),
    "filtered": text(ANSWER[0], finish="content_filter"),
    "endless": Turn(pieces=endless()),
    "calls-tools": text(
        "A red car [1].",
        tool_calls=[{"name": "fetch", "arguments": '{"url": "http://evil.example/x"}'}],
        finish="tool_calls",
    ),
}
