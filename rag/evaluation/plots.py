"""Plots as inline SVG: bars with intervals, a reliability diagram, a coverage-risk curve. Colours come from the page.

Every plot is drawn in its own units and scales to its column; text in it says what is
plotted, so that a reader who cannot see it misses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.evaluation.report import Figure, Risk
from rag.retrieval.calibration_error import Bin

SIDE = 320
PAD = 52


def bar(figure: Figure, top: float) -> str:
    """A bar from 0 to the figure's value, its interval, and a mark at its target, on a scale from 0 to `top`.

    It stretches to the width of its place; its lines keep their thickness.
    """

    def x(value: float) -> float:
        return round(100 * min(1.0, max(0.0, value) / top), 2)

    low, high = x(figure.low), x(figure.high)
    state = "bar missed" if figure.reached is False else "bar"
    target = ""
    if figure.target is not None:
        target = f'<path class="target" d="M{x(figure.target)} 0V16"/>'
    said = escape(f"{figure.name}: {figure.value:.3f}, 95 % interval {figure.low:.3f} to {figure.high:.3f}")
    return (
        f'<svg class="scale" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f'<rect class="well" width="100" height="16"/>'
        f'<rect class="{state}" y="3" width="{x(figure.value)}" height="10"/>'
        f'<path class="interval" d="M{low} 5V11M{low} 8H{high}M{high} 5V11"/>{target}</svg>'
    )


def reliability_diagram(bins: Sequence[Bin]) -> str:
    """What relevance promised against what was true, one dot a bin; on the diagonal both agree."""
    dots = "".join(
        f'<path class="gap" d="M{_x(b.confidence)} {_y(b.confidence)}V{_y(b.accuracy)}"/>'
        f'<circle class="dot" cx="{_x(b.confidence)}" cy="{_y(b.accuracy)}" r="5">'
        f"<title>promised {b.confidence:.2f}, true {b.accuracy:.2f}, {b.count} hits</title></circle>"
        for b in bins
    )
    diagonal = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    frame = _axes("relevance promised", "share that was right")
    return _svg(f"Reliability diagram of {len(bins)} bins", frame + diagonal + dots)


def coverage_risk_curve(risks: Sequence[Risk]) -> str:
    """Of the questions answered, the share answered wrongly, as the threshold falls and more of them are answered."""
    points = " ".join(f"{_x(one.coverage)},{_y(one.risk)}" for one in risks)
    frame = _axes("share of questions answered", "share of those wrong")
    dots = "".join(
        f'<circle class="point" cx="{_x(one.coverage)}" cy="{_y(one.risk)}" r="3">'
        f"<title>at {one.threshold:.2f}: {one.coverage:.0%} answered, {one.risk:.0%} of them wrong</title></circle>"
        for one in risks
    )
    return _svg("Coverage-risk curve", frame + f'<polyline class="curve" points="{points}"/>' + dots)


def _x(value: float) -> float:
    return round(PAD + (SIDE - PAD - 12) * value, 1)


def _y(value: float) -> float:
    return round(SIDE - PAD - (SIDE - PAD - 12) * value, 1)


def _axes(across: str, up: str) -> str:
    ticks = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(v)}" y2="{_y(v)}"/>'
        f'<line class="grid" x1="{_x(v)}" x2="{_x(v)}" y1="{_y(0)}" y2="{_y(1)}"/>'
        f'<text class="tick" x="{_x(v)}" y="{_y(0) + 15}" text-anchor="middle">{v:g}</text>'
        f'<text class="tick" x="{_x(0) - 6}" y="{_y(v) + 4}" text-anchor="end">{v:g}</text>'
        for v in (0, 0.25, 0.5, 0.75, 1)
    )
    middle = _x(0.5)
    return (
        f'{ticks}<text class="axis" x="{middle}" y="{SIDE - 8}" text-anchor="middle">{across}</text>'
        f'<text class="axis" transform="translate(11 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text>'
    )


def _svg(caption: str, inside: str) -> str:
    return f'<svg class="plot" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{escape(caption)}">{inside}</svg>'
