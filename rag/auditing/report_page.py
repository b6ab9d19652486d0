"""The report as one HTML file that needs nothing else: no script, no request, readable on a phone, light or dark."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rag.auditing.reporting import AuditReport, Period
from rag.errors import NotFound
from rag.media.derived import thumbnail_name
from rag.model import Visual
from rag.ports import Services

WIDTH, HEIGHT, PAD = 640, 200, 34


def as_html(services: Services, report: AuditReport) -> str:
    """The page. File names and captions come out of libraries: everything is escaped."""
    environment = Environment(
        loader=PackageLoader("rag.auditing", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": share}
    page = environment.get_template("report.html.j2")
    return page.render(
        report=report,
        bar=bar,
        relevance=Markup(relevance_plot(report.days)),
        traffic=Markup(traffic_plot(report.days)),
        picture=lambda visual: _picture(services, visual),
        most=max([1, *(one.retrievals for one in report.libraries)]),
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def bar(value: float, top: float) -> Markup:
    """A bar that fills its place where `value` is `top`."""
    width = round(100 * value / top, 2) if top else 0
    return Markup(
        f'<svg class="scale" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="well" width="100" height="12"/><rect class="bar" width="{width}" height="12"/></svg>'
    )


def relevance_plot(days: Sequence[Period]) -> str:
    """The median of the best relevance by day, and from the 10th to the 90th percentile."""
    known = [(at, one) for at, one in enumerate(days) if one.relevance is not None]
    dots = "".join(
        f'<path class="range" d="M{_x(at, days)} {_y(one.low)}V{_y(one.high)}"/>'
        f'<circle class="dot" cx="{_x(at, days)}" cy="{_y(one.relevance)}" r="4">'
        f"<title>{escape(one.day)}: median {one.relevance:.2f}, {one.low:.2f} to {one.high:.2f}</title></circle>"
        for at, one in known
    )
    line = " ".join(f"{_x(at, days)},{_y(one.relevance)}" for at, one in known)
    ticks = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")]
    return _svg("Relevance of the best evidence by day", ticks, days, f'<polyline class="line" points="{line}"/>{dots}')


def traffic_plot(days: Sequence[Period]) -> str:
    """Retrievals by day, and of the answers those that abstained."""
    top = max([1, *(one.retrievals for one in days)])
    width = max(2.0, min(28.0, (WIDTH - 2 * PAD) / max(1, len(days)) * 0.7))
    bars = "".join(
        f'<rect class="bar" x="{_x(at, days) - width / 2:.1f}" y="{_y(one.retrievals / top)}" width="{width:.1f}" '
        f'height="{_y(0) - _y(one.retrievals / top):.1f}"><title>{escape(one.day)}: {one.retrievals} retrievals, '
        f"{one.abstained} of {one.answers} answers abstained</title></rect>"
        f'<rect class="abstained" x="{_x(at, days) - width / 2:.1f}" y="{_y(one.abstained / top)}" '
        f'width="{width:.1f}" height="{_y(0) - _y(one.abstained / top):.1f}"/>'
        for at, one in enumerate(days)
    )
    return _svg("Retrievals by day; abstentions in front", [(0.0, "0"), (1.0, str(top))], days, bars)


def _svg(caption: str, ticks: Sequence[tuple[float, str]], days: Sequence[Period], inside: str) -> str:
    lines = "".join(
        f'<line class="grid" x1="{PAD}" x2="{WIDTH - PAD}" y1="{_y(value)}" y2="{_y(value)}"/>'
        f'<text x="{PAD - 6}" y="{_y(value) + 4}" text-anchor="end">{label}</text>'
        for value, label in ticks
    )
    ends = [(PAD, "start", days[0].day), (WIDTH - PAD, "end", days[-1].day)] if days else []
    below = "".join(
        f'<text x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(day)}</text>' for x, anchor, day in ends
    )
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(caption)}">'
        f"{lines}{inside}{below}</svg>"
    )


def _x(at: int, days: Sequence[Period]) -> float:
    steps = max(1, len(days) - 1)
    return round(PAD + 18 + (WIDTH - 2 * PAD - 36) * (at / steps if len(days) > 1 else 0.5), 1)


def _y(value: float | None) -> float:
    return round(HEIGHT - PAD - (HEIGHT - 2 * PAD + 14) * (value or 0.0), 1)


def _picture(services: Services, visual: Visual) -> str:
    """Its thumbnail, base64; empty where none is kept."""
    try:
        return base64.b64encode(services.blobs.get_derived(visual.asset_id, thumbnail_name(visual.locator))).decode()
    except NotFound:
        return ""
