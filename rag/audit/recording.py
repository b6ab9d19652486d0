"""What each kind of event says: flows in, ledger drafts out. Images by hash, never as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from rag.audit.actors import who
from rag.model import (
    Actor,
    Answer,
    Channel,
    Dropped,
    Evidence,
    Filter,
    Json,
    Part,
    Prompt,
    Query,
    RankChange,
    Retrieval,
    Support,
)
from rag.ports import ChatModel, Draft


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A follow-up that was searched in other words than it was asked in.

    Attributes:
        question: as asked.
        by: the LLM's id, or `rule`.
        prompt: id and hash of the prompt that it was rewritten with; empty without an LLM.
    """

    question: str
    by: str
    prompt: tuple[str, str]


def retrieval_draft(
    actor: Actor,
    door: str,
    retrieval: Retrieval,
    *,
    prompt: Prompt | None = None,
    chat: ChatModel | None = None,
    rewriting: Rewriting | None = None,
) -> Draft:
    """A retrieval and, when an LLM is about to be asked, what it will be asked.

    Args:
        door: where the request came in: `cli`, `http`, `mcp`, …
    """
    body: Json = {
        **who(actor, door),
        "query": query_json(retrieval.query),
        "encoder": retrieval.encoder_id,
        "collection": retrieval.collection,
        "calibrations": dict(retrieval.calibrations),
        "coverage": asdict(retrieval.coverage),
        "evidence": [evidence_json(item) for item in retrieval.evidence],
        "dropped": [_dropped_json(item) for item in retrieval.dropped],
        "timings": _rounded(retrieval.timings),
    }
    if retrieval.page is not None:
        body["page"] = {"of": retrieval.page.event, "after": retrieval.page.after}
    if retrieval.reranked_by:
        body["reranker"] = retrieval.reranked_by
    if retrieval.notices:
        body["notices"] = list(retrieval.notices)
    if rewriting is not None:
        body["rewriting"] = asdict(rewriting) | {"prompt": list(rewriting.prompt)}
    if prompt is not None and chat is not None:
        body["prompt"] = _prompt_json(prompt)
        body["llm"] = {"id": chat.id, "parameters": chat.parameters}
    return Draft("retrieval", actor.id, library_of(retrieval), body)


def answer_draft(actor: Actor, door: str, answer: Answer) -> Draft:
    """What came out: the text as released, its citations, and how it was checked."""
    body: Json = {
        "door": door,
        "retrieval": answer.retrieval.event,
        "text": answer.text,
        "composer": answer.composer,
        "abstained": answer.abstained,
        "citations": [
            {"number": item.number, "visual": item.visual.id, "content": item.visual.asset_id}
            for item in answer.retrieval.evidence
            if item.number in answer.citations
        ],
        "verdicts": {
            "citations_removed": list(answer.removed),
            "cites_evidence": bool(answer.citations),
            "support": [_support_json(support) for support in answer.support],
            "withheld": answer.withheld,
            "stopped": answer.stopped,
        },
        "language": answer.language,
        "conversation": answer.conversation,
        "notices": list(answer.notices),
        "timings": _rounded(answer.timings),
    }
    quoted = tuple(item.visual.asset_id for item in answer.retrieval.evidence)
    return Draft("answer", actor.id, library_of(answer.retrieval), body, about=quoted)


def _support_json(support: Support) -> Json:
    figures = {name: round(getattr(support, name), 4) for name in ("overlap", "similarity", "score")}
    return {"sentence": support.sentence, "citations": list(support.citations), **figures} | {
        "supported": support.supported
    }


def library_of(retrieval: Retrieval) -> str:
    """The library an event belongs to; empty when the query went over several."""
    wanted = retrieval.query.libraries
    return wanted[0] if len(wanted) == 1 else ""


def query_json(query: Query) -> Json:
    """What was asked; pictures by the hash of their bytes."""
    return {
        "text": query.text,
        "libraries": list(query.libraries),
        "top_k": query.top_k,
        "where": filter_json(query.where),
        "wanted": [_part_json(part) for part in query.wanted],
        "unwanted": [_part_json(part) for part in query.unwanted],
        "phrases": list(query.phrases),
        "channels": [channel.value for channel in query.channels],
        "diversity": query.diversity,
        "per_asset": query.per_asset,
    }


def _part_json(part: Part) -> Json:
    kind, value = ("text", part.text) if part.text else ("image", part.image) if part.image else ("visual", part.visual)
    return {kind: value, "weight": part.weight}


def evidence_json(item: Evidence) -> Json:
    """One hit with all that explains it."""
    return {
        "number": item.number,
        "visual": item.visual.id,
        "library": item.visual.library,
        "content": item.visual.asset_id,
        "locator": item.visual.locator,
        "caption": item.caption.text if item.caption else None,
        "caption_hash": sha256(item.caption.text.encode()).hexdigest() if item.caption else None,
        "relevance": round(item.relevance, 6),
        "fused": round(item.fused, 6),
        "scores": _channels(item.scores),
        "ranks": _ranks(item.ranks),
        "reasons": {name: round(part, 4) for name, part in item.reasons.items()},
        "unlike": round(item.unlike, 6),
        "matched": item.matched.text if item.matched else None,
        "conditions": [asdict(condition) for condition in item.conditions],
        "reranked": _change_json(item.change),
    }


def _change_json(change: RankChange | None) -> Json | None:
    if change is None:
        return None
    return {"from": change.old_rank, "to": change.new_rank, "score": change.score, "reason": change.reason}


def filter_json(where: Filter | None) -> Any:
    """A filter as JSON: each node names its kind, so that it can be read back."""
    if where is None:
        return None
    return {"op": type(where).__name__, **{name: _value_json(value) for name, value in _fields(where).items()}}


def _fields(where: Filter) -> dict[str, Any]:
    return {name: getattr(where, name) for name in where.__dataclass_fields__}


def _value_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return filter_json(value) if is_dataclass(value) else value  # type: ignore[arg-type]


def _prompt_json(prompt: Prompt) -> Json:
    return {
        "id": prompt.id,
        "hash": prompt.hash,
        "messages": [
            {"role": message.role, "text": message.text, "images": list(message.images)} for message in prompt.messages
        ],
    }


def _dropped_json(item: Dropped) -> Json:
    said: Json = {
        "visual": item.visual_id,
        "reason": item.reason,
        "relevance": round(item.relevance, 6),
        "scores": _channels(item.scores),
    }
    if item.position is not None:
        said |= {
            "position": item.position,
            "fused": round(item.fused, 6),
            "ranks": _ranks(item.ranks),
            "unlike": round(item.unlike, 6),
        }
    return said


def _ranks(ranks: Mapping[Channel, int]) -> Json:
    return {channel.value: rank for channel, rank in ranks.items()}


def _channels(scores: Mapping[Channel, float]) -> Json:
    return {channel.value: round(score, 6) for channel, score in scores.items()}


def _rounded(timings: Mapping[str, float]) -> Json:
    return {name: round(value, 3) for name, value in timings.items()}
