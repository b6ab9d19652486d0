"""Whatever goes wrong, as problem+json (RFC 9457) with a stable `type` and never a stack trace."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from rag.errors import PictureDeskError, Retryable, Unauthenticated

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
URN = "urn:picturedesk:problem:"
RETRY_AFTER = 2.0
"""Seconds, where the part that failed names none."""

UNKNOWN = "something went wrong inside; the server's log says what"

STATUS_TYPES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "content-too-large",
    416: "range-not-satisfiable",
}
"""Said here where the phrase of a status changed between versions of Python."""


class FieldError(BaseModel):
    """One part of the request that cannot stand."""

    field: str = Field(examples=["body.top_k"])
    message: str = Field(examples=["Input should be a valid integer"])


class Problem(BaseModel):
    """What went wrong, and what to do about it."""

    type: str = Field(description="Stable name of the kind of problem.", examples=[f"{URN}bad-query"])
    title: str = Field(examples=["Bad query"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["the question is empty; ask something"])
    instance: str = Field(description="Path of the request.", examples=["/v1/search"])
    errors: list[FieldError] | None = Field(None, description="Which fields, where several are at fault.")

    @classmethod
    def titled(cls, kind: str, status: int, detail: str, path: str) -> Problem:
        title = kind.replace("-", " ").capitalize()
        return cls(type=f"{URN}{kind}", title=title, status=status, detail=detail, instance=path, errors=None)


def problem_of(error: PictureDeskError, path: str) -> Problem:
    """The problem that an error of our tree is."""
    return Problem.titled(error.type, error.status, str(error) or UNKNOWN, path)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(exclude_none=True), problem.status, headers=headers, media_type=PROBLEM_JSON)


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.add_exception_handler(PictureDeskError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(Exception, _unexpected)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with, for its OpenAPI description."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema["properties"].pop("errors")
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in statuses
    }


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PictureDeskError)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        trace = None if isinstance(error, Retryable) else error
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=trace)
    headers: dict[str, str] = {}
    if isinstance(error, Retryable):
        headers["Retry-After"] = str(math.ceil(RETRY_AFTER if error.retry_after is None else error.retry_after))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="Picture Desk"'
    return problem_response(problem_of(error, request.url.path), headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(item) for item in error.errors()]
    detail = "; ".join(f"{item.field}: {item.message}" for item in errors[:3])
    problem = Problem.titled("bad-request", 422, detail, request.url.path)
    return problem_response(problem.model_copy(update={"errors": errors}))


def _field_error(item: Mapping[str, Any]) -> FieldError:
    if item["type"] == "json_invalid":
        return FieldError(field="body", message=f"it is no JSON: {item.get('ctx', {}).get('error', item['msg'])}")
    return FieldError(field=_path(item["loc"]), message=str(item["msg"]).removeprefix("Value error, "))


def _path(location: Sequence[str | int]) -> str:
    """Fields and places alone: where a field takes several types, pydantic names them in between."""
    return ".".join(str(part) for part in location if "[" not in str(part))


def _by_status(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    kind = STATUS_TYPES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "-")
    detail = error.detail
    if detail == HTTPStatus(status).phrase:
        detail = f"{request.method} {request.url.path}: {detail.lower()}"
    return problem_response(Problem.titled(kind, status, detail, request.url.path), error.headers)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """Starlette raises `error` again behind this response, so the server logs it with its trace."""
    return problem_response(problem_of(PictureDeskError(), request.url.path))
