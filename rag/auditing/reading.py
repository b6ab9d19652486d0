"""Values of bodies whose shape nobody promises: of another version, or with something erased in their place."""

from __future__ import annotations

from typing import Any

from rag.model import Json


def is_erased(value: Any) -> bool:
    """Whether this stands in the place of what was erased."""
    return isinstance(value, dict) and "erased" in value


def word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def listing(value: Any) -> list[Json]:
    """The objects of a list, without those that were erased."""
    return [one for one in value if isinstance(one, dict) and not is_erased(one)] if isinstance(value, list) else []


def mapping(value: Any) -> Json:
    return value if isinstance(value, dict) and not is_erased(value) else {}


def count(value: Any) -> int:
    """How many there are of a list, or a number as it is."""
    return len(value) if isinstance(value, list) else int(value) if isinstance(value, int) else 0
