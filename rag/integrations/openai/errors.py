"""A problem of ours as OpenAI words errors, so that clients raise what they raise for OpenAI's own."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

STATUSES = {422: 400, 415: 400}
"""OpenAI calls any request that cannot stand 400."""

TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
CODES = {"unauthenticated": "invalid_api_key"}
MODEL_PARAM = "model"


def status_of(problem: Mapping[str, Any]) -> int:
    """The HTTP status under which clients of OpenAI know it."""
    status = int(problem["status"])
    return STATUSES.get(status, status)


def error_of(problem: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an error. `code` is the problem's type, `param` the first field at fault, where they are known."""
    status = status_of(problem)
    kind = str(problem["type"]).rpartition(":")[2]
    unknown_model = kind == "model-not-found"
    server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return {
        "error": {
            "message": problem["detail"],
            "type": TYPES.get(status, "server_error" if server else "invalid_request_error"),
            "param": MODEL_PARAM if unknown_model else _param(problem),
            "code": CODES.get(kind, kind.replace("-", "_")),
        }
    }


def _param(problem: Mapping[str, Any]) -> str | None:
    errors = problem.get("errors") or [{}]
    field = str(errors[0].get("field", "")).removeprefix("body").removeprefix(".")
    return field or None
