"""Files in, and how their jobs go on."""

from __future__ import annotations

from collections.abc import Sequence

from rag.api.schemas.jobs import Job, JobItem, JobItems, Jobs, Progress, Upload, UrlsRequest
from rag.client.call import Call, File, Param, Request, Stream
from rag.client.reading import checked, event_models, model


def ingest(
    files: Sequence[File],
    *,
    library: str | None = None,
    caption: str = "",
    tags: Sequence[str] = (),
    source: str = "",
    licence: str = "",
) -> Call[Upload]:
    """Take in 1 to 100 files; caption, tags, source and licence are said of all of them.

    What is returned is safe, and being indexed: follow it with `job_events`, or `wait`.

    Raises:
        UnsupportedMedia: a single file that is refused; among several, its item says so.
        NotAllowed: the key may not add to the library.
    """
    said = {"library": library or "", "caption": caption, "source": source, "licence": licence}
    form: dict[str, str | list[str]] = {name: value for name, value in said.items() if value}
    if tags:
        form["tags"] = list(tags)
    request = Request("POST", "/v1/assets", form=form, files=[("files", file) for file in files])
    return Call(request, model(Upload))


def ingest_urls(
    urls: Sequence[str],
    *,
    library: str | None = None,
    caption: str = "",
    tags: Sequence[str] = (),
    source: str = "",
    licence: str = "",
) -> Call[Job]:
    """Let the desk fetch 1 to 100 files from addresses. Raises as `ingest`."""
    said = {"urls": list(urls), "library": library, "caption": caption, "tags": list(tags)}
    body = checked(UrlsRequest, {**said, "source": source, "licence": licence})
    return Call(Request("POST", "/v1/assets/urls", body=body), model(Job))


def jobs(*, library: str | None = None, limit: int = 20) -> Call[Jobs]:
    """The newest jobs."""
    return Call(Request("GET", "/v1/jobs", params={"library": library, "limit": limit}), model(Jobs))


def job(job_id: str) -> Call[Job]:
    """One job, and how far it is. Raises NotFound."""
    return Call(Request("GET", f"/v1/jobs/{job_id}"), model(Job))


def job_items(job_id: str, *, states: Sequence[str] = (), after: int = 0, limit: int = 1000) -> Call[JobItems]:
    """Files of a job with their states and reasons; `next` of the answer is `after` for the page that follows."""
    params: dict[str, Param | None] = {"state": list(states), "after": after, "limit": limit}
    return Call(Request("GET", f"/v1/jobs/{job_id}/items", params=params), model(JobItems))


def job_events(job_id: str) -> Stream[Progress | JobItem | Job, Job]:
    """How a job goes on: `Progress`, a `JobItem` for each file that failed, and the `Job` once it is done.

    A broken connection is taken up again; the present state comes first.
    """
    request = Request("GET", f"/v1/jobs/{job_id}/events", accept="text/event-stream")
    read = event_models({"progress": Progress, "file": JobItem, "done": Job})
    return Stream(request, read, last=Job, resumes=True)


def cancel_job(job_id: str) -> Call[Job]:
    """Stop a job; what is indexed stays."""
    return Call(Request("POST", f"/v1/jobs/{job_id}/cancel"), model(Job))


def retry_job(job_id: str) -> Call[Job]:
    """Index once more what was skipped or quarantined."""
    return Call(Request("POST", f"/v1/jobs/{job_id}/retry"), model(Job))
