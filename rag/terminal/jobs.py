"""Jobs: how one ended and what was not indexed, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from rag.model import Actor, AssetState, Job, JobItem
from rag.ports import Catalog
from rag.terminal.text import console, plain, print_json, table
from rag.terminal.words import counts_json, counts_of

MOST_FAULTS = 20
PAGE = 1000


def failures(catalog: Catalog, actor: Actor, job_id: str) -> Iterator[JobItem]:
    """Each file of a job that was not indexed, read a page at a time."""
    after = 0
    states = (AssetState.SKIPPED, AssetState.QUARANTINED)
    while page := catalog.job_items(actor, job_id, states=states, limit=PAGE, after=after):
        yield from page
        after = page[-1].number


def print_end(job: Job, faults: Iterable[JobItem], as_json: bool, *, event: str = "done") -> None:
    """How a job ended, and each file that was not indexed with its reason.

    Args:
        faults: read page by page, and no further than is shown.
    """
    if as_json:
        for item in faults:
            print_json({"event": "file", **_fault_json(item)})
        print_json({"event": event, **_job_json(job)})
        return
    console.print(f"{job.library}: {counts_of(job)}", highlight=False)
    for number, item in enumerate(faults):
        if number == MOST_FAULTS:
            console.print(f"  … and more; picturedesk jobs show {job.id} --json lists all", highlight=False)
            break
        console.print(
            Text.assemble("  ", (f"{item.state.value:<11} ", "yellow"), plain(item.name), ": ", plain(item.reason))
        )


def print_jobs(jobs: Sequence[Job], as_json: bool) -> None:
    if as_json:
        for job in jobs:
            print_json(_job_json(job))
        return
    shown = table("job", "begun", "library", "state", "files")
    shown.columns[0].no_wrap = True
    for job in jobs:
        at = job.created_at.strftime("%m-%d %H:%M")
        shown.add_row(job.id, at, plain(job.library), state_of(job), counts_of(job))
    console.print(shown if jobs else "There are no jobs yet: picturedesk ingest FOLDER")


def state_of(job: Job) -> str:
    """In one word."""
    if job.cancelled:
        return "cancelled"
    if job.done:
        return "done"
    return "indexing" if job.complete else "accepting"


def _job_json(job: Job) -> dict[str, object]:
    return {
        "job": job.id,
        "library": job.library,
        "actor": job.actor,
        "created_at": job.created_at.isoformat(),
        "state": state_of(job),
        "total": job.total,
        **counts_json(job),
    }


def _fault_json(item: JobItem) -> dict[str, object]:
    return {"name": item.name, "state": item.state.value, "reason": item.reason, "asset": item.asset_id}
