"""An event of the ledger as auditors find it: its words, visuals, model, verdicts; of whatever kind.

Bodies come from many versions, and from subjects that were erased: what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rag.model import Event, Json
from rag.ports.auditing import Entry, Mention

LONGEST_TEXT = 8_000
LONGEST_SUMMARY = 300

WORDS = ("text", "question", "comment", "reason", "tag", "name", "difference", "caption")
"""Fields of a body whose words are looked in, whatever its kind."""
BELONGS = ("retrieval", "begun", "event", "of", "asked", "drafted_in")
"""Fields that name the event which this one goes on from; the first that does counts."""


def entry_of(event: Event, retrieval: Event | None = None) -> Entry:
    """
    Args:
        retrieval: for an answer, the event that it rests on.
    """
    body = event.body
    fields = _BY_KIND.get(event.kind, _other)(body) | {"visuals": tuple(mentions(event))}
    if retrieval is not None and event.kind == "answer":
        inherited = _inherited(retrieval)
        fields = inherited | fields | {"words": (*fields["words"], *inherited["words"])}
    words = _texts(fields.pop("words", ()))
    said = _texts([fields.pop("said", "")])
    return Entry(
        seq=event.seq,
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        library=event.library,
        door=_text(body.get("door")),
        text="\n".join(words).casefold()[:LONGEST_TEXT],
        summary=" ".join("\n".join(said or words[:1]).split())[:LONGEST_SUMMARY],
        conversation=_text(body.get("conversation")),
        belongs_to=_belongs_to(body),
        **fields,
    )


def mentions(event: Event) -> Iterator[Mention]:
    """The visuals that an event has to do with. Candidates that were dropped are not among them: read the event."""
    body = event.body
    for item in _list(body.get("evidence")):
        yield Mention(_text(item.get("visual")), _text(item.get("content")), "evidence", item.get("relevance"))
    for item in _list(body.get("citations")):
        yield Mention(_text(item.get("visual")), _text(item.get("content")), "cited")
    asked = _object(body.get("query"))
    for part in (*_list(asked.get("wanted")), *_list(asked.get("unwanted"))):
        if part.get("visual") or part.get("image"):
            yield Mention(_text(part.get("visual")), _text(part.get("image")), "asked")
    for item in _list(body.get("results")):
        yield Mention(_text(item.get("visual")), _asset_in(item), "classified", item.get("confidence"))
    if body.get("visual") or _asset_in(body):
        yield Mention(_text(body.get("visual")), _asset_in(body), "about")
    for name in body.get("assets", ()) if isinstance(body.get("assets"), list) else ():
        yield Mention("", _asset_id(_text(name)), "about")


def best_dropped(retrieval: Event) -> float:
    """The relevance of the best candidate that was left out; 0 where there is none."""
    return max((float(item.get("relevance") or 0.0) for item in listed(retrieval, "dropped")), default=0.0)


def _retrieval(body: Json) -> Json:
    asked = _object(body.get("query"))
    evidence, prompt, llm = _list(body.get("evidence")), _object(body.get("prompt")), _object(body.get("llm"))
    question = _text(_object(body.get("rewriting")).get("question")) or _text(asked.get("text"))
    parts = [_text(part.get("text")) for part in (*_list(asked.get("wanted")), *_list(asked.get("unwanted")))]
    return {
        "words": (question, _text(asked.get("text")), *parts, *_strings(asked.get("phrases"))),
        "said": question or (parts[0] if parts else "") or "by a picture",
        "model": _text(llm.get("id")),
        "prompt": _text(prompt.get("id")),
        "prompt_hash": _text(prompt.get("hash")),
        "encoder": _text(body.get("encoder")),
        "relevance": max((float(item.get("relevance") or 0.0) for item in evidence), default=None),
        "evidence": len(evidence),
        "dropped": len(_list(body.get("dropped"))),
    }


def _answer(body: Json) -> Json:
    verdicts = _object(body.get("verdicts"))
    support = _list(verdicts.get("support"))
    return {
        "words": (_text(body.get("text")),),
        "model": _text(body.get("composer")),
        "removed": _count(verdicts.get("citations_removed")),
        "unsupported": sum(not one.get("supported", True) for one in support),
        "withheld": _count(verdicts.get("withheld")),
        "stopped": bool(verdicts.get("stopped")),
        "abstained": bool(body.get("abstained")),
    }


def _inherited(retrieval: Event) -> Json:
    """What an answer has from its retrieval, so that it is found by it."""
    found = _retrieval(retrieval.body)
    return {
        name: found[name] for name in ("words", "prompt", "prompt_hash", "encoder", "relevance", "evidence", "dropped")
    }


def _classification(body: Json) -> Json:
    templates = _object(body.get("templates"))
    return {
        "words": (*_strings(body.get("labels")), _text(body.get("tag"))),
        "said": f"{_text(body.get('phase'))}: {', '.join(_strings(body.get('labels'))) or _text(body.get('tag'))}",
        "encoder": _text(body.get("encoder")),
        "prompt": _text(templates.get("id")),
        "prompt_hash": _text(templates.get("hash")),
    }


def _other(body: Json) -> Json:
    prompt, llm = _object(body.get("prompt")), _object(body.get("llm"))
    drafts = [_text(one.get("text")) for one in _list(body.get("drafts"))]
    sentences = [_text(one.get("sentence")) for one in _list(body.get("described"))]
    words = (*(_text(body.get(name)) for name in WORDS), *drafts, *sentences)
    told = _text(body.get("action")) or _text(body.get("phase")) or _text(body.get("decision"))
    return {
        "words": words,
        "said": ": ".join(part for part in (told, next((word for word in words if word), "")) if part),
        "model": _text(llm.get("id")) or _text(body.get("composer")),
        "prompt": _text(prompt.get("id")),
        "prompt_hash": _text(prompt.get("hash")),
        "encoder": _text(body.get("encoder")),
    }


def _review(body: Json) -> Json:
    """Without verdict and words: the next person to review must not come across them."""
    return {"words": (), "said": f"of event {body.get('event')}"}


_BY_KIND: Mapping[str, Callable[[Json], Json]] = {
    "retrieval": _retrieval,
    "answer": _answer,
    "classification": _classification,
    "review": _review,
}


def _belongs_to(body: Json) -> int | None:
    page = body.get("page")
    named = [page.get("of")] if isinstance(page, Mapping) else [body.get(name) for name in BELONGS]
    return next((one for one in named if isinstance(one, int) and not isinstance(one, bool) and one >= 0), None)


def _texts(found: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(text for one in found if (text := _text(one).strip())))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def listed(event: Event, name: str) -> list[Json]:
    """The entries of a list in an event's body, without those that were erased."""
    return _list(event.body.get(name))


def is_erased(value: Any) -> bool:
    """Whether this stands in the place of what was erased."""
    return isinstance(value, dict) and "erased" in value


def _list(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict) and not is_erased(one)] if isinstance(value, list) else []


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value) if isinstance(value, int) else 0


def _asset_in(body: Json) -> str:
    return _asset_id(_text(body.get("content")) or _text(body.get("asset")))


def _asset_id(name: str) -> str:
    """Without the library that may stand before it."""
    return name.rpartition("/")[2]
