"""Which picture of a film or document, as people read it and as a browser opens it."""

from __future__ import annotations

LOCATORS = ("t", "page")


def in_words(locator: str) -> str:
    """`page=3` is "page 3", `t=12.400` is "0:12", `t=3725.0` is "1:02:05"; a still picture's is empty."""
    kind, value = _parts(locator)
    if kind == "t":
        minutes, seconds = divmod(int(float(value)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"page {value}" if kind else ""


def fragment(locator: str) -> str:
    """What makes a browser open the original there: `#page=3` (RFC 8118), `#t=12.4` (W3C Media Fragments)."""
    kind, value = _parts(locator)
    if kind == "t":
        return f"#t={float(value):g}"
    return f"#page={value}" if kind else ""


def _parts(locator: str) -> tuple[str, str]:
    kind, _, value = locator.partition("=")
    return (kind, value) if kind in LOCATORS and value.replace(".", "", 1).isdecimal() else ("", "")


def position(locator: str) -> float:
    """Where it stands among those of its file: seconds, or the number of the page; 0 for a still picture."""
    kind, value = _parts(locator)
    return float(value) if kind else 0.0
