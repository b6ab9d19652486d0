"""How events of each kind are found and summed up: their words, who or what decided, and one line for people.

Each function takes a body and gives fields of an `Entry`, with `words` to look in and `said`, the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rag.auditing.reading import count, listing, mapping, strings, word
from rag.model import Json

WORDS = ("text", "question", "comment", "reason", "tag", "name", "difference", "caption", "why", "conversation")
"""Fields of a body whose words are looked in, whatever its kind."""

TOLD = ("action", "phase", "step", "decision", "of")
"""Fields that say what was done; the first that does counts."""


def fields_of(kind: str, body: Json) -> Json:
    """What an entry of this kind has besides what every event has."""
    return _BY_KIND.get(kind, _other)(body)


def inherited(retrieval: Json) -> Json:
    """What an answer has from its retrieval's body, so that it is found by it."""
    found = _retrieval(retrieval)
    return {
        name: found[name] for name in ("words", "prompt", "prompt_hash", "encoder", "relevance", "evidence", "dropped")
    }


def _retrieval(body: Json) -> Json:
    asked = mapping(body.get("query"))
    evidence, llm = listing(body.get("evidence")), mapping(body.get("llm"))
    question = word(mapping(body.get("rewriting")).get("question")) or word(asked.get("text"))
    parts = [word(part.get("text")) for part in (*listing(asked.get("wanted")), *listing(asked.get("unwanted")))]
    similar = [word(one.get("sentence")) for one in listing(mapping(body.get("similar")).get("described"))]
    return {
        "words": (question, word(asked.get("text")), *parts, *strings(asked.get("phrases")), *similar),
        "said": question or next((part for part in parts if part), "") or "by a picture",
        "model": word(llm.get("id")),
        **_named("prompt", body),
        "encoder": word(body.get("encoder")),
        "relevance": max((float(item.get("relevance") or 0.0) for item in evidence), default=None),
        "evidence": len(evidence),
        "dropped": len(listing(body.get("dropped"))),
    }


def _answer(body: Json) -> Json:
    verdicts = mapping(body.get("verdicts"))
    support = listing(verdicts.get("support"))
    return {
        "words": (word(body.get("text")),),
        "model": word(body.get("composer")),
        "removed": count(verdicts.get("citations_removed")),
        "unsupported": sum(not one.get("supported", True) for one in support),
        "withheld": count(verdicts.get("withheld")),
        "stopped": bool(verdicts.get("stopped")),
        "abstained": bool(body.get("abstained")),
    }


def _classification(body: Json) -> Json:
    asked = strings(body.get("labels"))
    found = [word(one.get("label")) for one in listing(body.get("results"))]
    counted = mapping(mapping(body.get("counts")).get("labels"))
    tags = word(body.get("tag"))
    return {
        "words": (*asked, *found, *counted, tags),
        "said": _line(body, ", ".join(asked) or tags or _counts(body)),
        "encoder": word(body.get("encoder")),
        **_named("templates", body),
    }


def _caption(body: Json) -> Json:
    drafts = listing(body.get("drafts"))
    facts = [word(value) for value in mapping(body.get("facts")).values()]
    said = _other(body)
    writer = next((word(one.get("composer")) for one in drafts), "")
    texts = [word(one.get("text")) for one in drafts]
    first = next((text for text in (word(body.get("text")), *texts) if text), "") or _counts(body)
    return said | {
        "words": (*said["words"], *texts, *facts),
        "said": _line(body, first or word(body.get("form")) or word(body.get("format"))),
        "model": writer or said["model"],
    }


def _checked(body: Json) -> Json:
    """What a policy found by itself. Its version stands where a prompt's does: it is what decided."""
    hits = [hit for one in listing(body.get("results")) for hit in listing(one.get("findings"))]
    return {
        "words": tuple(_finding(hits)),
        "said": _line(body, _counts(body)),
        "encoder": word(body.get("encoder")),
        **_named("policy", body),
    }


def _moderation(body: Json) -> Json:
    hits = [*listing(body.get("findings")), mapping(body.get("finding"))]
    found = [text for text in _finding(hits) if text]
    said = _other(body)
    decided = ", ".join(text for text in (word(body.get("decision")), *found[:1]) if text)
    return said | {
        "words": (*said["words"], *found, word(body.get("decision"))),
        "said": _line(body, decided or word(body.get("why")) or ", ".join(mapping(body.get("thresholds")))),
        **_named("policy", body),
    }


def _description(body: Json) -> Json:
    described = listing(body.get("described"))
    sentences = [word(one.get("sentence")) for one in described]
    return {
        "words": tuple(sentences),
        "said": sentences[0] if sentences else "",
        "model": next((word(one.get("writer")) for one in described), ""),
    }


