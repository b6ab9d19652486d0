"""A follow-up with its history -> a question that can be searched by itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.plain_text import plain_text
from rag.answering.prompt_files import PromptFile, load_prompt
from rag.answering.prompting import as_data, fence, spoken
from rag.errors import Rejected, Unavailable
from rag.model import Message, Prompt, Turn
from rag.ports import ChatModel

log = logging.getLogger(__name__)

LEANS_ON = re.compile(
    r"""^\W*(?:and|or|but|also|only|what\ about|how\ about|now|then|instead|more|und|oder|aber|nur|auch|mehr|
        et|mais|seulement|y|pero|solo|e|ma|en|maar|alleen|mas|só)\b
      | \b(?:it|its|they|them|their|those|these|that\ one|this\ one|ones?|he|she|him|her|his|there|same|others?|another|
        davon|dort|diese[nrms]?|jene[nrms]?|welche\ davon|dieselben?|celles?|ceux|ésos?|ésas?|quelli|quelle)\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""What a question says that cannot stand by itself."""

SHORT = 3
"""A follow-up of so few words leans on what was said before, whatever they are."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A question as it is searched.

    Attributes:
        by: the LLM's id, `rule`, or empty where it was taken as asked.
        prompt: id and hash of the prompt that it was rewritten with; empty without an LLM.
    """

    text: str
    by: str = ""
    prompt: tuple[str, str] = ("", "")


def standalone(
    chat: ChatModel, question: str, history: Sequence[Turn], longest: int, *, own_prompts: str = ""
) -> Rewritten:
    """The question, with what it takes from earlier turns said in it.

    An LLM writes it; without one, or when it fails, a follow-up that leans on the
    question before is put behind it.

    Args:
        longest: characters; a longer text is not taken.
        own_prompts: the folder of own prompts.
    """
    if not history or not question.strip():
        return Rewritten(question)
    if not chat.extractive:
        try:
            return _by_llm(chat, question, history, longest, load_prompt("rewrite", own=own_prompts))
        except (Unavailable, Rejected) as error:
            log.warning("a follow-up is understood without the LLM: %s", error)
    return _by_rule(question, history, longest)


def _by_llm(chat: ChatModel, question: str, history: Sequence[Turn], longest: int, file: PromptFile) -> Rewritten:
    prompt = rewrite_prompt(file, question, history)
    text = as_data(plain_text("".join(chat.stream(prompt))), longest + 1).strip("\"'“”„ ")
    if not text or len(text) > longest:
        raise Unavailable(f"the LLM {chat.id} gave no question of at most {longest:,} characters")
    return Rewritten(text, chat.id, (prompt.id, prompt.hash))


def rewrite_prompt(file: PromptFile, question: str, history: Sequence[Turn], *, boundary: str = "") -> Prompt:
    boundary = boundary or fence("conversation")
    variables = {"question": as_data(question), "history": spoken(history), "boundary": boundary}
    messages = (
        Message("system", file.render("system", **variables)),
        Message("user", file.render("user", **variables)),
    )
    return Prompt(f"{file.id}@{file.version}", file.hash, question, messages, evidence=())


def _by_rule(question: str, history: Sequence[Turn], longest: int) -> Rewritten:
    before = history[-1].standalone or history[-1].question
    leans = len(question.split()) <= SHORT or LEANS_ON.search(question)
    text = f"{before.rstrip(' ?.!')}, {question}"
    return Rewritten(text, "rule") if leans and len(text) <= longest else Rewritten(question)
