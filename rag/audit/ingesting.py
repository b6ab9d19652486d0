"""What the ledger has of files handed in: who began a job, what became of it, who stopped it or tried it again.

Files stand in these events by hash alone; names and reasons one by one are the catalog's (`picturedesk jobs show`).
"""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress

from rag.audit.actors import who
from rag.errors import NotFound, Retryable
from rag.model import LOCAL_OWNER, Actor, EndedJob, Json
from rag.ports import Draft, Services

log = logging.getLogger(__name__)

KIND = "ingest"


def open_job(services: Services, actor: Actor, library: str, job_id: str = "", *, source: str, door: str) -> str:
    """Record that files are handed in, then open their job; nothing is done where it is open already.

    Args:
        job_id: a UUID of the caller's making; empty: one is made.
        source: what kind of source the files come from: `folder`, `upload`, …

    Returns:
        The job's id.

    Raises:
        LedgerUnavailable: nothing is recorded, and no job is open.
    """
    if job_id:
        with suppress(NotFound):
            return services.catalog.job(actor, job_id).id
    job_id = job_id or str(uuid.uuid4())
    body: Json = {**who(actor, door), "phase": "begun", "job": job_id, "source": source}
    event = services.ledger.append(Draft(KIND, actor.id, library, body))
    services.catalog.start_job(job_id, library, actor, event=event.seq)
    return job_id


def step_draft(actor: Actor, door: str, library: str, phase: str, **said: object) -> Draft:
    """Before a job is cancelled, or a job or single assets are tried again."""
    return Draft(KIND, actor.id, library, {**who(actor, door), "phase": phase, **said})


def tell_ended(services: Services, *, everywhere: bool = False) -> None:
    """Record the end of jobs that have come to it, once for each, whoever looks and however often.

    Never raises for what is to be tried again: a job that could not be told is told by whoever looks next.

    Args:
        everywhere: also where other files of the same library are still waited for, which takes longer to see.
    """
    try:
        for ended in services.catalog.take_ended_jobs(everywhere=everywhere):
            seq = _told_before(services, ended) if ended.taken_before else None
            if seq is None:
                seq = services.ledger.append(done_draft(services, ended)).seq
            services.catalog.tell_job(ended.job.id, begun=ended.begun, done=seq)
    except Retryable as error:
        log.warning("what became of some jobs is recorded later: %s", error)


def done_draft(services: Services, ended: EndedJob) -> Draft:
    """In the name of whoever began it, through the same door."""
    job, begun = ended.job, _body(services, ended.begun)
    body: Json = {
        "door": begun.get("door", ""),
        "phase": "done",
        "job": job.id,
        "begun": ended.begun,
        "again": begun.get("phase") == "retried",
        "cancelled": job.cancelled,
        "counts": {
            "files": job.total,
            **{state.value: count for state, count in sorted(job.counts.items())},
            "known": job.known,
            "new": ended.new,
        },
        "refused": [{"reason": reason, "files": files} for reason, files in ended.refused],
        "assets": list(ended.assets),
    }
    return Draft(KIND, job.actor, job.library, body)


def _body(services: Services, seq: int) -> Json:
    """Nothing where the ledger is another one by now."""
    try:
        return services.ledger.event(LOCAL_OWNER, seq).body
    except NotFound:
        return {}


def _told_before(services: Services, ended: EndedJob) -> int | None:
    """Whoever took it before may have died between the ledger and the catalog."""
    before: int | None = None
    while events := services.ledger.events(LOCAL_OWNER, kind=KIND, library=ended.job.library, before=before):
        for event in events:
            if event.seq <= ended.begun:
                return None
            if event.body.get("begun") == ended.begun and event.body.get("phase") == "done":
                return event.seq
        before = events[-1].seq
    return None
