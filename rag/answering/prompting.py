"""Evidence -> prompt. Everything out of a library is fenced as data, never as instruction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from rag.answering.citations import without_citations
from rag.answering.language import NAMES
from rag.answering.prompt_files import PromptFile
from rag.model import Evidence, Message, Prompt, Turn

LONGEST_CAPTION = 600
"""Characters of a caption that enter a prompt; enough for any caption, too few for a manual of instructions."""

INVISIBLE = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]+"
)
"""Control, zero-width, direction and tag characters: they hide text from people and not from an LLM."""


TURNS = 6
"""Earlier turns that enter a prompt."""

LONGEST_TURN = 400


def build_prompt(
    file: PromptFile,
    question: str,
    evidence: Sequence[Evidence],
    pictures: Mapping[int, bytes] | None = None,
    *,
    history: Sequence[Turn] = (),
    language: str = "",
    boundary: str = "",
) -> Prompt:
    """Render the prompt for one question.

    Args:
        pictures: evidence number -> encoded image, for models that see.
        language: ISO 639-1 code of the language to answer in; empty means that of the question.
        boundary: a line around data; empty: a random one, as always but in tests.
    """
    variables = {
        "question": as_data(question),
        "evidence": "\n".join(evidence_line(item) for item in evidence),
        "history": spoken(history),
        "language": NAMES.get(language, "the language of the question"),
        "boundary": boundary or fence("evidence"),
    }
    shown = tuple(sorted(pictures)) if pictures else ()
    return Prompt(
        id=f"{file.id}@{file.version}",
        hash=file.hash,
        question=question,
        messages=(
            Message("system", file.render("system", **variables)),
            Message("user", file.render("user", **variables), images=shown),
        ),
        evidence=tuple(evidence),
        pictures=dict(pictures or {}),
        language=language,
    )


def fence(what: str) -> str:
    """A line around data. It is random, so nothing that was written before can close it."""
    return f"=== {what} {secrets.token_hex(8)} ==="


def spoken(history: Sequence[Turn]) -> str:
    """Earlier turns as lines of a prompt; citations go, for their numbers mean other evidence now."""
    lines = []
    for turn in history[-TURNS:]:
        lines.append(f"asked: {as_data(turn.question, LONGEST_TURN)}")
        lines.append(f"answered: {as_data(without_citations(turn.answer), LONGEST_TURN)}")
    return "\n".join(lines)


def evidence_line(item: Evidence) -> str:
    """One piece of evidence in one line: its label, caption, and what is known of it."""
    caption = as_data(item.caption.text, LONGEST_CAPTION) if item.caption else "(no caption)"
    facts = {
        "tags": ", ".join(item.tags),
        "date": item.captured_at,
        "source": item.source,
        "licence": item.licence,
        "relevance": f"{item.relevance:.2f}",
    }
    known = "; ".join(f"{name}: {as_data(value, 200)}" for name, value in facts.items() if value)
    return f"{item.label} caption: {caption} | {known}"


def as_data(text: str, longest: int = 4_000) -> str:
    """One line of visible characters, cut to `longest`."""
    line = " ".join(INVISIBLE.sub(" ", text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
