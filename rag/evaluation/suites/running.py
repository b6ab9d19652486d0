"""Runs a suite: hangs its pictures, asks its questions of the real Retriever, and scores what comes back."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

from rag.evaluation.asking import Asker, Progress, quietly
from rag.evaluation.cases import FUSED, Case, Result
from rag.evaluation.gallery import hang
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
from rag.evaluation.suites.material import Answered, Answers, Asked, Material, Shown, Suite
from rag.model import VisualId
from rag.ports import Services
from rag.retrieval.fitting.flow import keep_calibrated

EXAMPLES = 4
PICTURE = 112
"""Pixels of an edge of the pictures in a report."""


def run_suite(services: Services, suite: Suite, *, size: int, seed: int = 1, progress: Progress = quietly) -> Section:
    """Measure one suite in an installation made for it: its libraries stay in it.

    Args:
        size: pictures of one variant, roughly; every figure's interval shrinks with its square root.
        seed: of scenes and wordings; the same seed asks the same.
    """
    asker = Asker(services, depth=suite.depth)
    answers = {
        variant: _answered(services, asker, f"{suite.name}-{number}", material, progress)
        for number, (variant, material) in enumerate(suite.material(size, seed).items())
    }
    return _section(suite, answers, services.settings.min_relevance)


def _answered(services: Services, asker: Asker, library: str, material: Material, progress: Progress) -> Answered:
    hung = hang(services, library, material.shown, progress)
    keep_calibrated(services)  # as a worker does after an ingest
    cases = [_case(asked, hung.ids, library) for asked in material.asked]
    results: list[Result] = []
    for result in asker.ask(cases):
        progress(f"ask {library}", len(results), len(cases))
        results.append(result)
    progress(f"ask {library}", len(cases), len(cases))
    return Answered(material, hung.ids, tuple(results))


def _case(asked: Asked, ids: Sequence[VisualId], library: str) -> Case:
    return Case(asked.text, {ids[place]: 1.0 for place in asked.right}, asked.group, (library,))


def _section(suite: Suite, answers: Answers, threshold: float) -> Section:
    first = next(iter(answers.values()))
    every = [result for answered in answers.values() for result in answered.results]
    errors, bins = calibration(first.results, promised=suite.calibrated)
    figures = [
        *retrieval_figures(first.results, gain=suite.gain),
        *by_group(answerable(first.results)),
        *suite.figures(answers),
        *errors,
        *abstention_figures(first.results, threshold),
    ]
    return Section(
        name=suite.name,
        title=suite.title,
        told=suite.told,
        questions=len(every),
        visuals=sum(len(answered.ids) for answered in answers.values()),
        figures=tuple(figures),
        bins=bins,
        risks=risks(first.results),
        examples=tuple(_examples(answers)),
    )


def _examples(answers: Answers) -> list[Example]:
    """The worst of each variant."""
    most = max(1, EXAMPLES // len(answers))
    return [
        _example(result, rank, dict(zip(answered.ids, answered.material.shown, strict=True)))
        for answered in answers.values()
        for result, rank in worst(answered.results, most)
    ]


def _example(result: Result, rank: int | None, shown: Mapping[VisualId, Shown]) -> Example:
    wanted = shown[next(iter(result.case.grades))]
    hits = result.ranked[FUSED]
    got = shown[hits[0]] if hits else None
    return Example(
        question=result.case.text,
        wanted=_said(wanted),
        got=_said(got) if got else "nothing",
        rank=rank,
        relevance=result.relevance[0] if hits else 0.0,
        wanted_picture=_small(wanted),
        got_picture=_small(got) if got else "",
    )


def _said(shown: Shown) -> str:
    return shown.captions[0] if shown.captions else f"({shown.scene.key})"


def _small(shown: Shown) -> str:
    buffer = io.BytesIO()
    shown.picture().resize((PICTURE, PICTURE)).save(buffer, "JPEG", quality=78)
    return base64.b64encode(buffer.getvalue()).decode()
