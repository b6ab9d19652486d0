"""How answers and events become values: the schemas that the desk itself answers with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from rag.client.events import ServerEvent
from rag.client.failures import problem_error
from rag.errors import BadRequest

M = TypeVar("M", bound=BaseModel)

PROBLEMS = frozenset({"problem", "error"})
"""Names of events that end a stream with a problem."""


def model(schema: type[M]) -> Callable[[bytes], M]:
    """Reads JSON as a schema."""
    return schema.model_validate_json


def nothing(content: bytes) -> None:
    """For answers without a body."""


def whole(content: bytes) -> bytes:
    """For answers that are bytes themselves."""
    return content


def segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def event_models(schemas: Mapping[str, type[BaseModel]]) -> Callable[[ServerEvent], Any]:
    """Reads events by their name; others mean nothing, and a problem is raised as its error."""

    def read(event: ServerEvent) -> BaseModel | None:
        if event.name in PROBLEMS:
            raise problem_error(event.value)
        schema = schemas.get(event.name)
        return schema.model_validate_json(event.data) if schema else None

    return read


def checked(schema: type[M], values: Mapping[str, object]) -> dict[str, object]:
    """The JSON of a request, its values checked before it is sent; defaults are left out.

    Raises:
        BadRequest: a value that the desk would refuse by its shape.
    """
    try:
        request = schema.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"{place}: {first['msg']}") from error
    return request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
