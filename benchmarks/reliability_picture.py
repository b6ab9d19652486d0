"""Two reliability diagrams in one picture, as SVG: what was said against what was right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rag.retrieval.calibration_error import Bin

SIDE, LEFT, TOP = 320, 60, 24
COLOURS = ("#8a8f98", "#1668c7")


def reliability_svg(curves: Mapping[str, Sequence[Bin]]) -> str:
    """One line a curve: share that was right over mean relevance, a dot for each bin; the diagonal is perfect."""
    width, height = LEFT + SIDE + 190, TOP + SIDE + 56
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="13" fill="#333">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *_axes(),
    ]
    for number, (name, bins) in enumerate(curves.items()):
        parts += _curve(name, bins, COLOURS[number % len(COLOURS)], number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes() -> Iterator[str]:
    yield f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#bbb" stroke-dasharray="4 4"/>'
    yield f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" stroke="#333" fill="none"/>'
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield f'<text x="{_x(tick)}" y="{_y(0) + 18}" text-anchor="middle">{tick:g}</text>'
        yield f'<text x="{LEFT - 8}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>'
    yield f'<text x="{_x(0.5)}" y="{_y(0) + 42}" text-anchor="middle">relevance that was said</text>'
    middle = _y(0.5)
    yield f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">share that was right</text>'


def _curve(name: str, bins: Sequence[Bin], colour: str, number: int) -> Iterator[str]:
    points = [(_x(one.confidence), _y(one.accuracy)) for one in bins]
    path = "L".join(f"{x} {y}" for x, y in points)
    yield f'<path d="M{path}" stroke="{colour}" fill="none" stroke-width="2"/>'
    yield from (f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in points)
    at = TOP + 20 + 22 * number
    yield f'<circle cx="{LEFT + SIDE + 24}" cy="{at - 4}" r="5" fill="{colour}"/>'
    yield f'<text x="{LEFT + SIDE + 36}" y="{at}">{name}</text>'


def _x(value: float) -> float:
    return round(LEFT + SIDE * value, 1)


def _y(value: float) -> float:
    return round(TOP + SIDE * (1 - value), 1)
