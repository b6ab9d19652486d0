"""Whether a prompt can be rendered, and keeps what others wrote inside its boundary."""

from __future__ import annotations

import jinja2

from rag.answering.prompt_format import PromptFile

OUTSIDE = frozenset({"boundary", "question", "language"})
"""What may stand outside the boundary in every prompt: ours, and the asker's own words in one line."""

BOUNDARY = "=== sample 0123456789abcdef ==="


def faults_of(file: PromptFile) -> list[str]:
    """What is wrong with a prompt, one line each; empty when nothing is.

    It is rendered with a marked value in each variable, then once more for each variable that may be empty.
    """
    marked = {name: f"⟦{name}⟧" for name in file.variables} | {"boundary": BOUNDARY}
    found: dict[str, None] = {}
    for empty in (None, *(name for name in file.variables if name != "boundary")):
        values = marked | ({empty: ""} if empty else {})
        for role in file.texts:
            try:
                text = file.render(role, **{name: values[name] for name in file.variables})
            except jinja2.TemplateError as error:
                found[f"{role}: it cannot be rendered: {error}"] = None
            else:
                found |= dict.fromkeys(f"{role}: {fault}" for fault in _leaks(text, file))
    if "boundary" not in file.variables and _fenced(file):
        found["system: it has no {{ boundary }} around what others wrote"] = None
    elif "boundary" in file.variables and "boundary" not in _named(file.texts["system"]):
        found["system: it does not say what the boundary means"] = None
    return list(found)


def _fenced(file: PromptFile) -> list[str]:
    return [name for name in file.variables if name not in OUTSIDE and name not in file.outside]


def _named(text: str) -> str:
    return text.replace("{{boundary}}", "{{ boundary }}")


def _leaks(text: str, file: PromptFile) -> list[str]:
    faults, inside = [], False
    for line in text.splitlines():
        if line.strip() == BOUNDARY:
            inside = not inside
        elif not inside:
            faults += [f"{name} stands outside the boundary" for name in _fenced(file) if f"⟦{name}⟧" in line]
    return [*faults, "the boundary is opened and not closed"] if inside else faults
