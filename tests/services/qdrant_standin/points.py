"""Points: upsert, retrieve, delete, count, query."""

from __future__ import annotations

from fastapi import APIRouter
from qdrant_client import models
from qdrant_client.local.qdrant_local import QdrantLocal

from tests.services.qdrant_standin.engine import Engine, Envelope


def point_routes(engine: Engine) -> APIRouter:
    router = APIRouter(prefix="/collections/{name}/points")

    @router.put("")
    def upsert(name: str, body: models.PointsList) -> Envelope:
        return engine.update(lambda client: client.upsert(name, body.points))

    @router.post("/delete")
    def delete(name: str, body: models.PointIdsList) -> Envelope:
        return engine.update(lambda client: client.delete(name, body))

    @router.post("")
    def retrieve(name: str, body: models.PointRequest) -> Envelope:
        return engine.answer(
            lambda client: client.retrieve(
                name, body.ids, with_payload=body.with_payload or False, with_vectors=body.with_vector or False
            )
        )

    @router.post("/count")
    def count(name: str, body: models.CountRequest) -> Envelope:
        return engine.answer(lambda client: client.count(name, body.filter, exact=bool(body.exact)))

    @router.post("/scroll")
    def scroll(name: str, body: models.ScrollRequest) -> Envelope:
        return engine.answer(lambda client: _scroll(client, name, body))

    @router.post("/query/batch")
    def query(name: str, body: models.QueryRequestBatch) -> Envelope:
        return engine.answer(lambda client: _query(client, name, body))

    return router


def _scroll(client: QdrantLocal, name: str, body: models.ScrollRequest) -> models.ScrollResult:
    records, following = client.scroll(
        name,
        scroll_filter=body.filter,
        limit=body.limit or 10,
        offset=body.offset,
        with_payload=body.with_payload or False,
        with_vectors=body.with_vector or False,
    )
    return models.ScrollResult(points=records, next_page_offset=following)


def _query(client: QdrantLocal, name: str, body: models.QueryRequestBatch) -> list[models.QueryResponse]:
    searches = [search.model_copy(update={"query": _plain(search.query)}) for search in body.searches]
    return client.query_batch_points(name, searches)


def _plain(query: object) -> object:
    """The REST form `{"nearest": vector}` as the in-process mode takes it."""
    return query.nearest if isinstance(query, models.NearestQuery) else query
