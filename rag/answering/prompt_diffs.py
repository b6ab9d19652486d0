"""What differs between two prompts, or between a prompt and what a ledger event says was sent."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rag.answering.prompt_checking import BOUNDARY
from rag.answering.prompt_format import PromptFile, read_prompt
from rag.answering.prompt_samples import sample_values
from rag.errors import BadQuery, NotFound

FENCE = re.compile(r"^=== \w+ [0-9a-f]{16} ===$")
DATA = "⟦what others wrote⟧"


def unified(before: str, after: str, names: tuple[str, str]) -> list[str]:
    """Lines of a unified diff; empty where nothing differs."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, n=2, lineterm="")
    return list(lines)


def against_file(file: PromptFile, shipped: PromptFile, other: str) -> list[str]:
    """The diff from the shipped prompt to the one in use; with `other`, from that file to the one in use.

    Raises BadSettings where that file is not written as this prompt.
    """
    before = read_prompt(Path(other), file.id) if other else shipped
    names = (str(before.path) if other else f"{before.id}@{before.version} {before.origin}", str(file.path))
    return unified(before.source, file.source, names)


def against_event(file: PromptFile, body: Mapping[str, Any], name: str) -> list[str]:
    """The diff between what an event says was sent and the prompt of today; empty for the same file.

    An event keeps a prompt's hash and its rendered messages. So where the hash differs, messages are compared:
    what stood between boundaries, and the question, is masked in both.

    Raises:
        NotFound: the event names no prompt.
        BadQuery: it names another one.
    """
    sent = body.get("prompt")
    if not sent:
        raise NotFound(f"{name} names no prompt: no LLM was asked, or it was erased")
    if sent["id"].rpartition("@")[0] != file.id:
        raise BadQuery(f"{name} names the prompt {sent['id']}, not {file.id}")
    if sent["hash"] == file.hash:
        return []
    question = " ".join(str((body.get("query") or {}).get("text", "")).split())
    before = _masked(((one["role"], one["text"]) for one in sent["messages"]), question)
    values = sample_values(file)
    now = ((role, file.render(role, **values)) for role in file.texts)
    after = _masked(now, values.get("question", ""))
    return unified(before, after, (f"{sent['id']} {sent['hash'][:12]} ({name})", f"{file.id}@{file.version}"))


def _masked(messages: Iterable[tuple[str, str]], question: str) -> str:
    lines: list[str] = []
    for role, text in messages:
        lines.append(f"# {role}")
        inside = False
        for line in text.splitlines():
            if FENCE.match(line.strip()):
                inside = not inside
                lines += [line] if not inside else [line, DATA]
            elif not inside:
                lines.append(line.replace(question, "⟦question⟧") if question else line)
    return re.sub(FENCE.pattern.strip("^$"), BOUNDARY, "\n".join(lines))
