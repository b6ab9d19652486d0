"""A report as one HTML file that needs nothing else: no script, no request, readable on a phone, light or dark."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rag.errors import BadSource
from rag.evaluation import plots
from rag.evaluation.report import Example, Figure, Report, Section


def write_html(report: Report, path: Path) -> None:
    """Raises BadSource when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_html(report), encoding="utf-8")
    except OSError as error:
        raise BadSource(f"{path} cannot be written: {error.strerror}") from error


def as_html(report: Report) -> str:
    """The page. Captions and questions come out of libraries: everything is escaped."""
    environment = Environment(
        loader=PackageLoader("rag.evaluation", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "target": target, "verdict": verdict, "rank": rank}
    page = environment.get_template("report.html.j2")
    with_targets = [(s, f) for s in report.sections for f in s.figures if f.target is not None]
    return page.render(report=report, promises=with_targets, main=main_bars, curves=curves)


def main_bars(section: Section) -> list[tuple[Figure, Markup]]:
    """The figures that are shown as bars, with their bars, all on one scale."""
    shown = [figure for figure in section.figures if figure.main]
    top = max([1.0, *(figure.high for figure in shown)])
    return [(figure, Markup(plots.bar(figure, top))) for figure in shown]


def curves(section: Section) -> list[tuple[str, Markup]]:
    """Its reliability diagram and its coverage-risk curve, with what to read from them."""
    found = []
    if section.bins:
        told = "Relevance against truth, in 15 bins of equally many hits. Below the line it promised too much."
        found.append((told, Markup(plots.reliability_diagram(section.bins))))
    if section.risks:
        told = "What abstaining buys: the fewer questions are answered, surest first, the fewer of them wrongly."
        found.append((told, Markup(plots.coverage_risk_curve(section.risks))))
    return found


def plain(value: float) -> str:
    return f"{value:.3f}"


def target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≥' if figure.better == 'higher' else '≤'} {figure.target:g}"


def verdict(figure: Figure) -> str:
    return {True: "met", False: "missed", None: ""}[figure.reached]


def rank(example: Example) -> str:
    return f"found at rank {example.rank}" if example.rank else "not among the hits"
