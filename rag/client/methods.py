"""What both clients can do, each thing once."""

from __future__ import annotations

from rag.client import asking, auditing, classifying, erasing, ingesting, keeping
from rag.client.endpoints import Endpoint, OutcomeEndpoint, StreamEndpoint


class Methods:
    """The desk's methods. What each takes and gives stands where its call is described."""

    search = Endpoint(asking.search)
    ask = Endpoint(asking.ask)
    ask_stream = StreamEndpoint(asking.ask_stream)
    conversations = Endpoint(asking.conversations)
    conversation = Endpoint(asking.conversation)
    delete_conversation = Endpoint(asking.delete_conversation)

    ingest = Endpoint(ingesting.ingest)
    ingest_urls = Endpoint(ingesting.ingest_urls)
    jobs = Endpoint(ingesting.jobs)
    job = Endpoint(ingesting.job)
    job_items = Endpoint(ingesting.job_items)
    job_events = StreamEndpoint(ingesting.job_events)
    wait = OutcomeEndpoint(ingesting.job_events)
    cancel_job = Endpoint(ingesting.cancel_job)
    retry_job = Endpoint(ingesting.retry_job)

    libraries = Endpoint(keeping.libraries)
    status = Endpoint(keeping.status)
    assets = Endpoint(keeping.assets)
    asset = Endpoint(keeping.asset)
    thumbnail = Endpoint(keeping.thumbnail)
    original = Endpoint(keeping.original)
    delete = Endpoint(keeping.delete)
    retry = Endpoint(keeping.retry)

    classify = Endpoint(classifying.classify)
    classify_file = Endpoint(classifying.classify_file)
    classify_library = StreamEndpoint(classifying.classify_library)
    untag = Endpoint(classifying.untag)

    ledger_events = Endpoint(auditing.ledger_events)
    ledger_event = Endpoint(auditing.ledger_event)
    verify_ledger = Endpoint(auditing.verify_ledger)

    erase = Endpoint(erasing.erase)
    retention = Endpoint(erasing.retention)
    keep = Endpoint(erasing.keep)
    holds = Endpoint(erasing.holds)
    hold = Endpoint(erasing.hold)
    lift_hold = Endpoint(erasing.lift_hold)
