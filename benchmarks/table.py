"""The figures of `results.json` as a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEAD = """# What was measured

`make bench` measures everything (half an hour on two cores), `make bench ONLY=name` one module; both write
this page and `results.json`. A baseline is measured beside its figure in the same run, in rounds that take
turns, because machines are shared and noisy: ratios carry over to other machines, absolute figures do not.

| figure | value | baseline | ratio | target | |
|---|---:|---:|---:|---:|---|
"""


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Markdown, one line a figure; `missed` where a target is."""
    return HEAD + "".join(_line(row) for row in rows) + f"\nMeasured on: {_machines(rows)}.\n"


def _line(row: Mapping[str, Any]) -> str:
    sign = "≤" if row.get("better") == "lower" else "≥"
    of_ratio = " ×" if row.get("of_ratio") else ""
    target = "" if row["target"] is None else f"{sign} {row['target']:g}{of_ratio}"
    verdict = {True: "ok", False: "**missed**", None: ""}[row["ok"]]
    cells = (row["name"], f"{_number(row['value'])} {row['unit']}", _number(row["baseline"]), _number(row["ratio"]))
    return f"| {' | '.join(cells)} | {target} | {verdict} |\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _machines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(sorted({str(row["machine"]) for row in rows}))
