"""The composer for when no LLM is configured: it answers from the captions of the evidence, and says so."""

from __future__ import annotations

from collections.abc import Iterator

from rag.answering.prompting import as_data
from rag.answering.wording import Wording, wording
from rag.model import Evidence, Json, Prompt

NOTICE = (
    "Put together from captions, without a language model. "
    "Set PICTUREDESK_LLM (and PICTUREDESK_LLM_URL) for written answers."
)


class ExtractiveComposer:
    """Answers with the captions that were retrieved, each with its citation. Invents nothing, infers nothing."""

    id = "extractive"
    sees_images = False
    extractive = True

    def __init__(self) -> None:
        self.parameters: Json = {}

    def stream(self, prompt: Prompt) -> Iterator[str]:
        says = wording(prompt.language)
        captioned = [item for item in prompt.evidence if item.caption]
        silent = [item for item in prompt.evidence if not item.caption]
        if captioned:
            yield says.one if len(prompt.evidence) == 1 else says.many.format(count=len(prompt.evidence))
            for item in captioned:
                yield f"\n- {_sentence(item)}"
        if silent:
            yield ("\n" if captioned else "") + _uncaptioned(silent, says)


def _sentence(item: Evidence) -> str:
    """The caption as a statement about the picture, cited; brackets in it would read as citations."""
    text = item.caption.text if item.caption else ""
    caption = as_data(text, 300).replace("[", "(").replace("]", ")").rstrip(" .")
    return f"{caption[:1].upper()}{caption[1:]} {item.label}."


def _uncaptioned(items: list[Evidence], says: Wording) -> str:
    labels = "".join(item.label for item in items)
    text = says.silent_one if len(items) == 1 else says.silent_many.format(count=len(items))
    return f"{text} {labels}."
