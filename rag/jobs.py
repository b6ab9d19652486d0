"""What people do about files that were handed in: stop a job, try again what failed. Each is recorded first."""

from __future__ import annotations

from collections.abc import Sequence

from rag.audit.ingesting import step_draft, tell_ended
from rag.ingest import require_editor
from rag.model import Actor, AssetRef
from rag.ports import Services


def cancel(services: Services, actor: Actor, job_id: str, *, door: str) -> int:
    """Take no more files of a job in, and skip what is not indexed yet; what is indexed stays.

    Returns:
        How many assets were skipped.

    Raises:
        NotFound: there is none, or not for this actor.
        NotAllowed: the actor may not change its library.
        LedgerUnavailable: it could not be recorded; nothing is stopped.
    """
    library = _required(services, actor, job_id)
    services.ledger.append(step_draft(actor, door, library, "cancelled", job=job_id))
    skipped = services.catalog.cancel_job(actor, job_id)
    tell_ended(services)
    return skipped


def retry(services: Services, actor: Actor, job_id: str, *, door: str) -> list[AssetRef]:
    """Put what was skipped or quarantined of a job back, for the caller to send. Raises as `cancel`."""
    library = _required(services, actor, job_id)
    event = services.ledger.append(step_draft(actor, door, library, "retried", job=job_id))
    return services.catalog.retry_job(actor, job_id, event=event.seq)


def retry_assets(services: Services, actor: Actor, refs: Sequence[AssetRef], *, door: str) -> list[AssetRef]:
    """Put assets that were skipped or quarantined back, for the caller to send. Raises as `cancel`."""
    by_library: dict[str, list[AssetRef]] = {}
    for ref in refs:
        by_library.setdefault(ref.library, []).append(ref)
    for library in by_library:
        require_editor(actor, library)
    for library, some in by_library.items():
        said = {"assets": [ref.asset_id for ref in some]}
        services.ledger.append(step_draft(actor, door, library, "retried", **said))
    return services.catalog.retry(refs)


def _required(services: Services, actor: Actor, job_id: str) -> str:
    """The job's library, which the actor may change."""
    library = services.catalog.job(actor, job_id).library
    require_editor(actor, library)
    return library
