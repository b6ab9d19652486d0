"""`search` and `ask`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, actor, settings_of

if TYPE_CHECKING:
    from rag.model import Query
    from rag.settings import Settings


class Place(StrEnum):
    """As `rag.model.Channel`, which `--help` need not load."""

    IMAGE = "image"
    CAPTION = "caption"
    BM25 = "bm25"


TopK = Annotated[int, typer.Option("--top-k", "-k", help="Pictures to return.", show_default="the configured one")]
Words = Annotated[list[str], typer.Argument(help="In plain words; quotes are not needed.")]
Wanted = Annotated[list[str] | None, typer.Argument(help="In plain words, with filters: red car tag:beach after:2024.")]
Like = Annotated[
    list[str] | None, typer.Option(help="Also like this picture: a file, an address or a visual id. Repeatable.")
]
NotLike = Annotated[list[str] | None, typer.Option(help="Not like this picture. Repeatable.")]
Unlike = Annotated[list[str] | None, typer.Option(help="Not showing this, in words. Repeatable.")]
Diverse = Annotated[float, typer.Option(help="0: the closest; towards 1: the most different.")]
PerAsset = Annotated[int, typer.Option(help="Most pictures of one film or document.", show_default="no limit")]
Places = Annotated[list[Place] | None, typer.Option("--channel", help="Look only here. Repeatable.")]
Page = Annotated[str, typer.Option(help="Go on where an earlier search ended; needs nothing else.")]
Strict = Annotated[bool, typer.Option("--strict", help="Leave out what the evidence does not bear out.")]
GoesOn = Annotated[bool, typer.Option("--continue", "-c", help="Go on with the newest conversation, or begin one.")]
InConversation = Annotated[str, typer.Option(help="Go on with this one, or `new`; see picturedesk conversations.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show why each was found.")]


def search(
    context: typer.Context,
    *,
    words: Wanted = None,
    library: Library = "",
    top_k: TopK = 0,
    like: Like = None,
    unlike: Unlike = None,
    not_like: NotLike = None,
    channel: Places = None,
    diverse: Diverse = 0.0,
    per_asset: PerAsset = 0,
    page: Page = "",
    explain: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Find pictures by words, by pictures, or by both.

    Words may hold filters (tag:beach after:2024-05 -tag:archive width:>1000) and "exact phrases".
    """
    from dataclasses import replace

    from rag.model import Channel
    from rag.search import search as run
    from rag.terminal.answers import print_retrieval
    from rag.wiring import opened

    settings = settings_of(context)
    query = replace(
        _query(settings, words or [], library, top_k),
        channels=tuple(Channel(one.value) for one in channel or []),
        diversity=diverse,
        per_asset=per_asset,
        page=page,
    )
    query = _with_parts(settings, query, like or [], unlike or [], not_like or [])
    with opened(settings) as services:
        serving = services.serving()
        retrieval = run(services, actor(), query, door="cli", serving=serving)
        print_retrieval(retrieval, serving.encoder, as_json, explain=explain)


def ask(
    context: typer.Context,
    *,
    words: Words,
    library: Library = "",
    top_k: TopK = 0,
    strict: Strict = False,
    goes_on: GoesOn = False,
    conversation: InConversation = "",
    as_json: AsJson = False,
) -> None:
    """Answer a question from the pictures and their captions, with numbered evidence.

    The answer is shown as it is written. Sentences that the evidence does not bear out are marked.
    """
    from rag.ask import answering
    from rag.model import NEW, Question
    from rag.terminal.answers import print_answer
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        if goes_on and not conversation:
            newest = services.conversations.every(actor(), limit=1)
            conversation = newest[0].id if newest else NEW
        query = _query(services.settings, words, library, top_k)
        question, serving = Question(query, strict=strict, conversation=conversation), services.serving()
        print_answer(answering(services, actor(), question, door="cli", serving=serving), serving.encoder, as_json)


def _query(settings: Settings, words: list[str], library: str, top_k: int) -> Query:
    """The words as one text in the short form."""
    from rag.model import Query
    from rag.retrieval.short_form import applied

    libraries = (library,) if library else ()
    return applied(Query(" ".join(words), libraries=libraries, top_k=top_k or settings.top_k))[0]


def _with_parts(settings: Settings, query: Query, like: list[str], unlike: list[str], not_like: list[str]) -> Query:
    """Files are read, addresses fetched; all else names a visual."""
    from rag.querying import Given, with_parts, with_pictures

    def files(named: list[str]) -> list[tuple[bytes, float]]:
        return [(read_picture(one, settings.max_bytes), 1.0) for one in named if is_file(one)]

    def others(named: list[str]) -> list[Given]:
        rest = [one for one in named if not is_file(one)]
        return [Given(url=one) if "://" in one else Given(visual=one) for one in rest]

    unwanted = [*(Given(text=one) for one in unlike), *others(not_like)]
    query = with_parts(query, others(like), unwanted, settings)
    return with_pictures(query, files(like), files(not_like))


def is_file(named: str) -> bool:
    """Whether something names a file, be it there or not: all but addresses and ids of visuals."""
    import uuid

    if "://" in named:
        return False
    try:
        uuid.UUID(named)
    except ValueError:
        return True
    return False


def read_picture(path: str, most: int) -> bytes:
    from pathlib import Path

    from rag.errors import BadQuery

    try:
        size = Path(path).stat().st_size
        if size > most:
            raise BadQuery(f"{path} has {size:,} bytes; PICTUREDESK_MAX_BYTES allows {most:,}")
        return Path(path).read_bytes()
    except OSError as error:
        raise BadQuery(
            f"{path} cannot be searched by: {error.strerror}; give a file, an address or a visual id"
        ) from error
