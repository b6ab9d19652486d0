"""`search` and `ask`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, actor, settings_of

if TYPE_CHECKING:
    from rag.model import Query
    from rag.settings import Settings

TopK = Annotated[int, typer.Option("--top-k", "-k", help="Pictures to return.", show_default="the configured one")]
Words = Annotated[list[str], typer.Argument(help="In plain words; quotes are not needed.")]


def search(
    context: typer.Context, words: Words, library: Library = "", top_k: TopK = 0, as_json: AsJson = False
) -> None:
    """Find pictures."""
    from rag.ask import search as run
    from rag.terminal.answers import print_retrieval
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        serving, query = services.serving(), _query(services.settings, words, library, top_k)
        print_retrieval(run(services, actor(), query, door="cli", serving=serving), serving.encoder, as_json)


def ask(context: typer.Context, words: Words, library: Library = "", top_k: TopK = 0, as_json: AsJson = False) -> None:
    """Answer a question from the pictures and their captions, with numbered evidence."""
    from rag.ask import ask as run
    from rag.terminal.answers import print_answer
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        serving, query = services.serving(), _query(services.settings, words, library, top_k)
        print_answer(run(services, actor(), query, door="cli", serving=serving), serving.encoder, as_json)


def _query(settings: Settings, words: list[str], library: str, top_k: int) -> Query:
    from rag.model import Query

    return Query(" ".join(words), libraries=(library,) if library else (), top_k=top_k or settings.top_k)
