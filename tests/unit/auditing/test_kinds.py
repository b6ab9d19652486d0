"""Every kind of event that the code writes stands in the table that auditors read, and every kind there is written."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]


def written() -> Iterator[str]:
    """The kinds of all drafts of events in the code."""
    for path in sorted((ROOT / "rag").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(_imports_draft(node) for node in ast.walk(tree)):
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Draft":
                yield _value(node.args[0], module)


def _imports_draft(node: ast.AST) -> bool:
    ours = isinstance(node, ast.ImportFrom) and node.module in ("rag.ports", "rag.ports.ledger")
    return ours and any(name.name == "Draft" for name in node.names)  # type: ignore[attr-defined]


def _value(kind: ast.expr, module: str) -> str:
    """A constant, or the name of one in the module."""
    if isinstance(kind, ast.Constant):
        return str(kind.value)
    assert isinstance(kind, ast.Name), f"{module} writes an event of a kind that cannot be read from the code"
    return str(getattr(importlib.import_module(module), kind.id))


def documented() -> set[str]:
    """The second column of the table "What is recorded"."""
    _, _, section = (ROOT / "docs" / "auditing.md").read_text(encoding="utf-8").partition("## What is recorded")
    rows = [line.split("|")[2] for line in section.splitlines() if line.startswith("|")]
    return {kind for row in rows for kind in re.findall(r"`([a-z-]+)`", row)}


def test_what_is_recorded_is_what_the_documentation_says() -> None:
    assert documented() == set(written())
