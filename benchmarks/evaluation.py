"""What the evaluation finds on the sample library and on every suite; writes docs/evaluation/report.html and .json."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import rag
from benchmarks.desk import LIBRARY, sample_desk
from benchmarks.figure import Figure
from rag.evaluation import report
from rag.evaluation.html import write_html
from rag.evaluation.library import LibraryRun, evaluate_library
from rag.evaluation.report import Report, Section, write_report
from rag.evaluation.suites import SUITES
from rag.evaluation.suites.running import run_suite
from rag.wiring import throwaway

SIZE = 240
"""Pictures of a suite."""

FOLDER = Path(__file__).parents[1] / "docs/evaluation"


def figures() -> list[Figure]:
    """A quarter of an hour on two cores."""
    made = measured()
    write_report(made, FOLDER / "report.json")
    write_html(made, FOLDER / "report.html")
    return [figure for section in made.sections for figure in _figures(section)]


def measured() -> Report:
    started = time.monotonic()
    with sample_desk() as services, throwaway(services.settings) as scratch:
        sections = [evaluate_library(LibraryRun(services, LIBRARY, scratch.collections))]
        for suite in SUITES.values():
            print(f"  {suite.name} …", file=sys.stderr, flush=True)
            sections.append(run_suite(scratch, suite, size=SIZE))
        encoder = services.encoder.id
    return Report(
        encoder=encoder,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        sections=tuple(sections),
        seconds=round(time.monotonic() - started, 1),
        product=rag.__version__,
        options={"size": str(SIZE), "seed": "1"},
    )


def _figures(section: Section) -> list[Figure]:
    """Recall of the fused list and what fusion adds, and whatever else is promised."""
    return [
        Figure(f"evaluation, {section.name}: {one.name}", one.value, "share", one.target, better=one.better)
        for one in section.figures
        if one.name == "fused recall@5" or one.target is not None or _is_robustness(one)
    ]


def _is_robustness(figure: report.Figure) -> bool:
    return "lost" in figure.name or figure.name.startswith(("MaxSkew", "NDKL"))
