"""Collections, aliases and payload indexes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from qdrant_client import models
from qdrant_client.local.qdrant_local import QdrantLocal

from tests.services.qdrant_standin.engine import Engine, Envelope


def collection_routes(engine: Engine) -> APIRouter:
    router = APIRouter()

    @router.get("/collections")
    def names() -> Envelope:
        return engine.answer(lambda client: client.get_collections())

    @router.get("/collections/{name}/exists")
    def exists(name: str) -> Envelope:
        return engine.answer(lambda client: {"exists": client.collection_exists(name)})

    @router.get("/collections/{name}")
    def info(name: str) -> Envelope:
        return engine.answer(lambda client: _info(engine, client, name))

    @router.put("/collections/{name}")
    def create(name: str, body: models.CreateCollection) -> Envelope:
        engine.indexes.pop(name, None)
        return engine.answer(
            lambda client: client.create_collection(name, body.vectors, sparse_vectors_config=body.sparse_vectors)
        )

    @router.delete("/collections/{name}")
    def drop(name: str) -> Envelope:
        return engine.answer(lambda client: client.delete_collection(name))

    @router.put("/collections/{name}/index")
    def index(name: str, body: models.CreateFieldIndex) -> Envelope:
        return engine.update(lambda client: _index(engine, client, name, body))

    @router.get("/aliases")
    def aliases() -> Envelope:
        return engine.answer(lambda client: client.get_aliases())

    @router.post("/collections/aliases")
    def change_aliases(body: models.ChangeAliasesOperation) -> Envelope:
        return engine.answer(lambda client: client.update_collection_aliases(body.actions))

    return router


def _info(engine: Engine, client: QdrantLocal, name: str) -> dict[str, Any]:
    found = client.get_collection(name).model_dump(mode="json")
    return found | {"payload_schema": engine.indexes.get(name, {})}


def _index(engine: Engine, client: QdrantLocal, name: str, body: models.CreateFieldIndex) -> None:
    client.get_collection(name)
    schema = body.field_schema
    kind = schema.value if isinstance(schema, models.PayloadSchemaType) else getattr(schema, "type", None)
    engine.indexes.setdefault(name, {})[body.field_name] = {"data_type": kind, "points": 0}
