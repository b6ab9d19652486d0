"""What stands below an answer in a chat: notes, the evidence with links, what was searched, the ledger's numbers.

Markdown that reads well where it is not rendered, too. Captions and names come out of a library: they can make
no link, no picture and no heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.answering.extractive import ExtractiveComposer
from rag.answering.plain_text import plain_text
from rag.answering.prompting import as_data
from rag.locators import in_words
from rag.model import Answer, Evidence

Link = Callable[[Evidence], str]
"""The address of a piece of evidence on this desk."""

RULE = "\n\n---\n\n"
EVIDENCE = "**Evidence**\n"
SEARCHED = "Searched"
NOTE = "> **Note:** "
ANEW = "this text is void and the answer starts anew."
MARKUP = re.compile(r"([\\`*\[\]<>|~$])")
"""What makes code, emphasis, links, HTML, tables or formulas within a line."""

LONGEST_CAPTION = 160
MOST_QUOTED = 3


def literal(text: str, longest: int = LONGEST_CAPTION) -> str:
    """Text out of a library as one line of markdown that shows just this, and leads nowhere."""
    return MARKUP.sub(r"\\\1", as_data(plain_text(text), longest))


def title_of(item: Evidence) -> str:
    """What evidence is called: its caption, or its file's name."""
    return as_data(plain_text(item.caption.text if item.caption else item.name), LONGEST_CAPTION) or item.visual.id


def note(text: str) -> str:
    """A line that tells the reader something about the answer."""
    return f"{NOTE}{as_data(plain_text(text), 1000)}"


def restart_note(reason: str) -> str:
    """What a chat is told where text that it has shown already is void: it cannot be taken back."""
    return f"\n\n{note(f'{reason}; {ANEW}')}\n\n"


def footnotes(answer: Answer, link: Link) -> str:
    """All that stands below an answer; begins with a blank line.

    Evidence is listed up to the highest number cited, so that a client which counts sources counts as we do.
    """
    last = max(answer.citations, default=0)
    listed = [item for item in answer.retrieval.evidence if item.number <= last]
    lines = [_entry(item, link(item), cited=item.number in answer.citations) for item in listed]
    notes = "".join(f"\n\n{note(one)}" for one in (*answer.notices, *_unsupported(answer)))
    evidence = f"{EVIDENCE}\n" + "\n".join(lines) + "\n\n" if lines else ""
    return f"{notes}{RULE}{evidence}{_searched(answer)}"


def without_footnotes(text: str) -> str:
    """An answer as it came back from a chat, without what was below it, and without text that was void."""
    lines = text.replace("\r\n", "\n").split("\n")
    void = max((place for place, line in enumerate(lines) if line.startswith(NOTE) and line.endswith(ANEW)), default=-1)
    kept = lines[void + 1 : _foot(lines)]
    while kept and (not kept[-1].strip() or kept[-1].startswith(NOTE)):
        kept.pop()
    return "\n".join(kept).strip()


def _foot(lines: Sequence[str]) -> int:
    """Where the rule above the evidence is; the end where there is none."""
    below = ""
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place].strip()
        if line == RULE.strip() and below.startswith((EVIDENCE.strip(), f"{SEARCHED} ")):
            return place
        below = line or below
    return len(lines)


def _entry(item: Evidence, url: str, *, cited: bool) -> str:
    place = in_words(item.visual.locator)
    name = literal(item.name) if item.caption else ""
    facts = [name, place, literal(item.visual.library), f"relevance {item.relevance:.2f}"]
    facts += [f"`{item.visual.id}`"] + ([] if cited else ["not cited"])
    return f"- {item.label} [{literal(title_of(item))}]({url}) · " + " · ".join(filter(None, facts))


def _searched(answer: Answer) -> str:
    """`Searched 24 visuals · ledger events 41, 42`"""
    events = ", ".join(map(str, answer.events))
    coverage = str(answer.retrieval.coverage)
    return coverage[:1].upper() + coverage[1:] + (f" · ledger events {events}" if events else "")


def _unsupported(answer: Answer) -> Sequence[str]:
    doubtful = [one.sentence for one in answer.support if not one.supported]
    if not doubtful or answer.composer == ExtractiveComposer.id:
        return ()
    quoted = " ".join(f"“{as_data(one, 120)}”" for one in doubtful[:MOST_QUOTED])
    more = f" and {len(doubtful) - MOST_QUOTED} more" if len(doubtful) > MOST_QUOTED else ""
    return (f"The evidence does not bear this out: {quoted}{more}",)
