"""Drafts by a language model: what it is asked, and what is taken of its answer. Nothing that it writes is trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rag.answering.plain_text import REMOVED, plain_text
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import as_data, fence
from rag.answering.structured import json_object, whole_answer
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
LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")

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
        "boundary": fence("picture"),
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
    drafts = read_drafts(whole_answer(chat, prompt, seconds, "the drafts"))
    if not drafts:
        raise Unavailable(f"the LLM {chat.id} answered with no draft")
    return drafts[:count]


def read_drafts(text: str) -> list[str]:
    """The drafts in an LLM's answer; words around the JSON object, such as a code fence, do no harm."""
    read = json_object(text, Drafts)
    return list(dict.fromkeys(plain for draft in (read.drafts if read else ()) if (plain := plain_line(draft))))


def plain_line(text: str) -> str:
    """One line of visible characters without links, HTML and quotes around it."""
    line = as_data(text, 5_000)
    while (cleaned := MARKUP.sub(" ", LINK.sub(r"\1", line))) != line:
        line = cleaned
    return as_data(plain_text(line).replace(REMOVED, " ").strip('"“” '))


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
