"""Evaluates a library of the installation: known pictures from their captions, or judged questions; and abstention."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.errors import NotFound
from rag.evaluation.asking import Asker, Progress, quietly
from rag.evaluation.cases import FUSED, Case, Result
from rag.evaluation.judgements import Grades, judged_cases
from rag.evaluation.known_items import ask_known_items, copied, known_items
from rag.evaluation.recording import measured_draft
from rag.evaluation.report import Example, Section
from rag.evaluation.scoring import (
    abstention_figures,
    answerable,
    by_group,
    calibration,
    retrieval_figures,
    risks,
    worst,
)
from rag.evaluation.suites.library import unanswerable_questions
from rag.media.derived import thumbnail_name
from rag.model import LOCAL_OWNER, Actor, Asset, Eq, Visual, VisualId
from rag.ports import Collections, Services
from rag.retrieval.rights import readable_libraries

EXAMPLES = 8
PICTURE = 112

KNOWN = (
    "Each question is a caption, taken off its picture while it is asked: image figures say how well pictures are "
    "found by sight, fused ones how well a picture that nobody captioned yet is found among captioned ones "
    "(by its other captions and tags too, where it has them)."
)
JUDGED = "The questions and judgements given, asked of the collection as it is."
AND_UNRELATED = " {n} unrelated questions should be refused."


@dataclass(frozen=True, slots=True)
class Judged:
    """Judgements to evaluate with, instead of captions."""

    grades: Grades
    questions: dict[str, str]


@dataclass(slots=True)
class LibraryRun:
    """What one evaluation of a library needs.

    Attributes:
        most: questions at most.
        unanswerable: questions that the library does not answer.
        suites: names of those that run along, for the ledger.
        trouble: what could not be used, in words; filled while it runs.
    """

    services: Services
    library: str
    scratch: Collections
    actor: Actor = LOCAL_OWNER
    most: int = 500
    seed: int = 1
    judged: Judged | None = None
    unanswerable: Sequence[str] = field(default_factory=unanswerable_questions)
    progress: Progress = quietly
    trouble: list[str] = field(default_factory=list)
    door: str = ""
    suites: Sequence[str] = ()


def evaluate_library(run: LibraryRun) -> Section:
    """One section of a report, recorded as one event whatever it asks.

    Raises:
        LedgerUnavailable: it could not be recorded; nothing is told.
        NotFound: no such library for this actor.
        BadQuery: no picture has a caption of its own to ask for it by.
        BadSource: no judged question can be asked.
        Unavailable: a part did not answer.
    """
    readable_libraries(run.actor, [run.library], run.services.catalog.libraries(run.actor))
    results = _judged(run) if run.judged else _known(run)
    visuals = run.services.store.count(Eq("library", run.library))
    errors, bins = calibration(results)
    told = (JUDGED if run.judged else KNOWN) + AND_UNRELATED.format(n=len(run.unanswerable))
    section = Section(
        name=f"library {run.library}",
        title=f"Library {run.library}",
        told=told,
        questions=len(results),
        visuals=visuals,
        figures=(
            *retrieval_figures(results),
            *by_group(answerable(results)),
            *errors,
            *abstention_figures(results, run.services.settings.min_relevance),
        ),
        bins=bins,
        risks=risks(results),
        examples=tuple(_example(run, result, rank) for result, rank in worst(results, EXAMPLES)),
    )
    run.services.ledger.append(
        measured_draft(
            run.actor,
            run.door,
            run.library,
            section,
            encoder=run.services.encoder.id,
            judged=run.judged is not None,
            suites=run.suites,
        )
    )
    return section


def _known(run: LibraryRun) -> list[Result]:
    store = copied(run.services, run.library, run.scratch, run.progress)
    everything = known_items(run.services, run.library, most=10**9, seed=run.seed, actor=run.actor)
    asker = Asker(run.services, store=store, actor=run.actor)
    found = ask_known_items(asker, store, everything[: run.most], len(everything), run.progress)
    return [*found, *asker.ask(_unrelated(run))]


def _judged(run: LibraryRun) -> list[Result]:
    assert run.judged
    cases, trouble = judged_cases(run.services, run.library, run.judged.grades, run.judged.questions, run.actor)
    run.trouble += trouble
    results: list[Result] = []
    for result in Asker(run.services, actor=run.actor).ask([*cases, *_unrelated(run)]):
        run.progress("ask", len(results), len(cases) + len(run.unanswerable))
        results.append(result)
    return results


def _unrelated(run: LibraryRun) -> list[Case]:
    return [Case(text, libraries=(run.library,)) for text in run.unanswerable]


def _example(run: LibraryRun, result: Result, rank: int | None) -> Example:
    hits = result.ranked[FUSED]
    wanted = next(iter(result.case.grades))
    known = run.services.catalog.visuals(run.actor, [wanted, *hits[:1]])
    return Example(
        question=result.case.text,
        wanted=_name(known, wanted),
        got=_name(known, hits[0]) if hits else "nothing",
        rank=rank,
        relevance=result.relevance[0] if hits else 0.0,
        wanted_picture=_picture(run.services, known, wanted),
        got_picture=_picture(run.services, known, hits[0]) if hits else "",
    )


def _name(known: dict[VisualId, tuple[Visual, Asset]], visual: VisualId) -> str:
    return known[visual][1].name if visual in known else "(gone)"


def _picture(services: Services, known: dict[VisualId, tuple[Visual, Asset]], visual: VisualId) -> str:
    from PIL import Image

    if visual not in known:
        return ""
    row, asset = known[visual]
    try:
        content = services.blobs.get_derived(asset.id, thumbnail_name(row.locator))
    except NotFound:
        return ""
    with Image.open(io.BytesIO(content)) as picture:
        small = picture.convert("RGB")
        small.thumbnail((PICTURE, PICTURE))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=78)
    return base64.b64encode(buffer.getvalue()).decode()
