"""Searching and asking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rag.api.filters import FilterBody
from rag.api.schemas.asking import AskRequest, AskResponse, PartBody, SearchRequest, SearchResponse
from rag.client.call import Call, File, Request
from rag.client.reading import checked, model

Where = FilterBody | Mapping[str, Any]
"""A filter: `{"field": "tags", "eq": "beach"}`, and `and`, `or`, `not` over such."""

Part = PartBody | Mapping[str, Any]
"""One thing that hits should be like or unlike: `{"text": …}`, `{"url": …}` or `{"visual": …}`, with a `weight`."""


def search(
    query: str = "",
    *,
    libraries: Sequence[str] = (),
    top_k: int | None = None,
    where: Where | None = None,
    like: Sequence[File] = (),
    not_like: Sequence[File] = (),
    wanted: Sequence[Part] = (),
    unwanted: Sequence[Part] = (),
    phrases: Sequence[str] = (),
    channels: Sequence[str] = (),
    diversity: float = 0.0,
    per_asset: int = 0,
    short_form: bool = True,
    page: str = "",
) -> Call[SearchResponse]:
    """Pictures by words, by pictures (`like`, `not_like`: files, of which nothing is kept), or both; best first.

    Args:
        libraries: none means all that one may read.
        page: `next_page` of an answer, alone or with the same query.

    Raises:
        BadRequest, BadQuery: it cannot be asked so.
        NotFound: a library that there is not, or not for this key.
    """
    said: dict[str, object] = {
        "query": query,
        "libraries": list(libraries),
        "top_k": top_k,
        "where": where,
        "wanted": list(wanted),
        "unwanted": list(unwanted),
        "phrases": list(phrases),
        "channels": list(channels),
        "diversity": diversity,
        "per_asset": per_asset,
        "short_form": short_form,
        "page": page,
    }
    body = checked(SearchRequest, said)
    if not like and not not_like:
        return Call(Request("POST", "/v1/search", body=body), model(SearchResponse))
    files = [*(("like", file) for file in like), *(("not_like", file) for file in not_like)]
    request = Request("POST", "/v1/search/by-image", form={"request": json.dumps(body)}, files=files)
    return Call(request, model(SearchResponse))


def ask(
    question: str,
    *,
    libraries: Sequence[str] = (),
    top_k: int | None = None,
    where: Where | None = None,
    wanted: Sequence[Part] = (),
    unwanted: Sequence[Part] = (),
) -> Call[AskResponse]:
    """An answer whose `[n]` are the numbers of its evidence, or that the library holds none.

    Raises:
        BadRequest, BadQuery, NotFound: as `search`.
        Unavailable, LedgerUnavailable: try again later.
    """
    said: dict[str, object] = {
        "question": question,
        "libraries": list(libraries),
        "top_k": top_k,
        "where": where,
        "wanted": list(wanted),
        "unwanted": list(unwanted),
    }
    return Call(Request("POST", "/v1/ask", body=checked(AskRequest, said)), model(AskResponse))
