"""Filters as JSON: `{"field": "tags", "eq": "beach"}`, and `and`, `or`, `not` over such."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from rag.api.schemas.text import Text
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or

MOST_VALUES = 1000

Number = Annotated[float, Field(strict=True)]
Moment = Annotated[datetime, AfterValidator(lambda at: at if at.tzinfo else at.replace(tzinfo=UTC))]
Bound = Number | Moment | None
FieldName = Annotated[Text, Field(description="A payload field.", examples=["tags"])]
Several = Annotated[list["FilterBody"], Field(min_length=1, max_length=50)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class EqBody(_Strict):
    """The field holds the value."""

    field: FieldName
    eq: Text | int | bool = Field(union_mode="smart", examples=["beach"])


class AnyOfBody(_Strict):
    """The field holds one of the values."""

    field: FieldName
    any_of: list[Text] = Field(max_length=MOST_VALUES, examples=[["beach", "street"]])


class BetweenBody(_Strict):
    """The field lies between low and high, both included; null leaves an end open. Times without a zone are UTC."""

    field: FieldName
    between: tuple[Bound, Bound] = Field(examples=[["2024-01-01T00:00:00Z", None]])


class MissingBody(_Strict):
    """The field is absent or empty."""

    field: FieldName
    missing: Annotated[bool, Field(description="False: it is there.", examples=[True])]


class AndBody(_Strict):
    """All of these."""

    all: Several = Field(alias="and")


class OrBody(_Strict):
    """Any of these."""

    any: Several = Field(alias="or")


class NotBody(_Strict):
    """Not this."""

    negated: FilterBody = Field(alias="not")


def _kind(body: Any) -> str | None:
    """Which model a JSON object is meant to be, so that errors speak of that one only."""
    if isinstance(body, dict):
        return next((kind for kind in KINDS if kind in body), None)
    return KINDS_OF_MODELS.get(type(body))


KINDS = ("and", "or", "not", "eq", "any_of", "between", "missing")

FilterBody = Annotated[
    Annotated[AndBody, Tag("and")]
    | Annotated[OrBody, Tag("or")]
    | Annotated[NotBody, Tag("not")]
    | Annotated[EqBody, Tag("eq")]
    | Annotated[AnyOfBody, Tag("any_of")]
    | Annotated[BetweenBody, Tag("between")]
    | Annotated[MissingBody, Tag("missing")],
    Discriminator(
        _kind,
        custom_error_type="filter",
        custom_error_message='a filter is {"field": …} with eq, any_of, between or missing, or one of and, or, not',
    ),
]

KINDS_OF_MODELS: dict[type[BaseModel], str] = {
    AndBody: "and",
    OrBody: "or",
    NotBody: "not",
    EqBody: "eq",
    AnyOfBody: "any_of",
    BetweenBody: "between",
    MissingBody: "missing",
}


def filter_of(body: FilterBody) -> Filter:
    """The filter that JSON means. Whether its fields and values make sense, the vector store says."""
    match body:
        case AndBody():
            return And(tuple(filter_of(part) for part in body.all))
        case OrBody():
            return Or(tuple(filter_of(part) for part in body.any))
        case NotBody():
            return Not(filter_of(body.negated))
        case _:
            return _condition(body)


def _condition(body: EqBody | AnyOfBody | BetweenBody | MissingBody) -> Filter:
    match body:
        case EqBody():
            return Eq(body.field, body.eq)
        case AnyOfBody():
            return AnyOf(body.field, tuple(body.any_of))
        case BetweenBody():
            return Between(body.field, *body.between)
        case MissingBody():
            return Missing(body.field) if body.missing else Not(Missing(body.field))
