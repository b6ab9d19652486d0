"""Facts -> one sentence, put together without a language model, in English or German.

It says first what both share, then where they differ, each at most `MOST_PHRASES` phrases long. What came
out of a library stands in quotation marks and is cut short.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answering.prompting import as_data
from rag.describing.facts import Aspect, Fact, number_in

LANGUAGES = ("en", "de")
MOST_PHRASES = 4
MOST_NAMES = 3
"""Tags or words in one phrase."""
LONGEST_NAME = 40

ONLY_WHERE_DIFFERENT = (Aspect.SHAPE, Aspect.MEDIUM)
"""That both are landscape format tells nobody anything."""

GERMAN: Mapping[str, str] = {
    "black": "schwarz",
    "grey": "grau",
    "white": "weiß",
    "red": "rot",
    "orange": "orange",
    "yellow": "gelb",
    "green": "grün",
    "turquoise": "türkis",
    "blue": "blau",
    "purple": "violett",
    "pink": "rosa",
    "brown": "braun",
    "beige": "beige",
    "portrait": "Hochformat",
    "landscape": "Querformat",
    "square": "quadratisch",
    "image": "Bild",
    "film": "Film",
    "page": "Dokumentseite",
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language. `{}` takes values.

    Attributes:
        instead: one value here, another there: `{here}`, `{given}`.
        alone: several here, several there; each side may be missing.
    """

    quotes: str
    both: str
    different: str
    nothing_shared: str
    nothing_different: str
    instead: str
    phrases: Mapping[Aspect, str]
    alone_here: str
    alone_given: str
    less: str
    more: str


ENGLISH_WORDS = Tongue(
    quotes="“{}”",
    both="Both: {}.",
    different="Different: {}.",
    nothing_shared="They look alike; tags, captions and labels share nothing.",
    nothing_different="Tags, captions and labels name no difference.",
    instead="{here} rather than {given}",
    phrases={
        Aspect.VALUE: "{name} {}",
        Aspect.TAGS: "tagged {}",
        Aspect.LABEL: "{name} {}",
        Aspect.COLOUR: "mainly {}",
        Aspect.WORDS: "captions that say {}",
        Aspect.DATE: "taken in {}",
        Aspect.MEDIUM: "{}",
        Aspect.SHAPE: "{} format",
        Aspect.SIZE: "{} pixels",
    },
    alone_here="{} only here",
    alone_given="{} only on the given one",
    less="{:.0f} % less",
    more="{:.0f} % more",
)
GERMAN_WORDS = Tongue(
    quotes="„{}“",
    both="Gemeinsam: {}.",
    different="Verschieden: {}.",
    nothing_shared="Sie sehen sich ähnlich; Schlagwörter, Texte und Merkmale haben nichts gemeinsam.",
    nothing_different="Schlagwörter, Texte und Merkmale nennen keinen Unterschied.",
    instead="{here} statt {given}",
    phrases={
        Aspect.VALUE: "{name} {}",
        Aspect.TAGS: "Schlagwort {}",
        Aspect.LABEL: "{name} {}",
        Aspect.COLOUR: "überwiegend {}",
        Aspect.WORDS: "im Text {}",
        Aspect.DATE: "aufgenommen {}",
        Aspect.MEDIUM: "{}",
        Aspect.SHAPE: "{}",
        Aspect.SIZE: "{} Pixel",
    },
    alone_here="{} nur hier",
    alone_given="{} nur beim gegebenen",
    less="{:.0f} % weniger",
    more="{:.0f} % mehr",
)
TONGUES: Mapping[str, Tongue] = {"en": ENGLISH_WORDS, "de": GERMAN_WORDS}

QUOTED = (Aspect.TAGS, Aspect.WORDS, Aspect.VALUE)
"""What came out of a library."""
SEVERAL = (Aspect.TAGS, Aspect.WORDS)


class Composer:
    """Words facts in one language.

    Args:
        language: one of `LANGUAGES`.
        german: of attribute names and labels; see `rag.describing.attributes`.
    """

    def __init__(self, language: str, german: Mapping[str, str]) -> None:
        self._tongue = TONGUES[language]
        self._names = {**GERMAN, **german} if language == "de" else {}

    def sentence(self, facts: Sequence[Fact]) -> str:
        """What is shared and what differs, the most telling first."""
        tongue = self._tongue
        shared = [self._phrase(fact, fact.shared) for fact in facts if fact.shared and self._worth(fact)]
        different = [phrase for fact in facts if (phrase := self._different(fact))]
        first = tongue.both.format(_joined(shared)) if shared else tongue.nothing_shared
        second = tongue.different.format(_joined(different)) if different else tongue.nothing_different
        return f"{first} {second}"

    def name(self, value: str) -> str:
        """One of our own words in this language."""
        return self._names.get(value, value)

    def _worth(self, fact: Fact) -> bool:
        return fact.aspect not in ONLY_WHERE_DIFFERENT

    def _different(self, fact: Fact) -> str:
        tongue = self._tongue
        if fact.aspect not in SEVERAL:
            if not fact.here or not fact.given:
                return ""
            here, given = (self._value(fact, some[0]) for some in (fact.here, fact.given))
            return self._worded(fact, tongue.instead.format(here=here, given=given)) + self._by_how_much(fact)
        sides = ((fact.here, tongue.alone_here), (fact.given, tongue.alone_given))
        return ", ".join(form.format(self._phrase(fact, values)) for values, form in sides if values)

    def _phrase(self, fact: Fact, values: Sequence[str]) -> str:
        return self._worded(fact, ", ".join(self._value(fact, value) for value in values[:MOST_NAMES]))

    def _worded(self, fact: Fact, values: str) -> str:
        name = as_data(self.name(fact.name), LONGEST_NAME)
        return self._tongue.phrases[fact.aspect].replace("{name}", name).replace("{}", values)

    def _value(self, fact: Fact, value: str) -> str:
        if fact.aspect in QUOTED:
            return self._tongue.quotes.replace("{}", as_data(value, LONGEST_NAME))
        return self.name(value)

    def _by_how_much(self, fact: Fact) -> str:
        """For values that are numbers, such as prices."""
        if fact.aspect is not Aspect.VALUE:
            return ""
        here, given = number_in(fact.here[0]), number_in(fact.given[0])
        if here is None or not given or given < 0:
            return ""
        change = 100 * (here - given) / given
        form = self._tongue.more if change > 0 else self._tongue.less
        return f" ({form.format(abs(change))})" if abs(change) >= 1 else ""


def _joined(phrases: Sequence[str]) -> str:
    return "; ".join(phrases[:MOST_PHRASES])
