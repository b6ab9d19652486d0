"""Counts and times as people read them."""

from __future__ import annotations

from rag.model import AssetState, Job
from rag.progress import Progress

STATES = {
    AssetState.INDEXED: "indexed",
    AssetState.SKIPPED: "skipped",
    AssetState.QUARANTINED: "quarantined",
    AssetState.DELETED: "deleted",
    AssetState.ACCEPTED: "waiting",
}


def count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def counts_of(job: Job) -> str:
    """`3 indexed, 1 skipped (2 were known before)`"""
    parts = [f"{job.counts[state]:,} {word}" for state, word in STATES.items() if job.counts.get(state)]
    known = f" ({job.known:,} {'was' if job.known == 1 else 'were'} known before)" if job.known else ""
    return (", ".join(parts) or "nothing to do") + known


def counts_json(job: Job) -> dict[str, int]:
    return {state.value: job.counts.get(state, 0) for state in AssetState} | {"known": job.known}


def pace_of(progress: Progress) -> str:
    """`, 34 files/s, 4 min left`; nothing before the first file has reached its end."""
    if not progress.rate:
        return ""
    rate = f"{progress.rate:.1f} files/s" if progress.rate < 10 else f"{progress.rate:,.0f} files/s"
    left = "" if progress.seconds_left is None else f", {duration(progress.seconds_left)} left"
    return f", {rate}{left}"


def duration(seconds: float) -> str:
    """`12 s`, `4 min`, `2 h 10 min`"""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"
