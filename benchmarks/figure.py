"""One measured figure, its baseline and its target."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

from rag.encoding.cpu import cpu_flags

NUMBER_FORMATS = {"avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of `results.json`.

    Attributes:
        value: as measured, in `unit`.
        baseline: what was measured beside it in the same run, in the same unit.
        target: what an issue or a promise asks of `measured`, which is the ratio where there is a baseline.
        better: whether a higher or a lower figure is the better one.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["higher", "lower"] = "higher"
    baseline: float | None = None
    of_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """value / baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        measured = self.ratio if self.of_ratio else self.value
        if self.target is None or measured is None:
            return None
        return measured >= self.target if self.better == "higher" else measured <= self.target

    def as_row(self) -> dict[str, Any]:
        row = {key: _rounded(value) for key, value in asdict(self).items()}
        return row | {"ratio": _rounded(self.ratio), "ok": self.ok, "machine": machine()}


@cache
def machine() -> str:
    """The kind of machine, without its name: which number formats its CPU multiplies decides what encoding costs."""
    cores = f"{os.cpu_count()} cores, {platform.machine()}"
    return ", ".join([cores, *sorted(cpu_flags() & NUMBER_FORMATS), f"Python {platform.python_version()}"])


def median_seconds(run: Callable[[], object], times: int) -> float:
    """Median wall time of `run`."""
    return statistics.median(seconds(run) for _ in range(times))


def paired_seconds(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """Median wall times of two runs taken in turn, so that both see the same noise."""
    pairs = [(seconds(one), seconds(other)) for _ in range(times)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
