"""`audit queue`, `audit review`, and what becomes of reviews."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, OneLibrary, actor, settings_of

if TYPE_CHECKING:
    from rag.model import Actor

DOOR = "cli"


class Judged(StrEnum):
    """As `rag.auditing.reviewing.Verdict`, which `--help` need not load."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


Reviewer = Annotated[
    str, typer.Option("--as", help="Who reviews: two people at one desk are told apart by it.", show_default="local")
]


def queue(
    context: typer.Context,
    *,
    library: OneLibrary = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200)] = 20,
    reviewer: Reviewer = "",
    as_json: AsJson = False,
) -> None:
    """What waits for a review, the riskiest first."""
    from rag.auditing.reviewing import queue as run
    from rag.terminal.reviewing import print_queue
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_queue(run(services, _reviewer(reviewer), limit=limit, library=library, door=DOOR), as_json)


def review(
    context: typer.Context,
    *,
    seq: Annotated[int, typer.Argument(metavar="EVENT", min=0)],
    verdict: Annotated[Judged, typer.Argument(help="Of the answer, or of what a search found.")],
    grade: Annotated[
        list[str] | None,
        typer.Option("--grade", "-g", help="Evidence NUMBER=GRADE[:comment]; 0 does not answer, 1 in part, 2 does."),
    ] = None,
    comment: Annotated[str, typer.Option("--comment", "-m")] = "",
    flag: Annotated[bool, typer.Option("--flag", help="Others should see it, whatever the verdict.")] = False,
    reviewer: Reviewer = "",
    as_json: AsJson = False,
) -> None:
    """Record a review. A second person is asked for; who reviewed already changes their own mind with it."""
    from rag.auditing.reviewing import Said, Verdict
    from rag.auditing.reviewing import review as run
    from rag.terminal.reviewing import grades_of, print_review
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        who = _reviewer(reviewer)
        grades, remarks = grades_of(services, who, seq, grade or [])
        said = Said(Verdict(verdict.value), grades, remarks, comment, flag)
        print_review(*run(services, who, seq, said, door=DOOR), as_json)


def agreement(context: typer.Context, library: OneLibrary = "", as_json: AsJson = False) -> None:
    """How far people agree: Cohen's kappa of each two, Krippendorff's alpha of all."""
    from rag.auditing.labels import agreement as run
    from rag.terminal.reviewing import print_agreement
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_agreement(run(services, actor(), library=library, door=DOOR), as_json)


def labels(
    context: typer.Context,
    *,
    qrels: Annotated[Path, typer.Argument(metavar="QRELS", help="Written in TREC's format.")],
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="Written: number, tab, words.")],
    library: OneLibrary = "",
    settled: Annotated[bool, typer.Option("--settled", help="Only what two people agree on.")] = False,
) -> None:
    """Write people's labels as judgements: picturedesk eval --judgements QRELS --questions QUESTIONS."""
    from rag.auditing.labels import judgements
    from rag.auditing.labels import qrels as written
    from rag.auditing.labels import questions as asked
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        found = judgements(services, actor(), library=library, settled=settled, door=DOOR)
    _write({qrels: written(found), questions: asked(found)})
    topics = len({one.topic for one in found})
    typer.echo(f"{len(found)} judgements of {topics} questions are in {qrels}; their words in {questions}.")


def threshold(
    context: typer.Context,
    library: OneLibrary = "",
    most_lost: Annotated[float, typer.Option(min=0, max=1, help="Share of answerable questions to lose.")] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Suggest PICTUREDESK_MIN_RELEVANCE from people's labels."""
    from rag.auditing.labels import threshold as run
    from rag.terminal.reviewing import print_threshold
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_threshold(run(services, actor(), library=library, most_lost=most_lost, door=DOOR), as_json)


def _reviewer(name: str) -> Actor:
    """Whoever can read the data folder may audit; a name tells people at one desk apart."""
    from dataclasses import replace

    return replace(actor(), id=name) if name else actor()


def _write(files: dict[Path, str]) -> None:
    from rag.errors import BadSource

    for path, text in files.items():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BadSource(f"{path} cannot be written: {error.strerror}") from error
