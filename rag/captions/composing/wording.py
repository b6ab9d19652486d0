"""What is known and seen of a picture, put into the words of each form. Facts that nobody gave stay as gaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rag.answering.prompting import as_data
from rag.captions.forms import RULES, gap
from rag.captions.phrases import is_english, phrases
from rag.captions.sight import ARTICLES
from rag.captions.style import PLAIN, HouseStyle
from rag.model import CaptionForm, Example

MOST_HASHTAGS = 3
MOST_TAGS = 8
ENOUGH = 3
"""Times the drafts wished: of so many sentences, the best are taken."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A text, and the captions that it was made after; none where it rests on the picture's own."""

    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Material:
    """What there is to write from.

    Attributes:
        sentences: what the picture shows, the best first.
        tags: said by people, else zero-shot.
        credit: whom to name beside the picture.
    """

    sentences: Sequence[Composed]
    tags: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    captured_at: datetime | None = None
    credit: str = ""
    language: str = ""
    style: HouseStyle = PLAIN

    def fact(self, name: str) -> str:
        """As it was given, or a gap."""
        return as_data(self.facts[name]) if name in self.facts else gap(name)


def compose(form: CaptionForm, material: Material, count: int) -> list[Composed]:
    """At most `count` different texts of one form; at least one, if only with gaps."""
    write = WRITERS[form]
    sentences = material.sentences or (Composed(_listed(material.tags) or gap("what")),)
    longest = min(RULES[form].longest, material.style.max_length.get(form, RULES[form].longest))
    found: dict[str, Composed] = {}
    for sentence in sentences:
        text = housed(_fitting(write, sentence.text, material, longest), material.style)
        found.setdefault(text, Composed(text, sentence.examples))
    return list(found.values())[:count]


def housed(text: str, style: HouseStyle) -> str:
    """The text in the house's spelling; a capital at the beginning stays one."""
    for wrong, right in style.spelling.items():

        def spelled(match: re.Match[str], right: str = right) -> str:
            return right[:1].upper() + right[1:] if match[0][:1].isupper() else right

        text = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", spelled, text, flags=re.IGNORECASE)
    return text


def _fitting(write: Callable[[str, Material], str], what: str, material: Material, longest: int) -> str:
    """The form's text, of as many phrases of `what` as fit."""
    what = as_data(what, 1_000).rstrip(" .")
    pieces = phrases(what, material.language)
    for kept in range(len(pieces), 0, -1):
        text = write(what[: pieces[kept - 1].end], material)
        if len(text) <= longest:
            return text
    text = write(what, material)
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"


def _alt(what: str, material: Material) -> str:
    """Purpose first, then who, what and where."""
    facts = material.facts
    shown = ", ".join([*_given(facts, "who"), _small(what) if "who" in facts else what, *_given(facts, "where")])
    if "purpose" not in facts:
        return _capital(shown)
    return f"{as_data(facts['purpose']).rstrip(' .:')}: {shown if 'who' in facts else _small(shown)}"


def _news(what: str, material: Material) -> str:
    when = material.fact("when") if "when" in material.facts or not material.captured_at else _date(material)
    credit = f" ({as_data(material.credit)})" if material.credit else ""
    return f"{material.fact('who')}: {_small(what)}, {material.fact('where')}, {when}.{credit}"


def _product(what: str, material: Material) -> str:
    pieces = phrases(what, material.language)
    first = pieces[0] if pieces else None
    name = material.facts.get("name") or (_without_article(first.text) if first else what)
    rest = what[first.end :].strip(" ,.") if first else ""
    parts = [f"{_capital(as_data(name))}."]
    if rest:
        parts.append(f"Shown {rest}." if is_english(material.language) else f"{_capital(rest)}.")
    parts += [f"{_capital(name)}: {material.fact(name)}." for name in _named(material, CaptionForm.PRODUCT)]
    return " ".join(parts)


def _social(what: str, material: Material) -> str:
    told = ", ".join(
        [*_given(material.facts, "who"), *_given(material.facts, "where"), *_given(material.facts, "when")]
    )
    tags = [f"#{tag}" for word in material.tags if (tag := _hashtag(word))][:MOST_HASHTAGS]
    return " ".join([f"{_capital(what)}.", *([f"{told}."] if told else []), *dict.fromkeys(tags)])


def _long(what: str, material: Material) -> str:
    english = is_english(material.language)
    tags = _listed(material.tags)
    parts = [f"{_capital(what)}."]
    if tags:
        parts.append(f"To be seen: {tags}." if english else f"{_capital(tags)}.")
    parts += [f"{_capital(name)}: {as_data(value).rstrip('.')}." for name, value in material.facts.items()]
    if material.captured_at and "when" not in material.facts:
        parts.append(f"Taken on {_date(material)}." if english else f"{_date(material)}.")
    if material.credit:
        parts.append(f"Source: {as_data(material.credit)}." if english else f"{as_data(material.credit)}.")
    return " ".join(parts)


WRITERS: Mapping[CaptionForm, Callable[[str, Material], str]] = {
    CaptionForm.ALT: _alt,
    CaptionForm.NEWS: _news,
    CaptionForm.PRODUCT: _product,
    CaptionForm.SOCIAL: _social,
    CaptionForm.LONG: _long,
}


def _named(material: Material, form: CaptionForm) -> Iterator[str]:
    """Facts of a form, given or not, then all others that were given."""
    yield from dict.fromkeys((*RULES[form].gaps, *(name for name in material.facts if name not in ("name", "purpose"))))


def _given(facts: Mapping[str, str], name: str) -> list[str]:
    return [as_data(facts[name]).rstrip(" .")] if name in facts else []


def _date(material: Material) -> str:
    at = material.captured_at
    assert at is not None
    return f"{at.day} {at:%B %Y}" if is_english(material.language) else at.date().isoformat()


def _listed(tags: Sequence[str]) -> str:
    return ", ".join(as_data(tag, 60) for tag in tags[:MOST_TAGS])


def _hashtag(tag: str) -> str:
    words = re.findall(r"\w+", tag)
    return words[0].lower() + "".join(word.capitalize() for word in words[1:]) if words else ""


def _without_article(text: str) -> str:
    lower = text.lower()
    return next((text[len(article) :] for article in ("a ", "an ", "the ") if lower.startswith(article)), text)


def _small(text: str) -> str:
    """With a small letter, where it begins with an article or number: what else is large may be a name."""
    return text[:1].lower() + text[1:] if text.lower().startswith(ARTICLES) else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
