"""Picture Desk: ask questions of an image library and get answers you can check.

Two flows carry everything:

    ingest:  bytes -> accept (sniff, limit, hash) -> blob + catalog row -> outbox -> Celery task
                   -> decode -> encode in batches -> upsert in Qdrant -> indexed | skipped | quarantined

    ask:     question -> retrieve (image, caption, BM25; fused, filtered by the actor's rights)
                      -> enough evidence? no: abstain
                      -> prompt -> event written -> LLM -> citations checked -> answer event -> answer

`rag.ingest` and `rag.ask` read like those sentences; `rag.wiring` picks the parts
they run on; HTTP, CLI and Celery are thin doors onto them. Importing `rag` loads
no torch and opens no socket.
"""

__version__ = "0.1.0"
