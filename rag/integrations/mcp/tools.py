"""The tools. Each runs in a thread of its own, acts as whoever called, and gives structured content beside text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Annotated

import anyio.from_thread
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ContentBlock
from pydantic import Field

from rag.answering.prompting import as_data
from rag.ask import answering
from rag.describing.results import wish_of
from rag.integrations.mcp.content import evidence_text, fenced, image, result, text
from rag.integrations.mcp.looking import looked_at
from rag.integrations.mcp.shapes import Alike, Answered, Count, Found, Libraries, Library, LikePicture, Looked
from rag.media.derived import THUMBNAIL_TYPE
from rag.model import Actor, Answer, Evidence, Part, Piece, Query, Question, Restarted, Retrieval, Retrieved, VisualId
from rag.ports import Services
from rag.retrieval.checking import MOST_PARTS
from rag.retrieval.short_form import applied
from rag.search import search as search_flow
from rag.search import thumbnails
from rag.similar import similar as similar_flow

DOOR = "mcp"
"""How the ledger names this door."""

MOST_THUMBNAILS = 8
PIECES_A_NOTE = 5
"""Pieces of an answer between two notes of progress."""

ActorOf = Callable[[Context], Actor]
"""Who called."""

Words = Annotated[
    str,
    Field(
        description='Words; also filters: tag:beach -tag:archive after:2024-05 before:2025 width:>1000, "exact words", '
        "and -night for what is unwanted."
    ),
]
OneLibrary = Annotated[str, Field(description="Only this library; empty: all that may be read.")]
Many = Annotated[int, Field(ge=1, le=100, description="Pictures at most.")]
Thumbnails = Annotated[
    int, Field(ge=0, le=MOST_THUMBNAILS, description="Of so many of the first pictures, a thumbnail comes along.")
]
VisualName = Annotated[str, Field(description="`visual_id` of a picture that was found.")]


class Tools:
    """What the server offers. Methods raise errors of `rag.errors`; see `server` for how they are told."""

    def __init__(self, services: Services, actor_of: ActorOf) -> None:
        self._services = services
        self._actor_of = actor_of

    def search(
        self,
        *,
        ctx: Context,
        query: Words = "",
        library: OneLibrary = "",
        k: Many = 8,
        like: Annotated[
            list[str], Field(max_length=MOST_PARTS, description="visual_ids of pictures that hits should be like.")
        ] = [],  # noqa: B006
        diversity: Annotated[float, Field(ge=0, le=1, description="Towards 1: the most different.")] = 0.0,
        per_asset: Annotated[int, Field(ge=0, le=100, description="Most of one film or document; 0: no limit.")] = 0,
        page: Annotated[str, Field(description="`next_page` of an earlier answer, alone or with the same query.")] = "",
        thumbnails: Thumbnails = 3,
    ) -> Annotated[CallToolResult, Found]:
        asked = Query(
            query,
            libraries=_named(library),
            top_k=k,
            wanted=tuple(Part(visual=VisualId(one)) for one in like),
            diversity=diversity,
            per_asset=per_asset,
            page=page,
        )
        retrieval = search_flow(self._services, self._actor_of(ctx), applied(asked)[0], door=DOOR)
        shown = self._shown(retrieval.evidence, thumbnails)
        return result(Found.of(retrieval), [text(_summary(retrieval)), *shown])

    def look(
        self,
        *,
        ctx: Context,
        visual_id: VisualName,
        full: Annotated[bool, Field(description="The original file instead of the thumbnail, up to 2 MiB.")] = False,
    ) -> Annotated[CallToolResult, Looked]:
        seen = looked_at(self._services, self._actor_of(ctx), VisualId(visual_id), full=full, door=DOOR)
        lines = [f"caption ({one.origin}, {one.status}): {one.text}" for one in seen.looked.captions]
        blocks = [text(evidence_text([seen.evidence])), text(fenced(lines or ["(no caption)"]))]
        blocks += [text(notice) for notice in seen.looked.notices]
        pictures = [image(seen.content, seen.media_type)] if seen.content else []
        return result(seen.looked, [*blocks, *pictures])

    def ask(
        self,
        *,
        ctx: Context,
        question: Annotated[str, Field(description="In any language; the answer comes in the same one.")],
        library: OneLibrary = "",
        strict: Annotated[bool, Field(description="Leave out sentences that no evidence bears out.")] = False,
        thumbnails: Thumbnails = 0,
    ) -> Annotated[CallToolResult, Answered]:
        top_k = self._services.settings.top_k
        query = applied(Query(question, libraries=_named(library), top_k=top_k))[0]
        answer = self._answered(ctx, Question(query, strict=strict))
        evidence = answer.retrieval.evidence
        head = "\n".join(["The answer, which quotes the library:", fenced(answer.text.splitlines())])
        blocks: list[ContentBlock] = [text(head), *(text(f"note: {as_data(notice)}") for notice in answer.notices)]
        blocks += [text(evidence_text(evidence))] if evidence else []
        return result(Answered.of(answer), [*blocks, *self._shown(evidence, thumbnails)])

    def similar(
        self,
        *,
        ctx: Context,
        visual_id: VisualName,
        query: Annotated[str, Field(description="Filters as in search, and words that turn the search.")] = "",
        library: Annotated[str, Field(description="Empty: the library of the picture itself.")] = "",
        k: Annotated[int, Field(ge=1, le=50, description="Pictures at most.")] = 8,
        duplicates: Annotated[bool, Field(description="Copies of the picture too.")] = False,
        language: Annotated[str, Field(description="Of the descriptions: en or de.")] = "en",
        thumbnails: Thumbnails = 3,
    ) -> Annotated[CallToolResult, Alike]:
        wish = wish_of(
            query,
            visual=VisualId(visual_id),
            libraries=_named(library),
            top_k=k,
            duplicates=duplicates,
            language=language,
        )
        found = similar_flow(self._services, self._actor_of(ctx), wish, door=DOOR)
        alike = Alike(
            pictures=[LikePicture.of(one) for one in found.described],
            tags=Count.several(found.facets),
            copies_left_out=found.copies_left_out,
            searched=str(found.retrieval.coverage),
            notices=[*found.retrieval.notices, *found.notices],
            events=list(found.events),
        )
        lines = [
            f"{one.evidence.label} {as_data(one.sentence)} | visual_id: {one.evidence.visual.id}"
            for one in found.described
        ]
        shown = self._shown([one.evidence for one in found.described], thumbnails)
        return result(alike, [text(fenced(lines) if lines else "No other picture was found."), *shown])

    def libraries(self, ctx: Context) -> Annotated[CallToolResult, Libraries]:
        actor, catalog = self._actor_of(ctx), self._services.catalog
        coverage = {name: catalog.coverage(actor, [name]) for name in catalog.libraries(actor)}
        known = [Library(name=name, pictures=one.searched, pending=one.pending) for name, one in coverage.items()]
        lines = [f"{one.name}: {one.pictures:,} pictures" for one in known]
        return result(Libraries(libraries=known), [text("\n".join(lines) or "There is no library yet.")])

    def _answered(self, ctx: Context, question: Question) -> Answer:
        """The answer, with progress on the way; a client that cancels stops the LLM, and that is recorded."""
        pieces = 0
        steps = answering(self._services, self._actor_of(ctx), question, door=DOOR)
        with closing(steps):
            for step in steps:
                anyio.from_thread.check_cancelled()
                match step:
                    case Retrieved(retrieval):
                        _tell(ctx, pieces, f"{len(retrieval.evidence)} pictures found; answering")
                    case Piece():
                        pieces += 1
                        if pieces % PIECES_A_NOTE == 0:
                            _tell(ctx, pieces, "writing the answer")
                    case Restarted(reason):
                        _tell(ctx, pieces, f"begun anew: {as_data(reason, 200)}")
                    case Answer():
                        return step
        raise AssertionError("an answer ends with an Answer")

    def _shown(self, evidence: Sequence[Evidence], most: int) -> list[ContentBlock]:
        """Thumbnails of the first pictures, each behind its label."""
        found = thumbnails(self._services, evidence[:most])
        return [block for number, one in found.items() for block in (text(f"[{number}]"), image(one, THUMBNAIL_TYPE))]


def _tell(ctx: Context, progress: int, message: str) -> None:
    anyio.from_thread.run(ctx.report_progress, progress, None, message)


def _summary(retrieval: Retrieval) -> str:
    found = len(retrieval.evidence)
    head = f"{found} {'picture' if found == 1 else 'pictures'}; {retrieval.coverage}; ledger event {retrieval.event}."
    more = f" Further ones: page {retrieval.next_page}." if retrieval.next_page else ""
    return f"{head}{more}\n{evidence_text(retrieval.evidence)}" if found else head


def _named(library: str) -> tuple[str, ...]:
    return (library,) if library else ()
