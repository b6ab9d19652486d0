"""The API describes itself: every operation has a summary, every field an example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.api.app import create_app
from rag.settings import Settings
from rag.wiring import WiredServices

PROBLEMS = {"401", "403", "404", "409", "413", "415", "422", "503"}
NO_PROBLEM = {"/healthz", "/readyz"}


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("desk")
    return create_app(WiredServices(Settings(data=folder))).openapi()


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, item in description["paths"].items()
        for method, operation in item.items()
    }


def test_making_the_application_opens_nothing(tmp_path: Path) -> None:
    create_app(WiredServices(Settings(data=tmp_path / "data")))
    assert not (tmp_path / "data").exists()


def test_every_operation_has_a_summary_and_a_description(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        assert operation["summary"], name
        assert operation["description"], name


def test_every_refusal_is_a_problem(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        for status in PROBLEMS & set(operation["responses"]):
            if name.split()[1] not in NO_PROBLEM:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"], (name, status)


def test_every_field_of_every_schema_has_an_example(description: dict[str, Any]) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in description["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        if "examples" not in shape and not refers(shape) and shape.get("contentMediaType") is None
    ]
    assert [name for name in bare if not name.startswith("Body_")] == []


def refers(shape: dict[str, Any]) -> bool:
    """A field that holds another schema, or several, takes its examples from there."""
    parts = [shape, shape.get("items", {}), *shape.get("anyOf", []), *shape.get("oneOf", [])]
    return any("$ref" in part or "oneOf" in part for part in parts)
