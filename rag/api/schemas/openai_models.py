"""Models and errors as OpenAI's protocol has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from rag.integrations.openai.naming import MODEL


class Model(BaseModel):
    """A model to ask: every library that one may read, or one of them."""

    id: str = Field(description="`picturedesk`, or `picturedesk/LIBRARY`.", examples=[MODEL])
    object: Literal["model"] = Field("model", examples=["model"])
    created: int = Field(0, description="Not known, so 0.", examples=[0])
    owned_by: str = Field(MODEL, examples=[MODEL])


class Models(BaseModel):
    """The models that one may ask."""

    object: Literal["list"] = Field("list", examples=["list"])
    data: list[Model]

    @classmethod
    def named(cls, names: Sequence[str]) -> Models:
        return cls(object="list", data=[Model(id=name) for name in names])


class OpenAIError(BaseModel):
    """What went wrong, as OpenAI words it."""

    message: str = Field(examples=["there is no model 'gpt-4o'; there are: picturedesk, picturedesk/default"])
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = Field(description="Which field, where one is at fault.", examples=["model"])
    code: str | None = Field(description="The type of the problem.", examples=["model_not_found"])


class OpenAIErrorBody(BaseModel):
    """An error."""

    error: OpenAIError


OPENAI_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": OpenAIErrorBody, "description": "An error in OpenAI's shape."}
}
"""For routers: every refusal is one of these."""
