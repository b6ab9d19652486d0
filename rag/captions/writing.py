"""Drafts by a language model: what it is asked, and what is taken of its answer. Nothing that it writes is trusted."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import as_data
from rag.captions.examples import IN_A_PROMPT
from rag.captions.forms import RULES
from rag.captions.lint.wording import MARKUP
from rag.captions.subject import Subject
from rag.captions.wish import DraftWish
from rag.errors import Unavailable
from rag.model import Example, Message, Prompt
from rag.ports import ChatModel

PICTURE = 0
"""The label of the picture in a prompt; evidence numbers begin with 1."""

LONGEST_CAPTION = 600
LONGEST_ANSWER = 40_000
"""Characters after which an answer that is still coming holds no ten drafts."""

Text = Annotated[str, StringConstraints(max_length=10_000)]


class Drafts(BaseModel):
    """What the prompts ask for."""

    model_config = ConfigDict(extra="ignore", strict=True)
    drafts: Annotated[list[Text], Field(max_length=100)]


def draft_prompt(
    wish: DraftWish, subject: Subject, examples: Sequence[Example], language: str, picture: bytes | None
) -> Prompt:
    """The messages for one wish. The boundary around what others wrote is random, so that none of it can close it.

    Args:
        picture: a small JPEG, for models that see.
    """
    file = load_prompt(f"captions/{wish.form.value}")
    longest = min(RULES[wish.form].longest, wish.style.max_length.get(wish.form, RULES[wish.form].longest))
    variables = {
        "picture": _lines(_known(subject)),
        "facts": _lines({name: as_data(value) for name, value in wish.facts.items()}),
        "examples": "\n".join(f"- {as_data(one.text, LONGEST_CAPTION)}" for one in examples[:IN_A_PROMPT]) or "(none)",
        "count": str(wish.count),
        "language": language or "en",
        "longest": str(longest),
        "reading_level": f"{wish.reading_level:g}" if wish.reading_level is not None else "",
        "style": _style(wish),
        "boundary": f"=== picture {secrets.token_hex(8)} ===",
    }
    shown = {PICTURE: picture} if picture else {}
    return Prompt(
        id=f"{file.id}@{file.version}",
        hash=file.hash,
        question="",
        messages=(
            Message("system", file.render("system", **variables)),
            Message("user", file.render("user", **variables), images=tuple(shown)),
        ),
        evidence=(),
        pictures=shown,
    )


def write(chat: ChatModel, prompt: Prompt, count: int, seconds: float) -> list[str]:
    """At most `count` different drafts, each one plain line.

    Raises:
        Unavailable, Rejected: the LLM failed, took too long, or answered with nothing that is a draft.
    """
    drafts = read_drafts(_within_limits(chat, prompt, seconds))
    if not drafts:
        raise Unavailable(f"the LLM {chat.id} answered with no draft")
    return drafts[:count]


def read_drafts(text: str) -> list[str]:
    """The drafts in an LLM's answer; words around the JSON object, such as a code fence, do no harm."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = Drafts.model_validate(json.loads(text[start : end + 1] if start >= 0 else text)).drafts
    except (ValueError, ValidationError, RecursionError):
        return []
    return list(dict.fromkeys(plain for draft in found if (plain := plain_line(draft))))


def plain_line(text: str) -> str:
    """One line of visible characters without links, HTML and quotes around it."""
    line = as_data(text, 5_000)
    while (cleaned := re.sub(r"!?\[([^\]\n]*)\]\([^)\n]*\)", r"\1", line)) != line:
        line = cleaned
    while (cleaned := MARKUP.sub(" ", line)) != line:
        line = cleaned
    return as_data(line.strip().strip('"“”')).strip()


def _within_limits(chat: ChatModel, prompt: Prompt, seconds: float) -> str:
    started, text = time.monotonic(), ""
    for piece in chat.stream(prompt):
        text += piece
        if time.monotonic() - started > seconds:
            raise Unavailable(f"the LLM {chat.id} took more than {seconds:g} s to write drafts")
        if len(text) > LONGEST_ANSWER:
            raise Unavailable(f"the LLM {chat.id} did not come to an end with its drafts")
    return text


def _known(subject: Subject) -> dict[str, str]:
    captions = {f"caption {number}": text for number, text in enumerate(subject.said, start=1)}
    return {name: as_data(text, LONGEST_CAPTION) for name, text in (captions | subject.metadata()).items()}


def _lines(known: dict[str, str]) -> str:
    return "\n".join(f"- {as_data(name, 60)}: {value}" for name, value in known.items()) or "(none)"


def _style(wish: DraftWish) -> str:
    style = wish.style
    lines = [as_data(style.advice)] if style.advice else []
    lines += [f"Never write: {', '.join(as_data(one) for one in style.banned)}"] if style.banned else []
    lines += [f"Write {as_data(right)}, not {as_data(wrong)}" for wrong, right in style.spelling.items()]
    return "\n".join(f"- {line}" for line in lines) or "(none)"
