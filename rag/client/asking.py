"""Searching and asking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from rag.api.filters import FilterBody
from rag.api.schemas.asking import (
    AskRequest,
    AskResponse,
    Found,
    PartBody,
    Restart,
    SearchRequest,
    SearchResponse,
    Text,
)
from rag.api.schemas.conversations import Conversations, Transcript
from rag.client.call import Call, File, Request, Stream
from rag.client.reading import checked, event_models, model, nothing

Where = FilterBody | Mapping[str, Any]
"""A filter: `{"field": "tags", "eq": "beach"}`, and `and`, `or`, `not` over such."""

Part = PartBody | Mapping[str, Any]
"""One thing that hits should be like or unlike: `{"text": …}`, `{"url": …}` or `{"visual": …}`, with a `weight`."""

Turn = tuple[str, str]
"""A question, and what was answered."""


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


class AskOptions(TypedDict, total=False):
    """What may be said beside a question.

    Attributes:
        libraries: none means all that one may read.
        top_k: how many pictures to answer from at most.
        history: earlier questions with their answers, oldest first, where you keep the conversation.
        conversation: `new`, or the id of one that the desk keeps.
        strict: leave out what the evidence does not bear out; an LLM that fails is an error.
    """

    libraries: Sequence[str]
    top_k: int | None
    where: Where | None
    wanted: Sequence[Part]
    unwanted: Sequence[Part]
    history: Sequence[Turn]
    conversation: str
    strict: bool


def ask(question: str, **options: Unpack[AskOptions]) -> Call[AskResponse]:
    """An answer whose `[n]` are the numbers of its evidence, or that the library holds none.

    Raises:
        BadRequest, BadQuery, NotFound: as `search`.
        Unavailable, LedgerUnavailable: try again later.
        LlmUnavailable, LlmRefused: in strict mode.
    """
    return Call(Request("POST", "/v1/ask", body=_question(question, options)), model(AskResponse))


def ask_stream(
    question: str, **options: Unpack[AskOptions]
) -> Stream[Found | Text | Restart | AskResponse, AskResponse]:
    """The answer as it is written: `Found` evidence, `Text` after `Text`, and the whole `AskResponse` at the end.

    After a `Restart`, all text before it is void. Closing the generator stops the LLM, and the ledger says so.
    Raises as `ask`.
    """
    request = Request("POST", "/v1/ask", body=_question(question, options), accept="text/event-stream")
    read = event_models({"evidence": Found, "piece": Text, "restarted": Restart, "answer": AskResponse})
    return Stream(request, read, last=AskResponse)


def conversations(*, after: str = "", limit: int = 50) -> Call[Conversations]:
    """Conversations of yours that the desk keeps; `next_page` of the answer is `after` for the page that follows."""
    return Call(Request("GET", "/v1/conversations", params={"after": after, "limit": limit}), model(Conversations))


def conversation(conversation_id: str) -> Call[Transcript]:
    """One conversation with its turns. Raises NotFound."""
    return Call(Request("GET", f"/v1/conversations/{conversation_id}"), model(Transcript))


def delete_conversation(conversation_id: str) -> Call[None]:
    """Delete a conversation; what the ledger recorded of it stays. Raises NotFound."""
    return Call(Request("DELETE", f"/v1/conversations/{conversation_id}"), nothing)


def _question(question: str, options: AskOptions) -> dict[str, object]:
    history = [{"question": asked, "answer": answered} for asked, answered in options.get("history", ())]
    return checked(AskRequest, {**options, "question": question, "history": history})
