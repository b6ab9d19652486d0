"""An event of the ledger as auditors find it: its words, visuals, model, verdicts; of whatever kind.

Bodies come from many versions, and from subjects that were erased: what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag.auditing.reading import listing, mapping, strings, word
from rag.auditing.wording import fields_of, inherited
from rag.model import Event, Json, visual_id
from rag.ports.auditing import Entry, Mention

LONGEST_TEXT = 8_000
LONGEST_SUMMARY = 300

BELONGS = ("retrieval", "begun", "event", "of", "asked", "drafted_in", "step")
"""Fields that name the event which this one goes on from; the first that does counts."""


def entry_of(event: Event, retrieval: Event | None = None) -> Entry:
    """
    Args:
        retrieval: for an answer, the event that it rests on.
    """
    body = event.body
    fields = fields_of(event.kind, body)
    if retrieval is not None and event.kind == "answer":
        given = inherited(retrieval.body)
        fields = given | fields | {"words": (*fields["words"], *given["words"])}
    words = _texts(fields.pop("words", ()))
    said = _texts([fields.pop("said", "")])
    return Entry(
        seq=event.seq,
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        library=event.library,
        door=word(body.get("door")),
        text="\n".join(words).casefold()[:LONGEST_TEXT],
        summary=" ".join("\n".join(said or words[:1]).split())[:LONGEST_SUMMARY],
        conversation=word(body.get("conversation")),
        belongs_to=_belongs_to(body),
        visuals=tuple(mentions(event)),
        **fields,
    )


def mentions(event: Event) -> Iterator[Mention]:
    """The visuals that an event has to do with. Candidates that were dropped are not among them: read the event.

    What names an asset alone stands for its first visual.
    """
    body, library = event.body, event.library
    for item in listing(body.get("evidence")):
        yield Mention(word(item.get("visual")), _asset_in(item), "evidence", item.get("relevance"))
    for item in listing(body.get("citations")):
        yield Mention(word(item.get("visual")), _asset_in(item), "cited")
    asked = mapping(body.get("query"))
    for part in (*listing(asked.get("wanted")), *listing(asked.get("unwanted"))):
        if part.get("visual") or part.get("image"):
            yield _mention(library, word(part.get("visual")), word(part.get("image")), "asked")
    for item in listing(body.get("examples")):
        yield Mention(word(item.get("visual")), _asset_in(item), "example")
    for item in listing(body.get("results")):
        yield from _classified(library, item)
    yield from _about(library, body)


def _classified(library: str, item: Json) -> Iterator[Mention]:
    """A result of a classification, or of a policy's check."""
    asset = _asset_in(item)
    where = word(item.get("library")) or library
    yield replace(_mention(where, word(item.get("visual")), asset, "classified"), relevance=item.get("confidence"))
    for hit in listing(item.get("findings")):
        if visual := word(hit.get("visual")):
            yield Mention(visual, asset, "classified", hit.get("score"))


def _about(library: str, body: Json) -> Iterator[Mention]:
    visual = word(body.get("visual")) or word(mapping(body.get("finding")).get("visual"))
    if visual or _asset_in(body):
        yield _mention(library, visual, _asset_in(body), "about")
    for name in (*strings(body.get("assets")), *strings(body.get("without_findings"))):
        within, _, asset = name.rpartition("/")
        yield _mention(within or library, "", asset, "about")


def _mention(library: str, visual: str, asset: str, role: str) -> Mention:
    return Mention(visual or (visual_id(library, asset) if asset else ""), asset, role)


def best_dropped(retrieval: Event) -> float:
    """The relevance of the best candidate that was left out; 0 where there is none."""
    return max((float(item.get("relevance") or 0.0) for item in listed(retrieval, "dropped")), default=0.0)


def listed(event: Event, name: str) -> list[Json]:
    """The entries of a list in an event's body, without those that were erased."""
    return listing(event.body.get(name))


def _belongs_to(body: Json) -> int | None:
    page = body.get("page")
    named = [page.get("of")] if isinstance(page, Mapping) else [body.get(name) for name in BELONGS]
    return next((one for one in named if isinstance(one, int) and not isinstance(one, bool) and one >= 0), None)


def _texts(found: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(text for one in found if (text := word(one).strip())))


def _asset_in(body: Json) -> str:
    return word(body.get("content")) or word(body.get("asset"))
