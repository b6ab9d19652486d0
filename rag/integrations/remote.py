"""A desk over HTTP, as far as retrievers need one: search, and thumbnails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr

from rag.errors import (
    BadQuery,
    NotAllowed,
    NotFound,
    PictureDeskError,
    Rejected,
    Unauthenticated,
    Unavailable,
)
from rag.model import And, AnyOf, Between, Eq, Filter, Json, Missing, Not, Or, Query

SECONDS = 60.0

ERRORS: dict[int, type[PictureDeskError]] = {
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    422: BadQuery,
}


class RemoteDesk:
    """A desk at an address, asked with one key. Connections are opened for each call, so it may be copied and shared.

    Each method raises:
        Unavailable: no answer, or one that asks to come again.
        Unauthenticated, NotAllowed, NotFound, BadQuery, Rejected: what the desk said.
    """

    def __init__(self, base_url: str, key: SecretStr) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key

    def search(self, query: Query) -> dict[str, Any]:
        """What POST /v1/search answers; the text is taken as plain words."""
        body: Json = {
            "query": query.text,
            "libraries": list(query.libraries),
            "top_k": query.top_k,
            "diversity": query.diversity,
            "per_asset": query.per_asset,
            "short_form": False,
        }
        if query.where is not None:
            body["where"] = filter_body(query.where)
        answer: dict[str, Any] = self._answer("POST", "/v1/search", body).json()
        return answer

    def picture(self, path: str) -> bytes | None:
        """The bytes behind a path that an answer named; None where there are none."""
        try:
            return self._answer("GET", path).content
        except NotFound:
            return None

    def address(self, path: str) -> str:
        return f"{self.base_url}{path}"

    def _answer(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        secret = self._key.get_secret_value()
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        try:
            answer = httpx.request(method, self.address(path), json=body, headers=headers, timeout=SECONDS)
        except httpx.HTTPError as error:
            raise Unavailable(f"the desk at {self.base_url} did not answer: {error}") from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> PictureDeskError:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer.reason_phrase
    kind = ERRORS.get(answer.status_code, Unavailable if answer.status_code >= 500 else Rejected)
    return kind(f"the desk refused: {detail}")


def filter_body(where: Filter) -> Json:
    """A filter as the API takes it."""
    match where:
        case And(filters):
            return {"and": [filter_body(one) for one in filters]}
        case Or(filters):
            return {"or": [filter_body(one) for one in filters]}
        case Not(one):
            return {"not": filter_body(one)}
        case _:
            return {"field": where.field, **_condition(where)}


def _condition(leaf: Eq | AnyOf | Between | Missing) -> Json:
    match leaf:
        case Eq(_, value):
            return {"eq": value}
        case AnyOf(_, values):
            return {"any_of": list(values)}
        case Between(_, low, high):
            return {"between": [_bound(low), _bound(high)]}
        case Missing():
            return {"missing": True}


def _bound(end: float | datetime | None) -> float | str | None:
    return end.isoformat() if isinstance(end, datetime) else end
