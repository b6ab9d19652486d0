"""What the evaluation finds on the sample library and on every suite, with the demo encoder."""

from __future__ import annotations

import sys

from benchmarks.desk import LIBRARY, sample_desk
from benchmarks.figure import Figure
from rag.evaluation import report
from rag.evaluation.library import LibraryRun, evaluate_library
from rag.evaluation.report import Section
from rag.evaluation.suites import SUITES
from rag.evaluation.suites.running import run_suite
from rag.wiring import throwaway

SIZE = 240
"""Pictures of a suite: a quarter of an hour in all on two busy cores."""


def figures() -> list[Figure]:
    with sample_desk() as services, throwaway(services.settings) as scratch:
        sections = [evaluate_library(LibraryRun(services, LIBRARY, scratch.collections))]
        for suite in SUITES.values():
            print(f"  {suite.name} …", file=sys.stderr, flush=True)
            sections.append(run_suite(scratch, suite, size=SIZE))
    return [figure for section in sections for figure in _figures(section)]


def _figures(section: Section) -> list[Figure]:
    """Recall of the fused list and what fusion adds, and whatever else is promised."""
    return [
        Figure(f"evaluation, {section.name}: {one.name}", one.value, "share", one.target, better=one.better)
        for one in section.figures
        if one.name == "fused recall@5" or one.target is not None or _is_robustness(one)
    ]


def _is_robustness(figure: report.Figure) -> bool:
    return "lost" in figure.name or figure.name.startswith(("MaxSkew", "NDKL"))