def _ingest(body: Json) -> Json:
    refused = listing(body.get("refused"))
    source, reasons = word(body.get("source")), [word(one.get("reason")) for one in refused]
    return {
        "words": (source, word(body.get("job")), *reasons),
        "said": _line(body, source or _counts(body)),
    }


def _deletion(body: Json) -> Json:
    return {"said": f"deleted: {_plural(count(body.get('assets')), 'asset')}"}


def _evaluation(body: Json) -> Json:
    return {
        "words": (word(body.get("action")), *strings(body.get("suites"))),
        "said": _line(body, _counts(body)),
        "encoder": word(body.get("encoder")),
    }


def _access(body: Json) -> Json:
    people = [word(one.get("actor")) for one in listing(body.get("keys"))]
    return {"words": tuple(people), "said": f"configured: {', '.join(people) or 'no keys'}"}


def _library(body: Json) -> Json:
    settings = [f"{name} {value}" for name, value in mapping(body.get("settings")).items()]
    return {"words": tuple(settings), "said": _line(body, ", ".join(settings))}


def _kept(body: Json) -> Json:
    """Erasure, retention and legal holds; whom an erasure was about is in none of it."""
    days, months = body.get("days"), strings(body.get("months"))
    told = f"forgot {', '.join(months)}" if months else "" if "days" not in body else f"keep {days or 'for ever'}"
    told = f"{told} days" if isinstance(days, int) and not months else told
    said = _line(body, word(body.get("name")) or told or _subjects(body))
    return {"words": (word(body.get("name")), word(body.get("library"))), "said": said}


def _key(body: Json) -> Json:
    key = word(body.get("key"))
    return {"words": (key,), "said": f"signs from now on: {key}" if key else ""}


def _look(body: Json) -> Json:
    return {"said": f"looked at: {word(body.get('image'))}"}


def _audit(body: Json) -> Json:
    wanted = mapping(body.get("wanted"))
    asked = [*strings(wanted.get("words")), *(word(wanted.get(name)) for name in ("person", "visual", "case"))]
    asked = [text for text in (*asked, word(body.get("name"))) if text]
    event = body.get("event")
    return {"words": tuple(asked), "said": _line(body, " ".join(asked) or ("" if event is None else f"event {event}"))}


def _reading(body: Json) -> Json:
    read = [f"{name} {value}" for name, value in mapping(body.get("read")).items() if value not in (None, "")]
    return {"said": f"read: {', '.join(read) or 'events'}"}


def _case(body: Json) -> Json:
    name = word(body.get("name"))
    moved = [f"{_plural(count(body.get(which)), 'event')} {which}" for which in ("added", "removed") if body.get(which)]
    return {"words": (name, word(body.get("comment"))), "said": f"{name}: {', '.join(moved)}"}


def _review(body: Json) -> Json:
    """Without verdict and words: the next person to review must not come across them."""
    return {"said": f"of event {body.get('event')}"}


def _other(body: Json) -> Json:
    words = tuple(word(body.get(name)) for name in WORDS)
    return {
        "words": words,
        "said": _line(body, next((text for text in words if text), "")),
        "model": word(mapping(body.get("llm")).get("id")) or word(body.get("composer")),
        **_named("prompt", body),
        "encoder": word(body.get("encoder")),
    }


_BY_KIND: Mapping[str, Callable[[Json], Json]] = {
    "retrieval": _retrieval,
    "answer": _answer,
    "classification": _classification,
    "caption": _caption,
    "moderation-check": _checked,
    "moderation": _moderation,
    "description": _description,
    "look": _look,
    "ingest": _ingest,
    "deletion": _deletion,
    "library": _library,
    "access": _access,
    "eval": _evaluation,
    "erasure": _kept,
    "retention": _kept,
    "legal-hold": _kept,
    "ledger-key": _key,
    "audit": _audit,
    "ledger-access": _reading,
    "review": _review,
    "case": _case,
}


def _named(name: str, body: Json) -> dict[str, str]:
    """Id and hash of what was followed: a prompt, templates, a policy."""
    found = mapping(body.get(name))
    return {"prompt": word(found.get("id")), "prompt_hash": word(found.get("hash"))}


def _line(body: Json, what: str) -> str:
    told = next((text for name in TOLD if (text := word(body.get(name)))), "")
    return ": ".join(part for part in (told, what) if part)


def _counts(body: Json) -> str:
    counted = mapping(body.get("counts")).items()
    return ", ".join(f"{number:,} {name}" for name, number in counted if isinstance(number, int) and number)


def _finding(hits: list[Any]) -> Iterator[str]:
    for hit in hits:
        yield from (word(hit.get("category")), word(hit.get("reason")))


def _subjects(body: Json) -> str:
    return _plural(count(body.get("subjects")), "key") + " destroyed" if "subjects" in body else ""


def _plural(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
