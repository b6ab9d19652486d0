"""`classify`: a whole library, or files that are not kept, by labels that anybody can name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, actor, content_of, settings_of

if TYPE_CHECKING:
    from rag.classifying.results import Wanted
    from rag.wiring import WiredServices


def classify(
    *,
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]…", help="Pictures that are not kept; none: the library.")
    ] = None,
    labels: Annotated[str, typer.Option("--labels", help="Separated by commas: dog,cat,ice cream.")] = "",
    labels_file: Annotated[Path | None, typer.Option("--labels-file", help="One label a line.")] = None,
    template: Annotated[
        str, typer.Option(help="A file of prompts/labels.", show_default="the one that suits the encoder")
    ] = "",
    library: Library = "",
    tag: Annotated[bool, typer.Option("--tag", help="Make labels tags of the library's assets.")] = False,
    min_confidence: Annotated[float, typer.Option(help="Probability that a label needs to become a tag.")] = 0.8,
    untag: Annotated[str, typer.Option(metavar="NAME", help="Take this generated tag back from the library.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say which label each picture shows, or that none fits, with a calibrated confidence.

    With --tag, results become tags that are marked as generated; --untag takes them back.
    """
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        name = library or services.settings.library
        if untag:
            _untag(services, name, untag)
            return
        wanted = _wanted(labels, labels_file, template, tag=tag, min_confidence=min_confidence)
        if files:
            _files(services, files, wanted, as_json)
        else:
            _library(services, name, wanted, as_json)


def _wanted(labels: str, labels_file: Path | None, template: str, *, tag: bool, min_confidence: float) -> Wanted:
    from rag.classifying.labels import labels_in_file
    from rag.classifying.results import Wanted
    from rag.errors import BadSource

    named = [label for label in labels.split(",") if label.strip()]
    if labels_file is not None:
        try:
            named += labels_in_file(labels_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadSource(f"--labels-file {labels_file} cannot be read: give a text file in UTF-8") from error
    return Wanted(named, template, tag=tag, min_confidence=min_confidence)


def _files(services: WiredServices, files: list[Path], wanted: Wanted, as_json: bool) -> None:
    from rag.classify import classify_files
    from rag.terminal.classifying import print_classification

    contents = [(path.name, content_of(path, services.settings)) for path in files]
    print_classification(classify_files(services, actor(), contents, wanted, door="cli"), as_json)


def _library(services: WiredServices, library: str, wanted: Wanted, as_json: bool) -> None:
    from contextlib import closing

    from rag.classify import classify_library
    from rag.terminal.classifying import print_pages

    with closing(classify_library(services, actor(), library, wanted, door="cli")) as pages:
        print_pages(pages, as_json)


def _untag(services: WiredServices, library: str, name: str) -> None:
    from rag.classify import untag

    lost = untag(services, actor(), library, name, door="cli")
    typer.echo(f"{lost:,} {'asset' if lost == 1 else 'assets'} of {library} lost the generated tag {name!r}.")
