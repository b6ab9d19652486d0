"""What chat clients ask besides: titles, tags and follow-ups for their own pages.

Open WebUI sends such prompts to the model of the chat. They are no questions to a library: nothing is searched or
recorded for them. They are known by their form, all parts of it together: one message that begins with `### Task:`,
wants JSON with a certain key, and brings the chat along. Whoever rewords these prompts gets an ordinary answer to
them; docs/chat-assistants.md says how to switch them off instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rag.answering.prompting import as_data
from rag.integrations.openai.conversation import PERSON, ChatMessage

HISTORY, HISTORY_END = "<chat_history>", "</chat_history>"
KEY = re.compile(r"\{\s*\"(title|tags|follow_ups|queries)\"\s*:")
FIRST_QUESTION = re.compile(r"\s*(?:USER|user)\s*:\s*(.+)")
LONGEST_TITLE = 60


def task_reply(messages: Sequence[ChatMessage]) -> str | None:
    """The JSON that a client's own prompt wants; None for what a person asks.

    The title is the beginning of the first question; of tags, follow-ups and queries there are none.
    """
    asked = [one for one in messages if one.role == PERSON]
    if len(asked) != 1 or not asked[0].words.lstrip().startswith("### Task:"):
        return None
    prompt, begins, rest = asked[0].words.partition(HISTORY)
    history, ends, _ = rest.partition(HISTORY_END)
    key = KEY.search(prompt)
    if not (begins and ends and key):
        return None
    return json.dumps({key[1]: _title(history) if key[1] == "title" else []}, ensure_ascii=False)


def _title(history: str) -> str:
    first = FIRST_QUESTION.match(history)
    return as_data(first[1] if first else "", LONGEST_TITLE) or "Pictures"
