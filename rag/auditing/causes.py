"""Why a visual entered, left or moved between a retrieval as it was logged and the same query asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from rag.audit.deeds import DELETION
from rag.auditing.entries import listed
from rag.auditing.reading import is_erased
from rag.indexing.points import payload_for
from rag.model import LOCAL_OWNER, Actor, Asset, Event, Json, Moderation, Retrieval, Visual, VisualId
from rag.ports import Services
from rag.ports.auditing import Wanted
from rag.retrieval.explaining import conditions, shown_caption
from rag.retrieval.search import GONE


@dataclass(frozen=True, slots=True)
class Move:
    """One visual in both rankings.

    Attributes:
        change: `entered`, `left`, `moved` or `same`, among the hits.
        was, now: 1-based positions, also below the hits; None where it was no candidate.
        relevance_then, relevance_now: None where it was no candidate.
        name, caption: as the auditor may see them today; empty where that is nothing.
    """

    visual: str
    change: str
    was: int | None
    now: int | None
    why: str
    relevance_then: float | None
    relevance_now: float | None
    name: str = ""
    caption: str = ""
    asset_id: str = ""
    library: str = ""
    locator: str = ""


class Told:
    """What the event says, what was found now, and what the catalog knows today of the visuals of both.

    Args:
        actor: the auditor, who sees names and captions by their own rights; causes are told from everything.
    """

    def __init__(self, services: Services, actor: Actor, event: Event, found: Retrieval) -> None:
        self.event, self.found = event, found
        self._services, self._actor = services, actor
        self.then = {item["visual"]: item for item in (*listed(event, "evidence"), *listed(event, "dropped"))}
        self.dropped_now = {item.visual_id: item for item in found.dropped}
        self.evidence_now = {item.visual.id: item for item in found.evidence}

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """What is different about the whole of it."""
        body, found = self.event.body, self.found
        causes = []
        if body["encoder"] != found.encoder_id:
            causes.append(f"another encoder: {body['encoder']} then, {found.encoder_id} now: every vector is another")
        elif body["collection"] != found.collection:
            causes.append(f"re-embedded: the collection was {body['collection']}, and is {found.collection}")
        then, now = body["calibrations"], found.calibrations
        for library in sorted({*then, *now}):
            if then.get(library) != now.get(library):
                causes += [f"recalibrated: {library} was read by {then.get(library)}, and is by {now.get(library)}"]
        if body.get("reranker", "") != found.reranked_by:
            causes.append(f"reranked by {body.get('reranker') or 'nothing'} then, by {found.reranked_by or 'nothing'}")
        return tuple(causes)

    @cached_property
    def known(self) -> Mapping[VisualId, tuple[Visual, Asset]]:
        """Whoever may see it."""
        return self._services.catalog.visuals(LOCAL_OWNER, self._ids)

    @cached_property
    def shown(self) -> Mapping[VisualId, tuple[Visual, Asset]]:
        return self._services.catalog.visuals(self._actor, self._ids)

    @cached_property
    def _ids(self) -> list[VisualId]:
        return [VisualId(visual) for visual in {*self.then, *self.dropped_now, *self.evidence_now}]

    @cached_property
    def seen_by_asker(self) -> set[VisualId]:
        return set(self._services.catalog.seen(asker(self.event), self._ids))

    def why_gone(self, visual: VisualId) -> str:
        """Why something is no candidate for who asked; empty where it may be one."""
        known = self.known.get(visual)
        if known is None:
            return self._deleted(visual)
        if visual not in self.seen_by_asker:
            if known[1].moderation is Moderation.BLOCKED:
                return "moderation: it is blocked now"
            return "rights: who asked may no longer see it"
        return self._filtered(*known)

    def _filtered(self, visual: Visual, asset: Asset) -> str:
        failed = [one.words for one in conditions(self.found.query.where, payload_for(asset, visual)) if not one.held]
        return f"filtered: it does not meet {', '.join(failed)} now" if failed else ""

    def _deleted(self, visual: VisualId) -> str:
        asset = str(self.then.get(visual, {}).get("content") or "")
        wanted = Wanted(kinds=(DELETION,), visual=asset)
        found = self._services.audit_index.find(LOCAL_OWNER, wanted, limit=1) if asset else []
        return f"deleted: event {found[0].seq}" if found else "deleted, or no longer indexed"

    def caption_changed(self, visual: VisualId) -> bool:
        said, known = self.then.get(visual), self.known.get(visual)
        if said is None or "caption_hash" not in said or known is None:
            return False
        caption = shown_caption(known[1], known[0])
        return bool(said["caption_hash"] != (sha256(caption.text.encode()).hexdigest() if caption else None))


def asker(event: Event) -> Actor:
    """Who asked, with the rights that they had then."""
    said = {} if is_erased(event.body.get("actor")) else event.body.get("actor") or {}
    libraries = frozenset(event.body["query"]["libraries"])
    return Actor(event.actor, frozenset(said.get("roles", ())), frozenset(said.get("groups", ())), libraries)


def moves(told: Told, order_then: Sequence[str], top_k: int) -> Iterator[Move]:
    """Every visual that is among the first `top_k` of either: in the order of now, then those that left."""
    then = {visual: place for place, visual in enumerate(order_then, start=1)}
    now = {item.visual.id: item.number for item in told.found.evidence}
    below = {one.visual_id: one.position for one in told.found.dropped if one.position is not None}
    left = [visual for visual in order_then[:top_k] if visual not in now]
    for visual in (*now, *left):
        was, place = then.get(visual), now.get(VisualId(visual), below.get(VisualId(visual)))
        change = _change(visual, was, place, top_k)
        why = "" if change == "same" else _why(told, VisualId(visual), change, was, place)
        yield _move(told, VisualId(visual), change, was=was, now=place, why=why)


def _change(visual: str, was: int | None, now: int | None, top_k: int) -> str:
    if now is None or now > top_k:
        return "left"
    if was is None or was > top_k:
        return "entered"
    return "same" if was == now else "moved"


def _why(told: Told, visual: VisualId, change: str, was: int | None, now: int | None) -> str:
    parts = []
    if change == "left" and now is None:
        parts.append(told.why_gone(visual) or _reason_now(told, visual))
    if change == "entered" and was is None:
        parts.append(_why_new(told, visual))
    if told.caption_changed(visual):
        parts.append("its caption is another now")
    parts += [cause.partition(":")[0] for cause in told.causes]
    if change != "moved" and was is not None and now is not None:
        parts.append(f"it was at {was}, and is at {now}")
    return "; ".join(dict.fromkeys(part for part in parts if part)) or "others entered or left before it"


def _reason_now(told: Told, visual: VisualId) -> str:
    dropped = told.dropped_now.get(visual)
    return f"dropped now: {dropped.reason}" if dropped else "it is not among the closest candidates now"


def _why_new(told: Told, visual: VisualId) -> str:
    known, said = told.known.get(visual), told.then.get(visual)
    if known and known[1].accepted_at and known[1].accepted_at > told.event.at:
        return f"new: it came in on {known[1].accepted_at:%Y-%m-%d %H:%M} UTC"
    if said is not None:
        reason = str(said.get("reason", ""))
        return "rights or moderation: it was hidden from who asked" if reason == GONE else f"dropped then: {reason}"
    return "it was not among the candidates: filtered, hidden, not indexed yet, or too far"


def _move(told: Told, visual: VisualId, change: str, *, was: int | None, now: int | None, why: str) -> Move:
    said: Json = told.then.get(visual, {})
    here = told.evidence_now.get(visual) or told.dropped_now.get(visual)
    shown = told.shown.get(visual)
    caption = shown_caption(shown[1], shown[0]) if shown else None
    return Move(
        visual=visual,
        change=change,
        was=was,
        now=now,
        why=why,
        relevance_then=said.get("relevance"),
        relevance_now=round(here.relevance, 6) if here else None,
        name=shown[1].name if shown else "",
        caption=caption.text if caption else "",
        asset_id=shown[0].asset_id if shown else "",
        library=shown[0].library if shown else "",
        locator=shown[0].locator if shown else "",
    )
