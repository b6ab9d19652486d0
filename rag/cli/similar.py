"""`similar`: more like this."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.asking import Diverse, PerAsset, is_file, read_picture
from rag.cli.options import AsJson, actor, settings_of


def similar(
    context: typer.Context,
    *,
    picture: Annotated[str, typer.Argument(metavar="VISUAL_OR_FILE", help="The visual id of a hit, or a file.")],
    words: Annotated[
        list[str] | None, typer.Argument(help="Filters (tag:beach after:2024), and words that turn the search.")
    ] = None,
    library: Annotated[
        list[str] | None,
        typer.Option("--library", "-l", help="Library to look in. Repeatable.", show_default="its own"),
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="Pictures to return.")] = 8,
    diverse: Diverse = 0.1,
    per_asset: PerAsset = 1,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="Copies of the picture too.")] = False,
    language: Annotated[str, typer.Option(help="Of the descriptions: en or de.")] = "en",
    attributes: Annotated[
        str, typer.Option(help="A file of prompts/attributes.", show_default="the one that suits the encoder")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Find pictures like one, each with what both share and where they differ."""
    from rag.describing.results import wish_of
    from rag.model import VisualId
    from rag.similar import similar as run
    from rag.terminal.similar import print_similar
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        file = is_file(picture)
        wish = wish_of(
            " ".join(words or []),
            visual=None if file else VisualId(picture),
            content=read_picture(picture, services.settings.max_bytes) if file else b"",
            libraries=tuple(library or ()),
            top_k=top_k,
            diversity=diverse,
            per_asset=per_asset,
            duplicates=duplicates,
            language=language,
            attributes=attributes,
        )
        serving = services.serving()
        print_similar(run(services, actor(), wish, door="cli", serving=serving), serving.encoder, as_json)
