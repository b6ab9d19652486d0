"""Facts -> sentences by an LLM, each checked against the very facts it was given; what fails the check is not used.

The LLM writes three clauses for each picture: what both have, what only this one has, what only the given
one has. A clause may use the words of its own facts, the names of attributes, and a short list of words that
say nothing by themselves. So it can add no thing, and it cannot swap the two pictures or negate a fact,
since "not" is not on the list. It could still join two facts ("a red car" of the tags red and car); the
prompt forbids that, the check does not see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import as_data, fence
from rag.answering.structured import json_object, whole_answer
from rag.describing.composing import MOST_NAMES, Composer
from rag.describing.facts import Fact
from rag.indexing.bm25 import STOP_WORDS, WORD, spoken
from rag.model import Message, Prompt
from rag.ports import ChatModel

LONGEST_CLAUSE = 240
LONGEST_VALUE = 60

CONNECTING: Mapping[str, str] = {
    "en": "all also another both colour colours compared different differ differs each found format given here "
    "image images instead main mainly mostly one ones other others pair photo photos picture pictures pixels rather "
    "same say says set share shared shares single shot shows tag tagged tags taken than then two tones while whereas "
    "caption captions mention mentions common",
    "de": "alle am an auch auf aufgenommen beide beiden bei beim bild bilder da das dem den der des die dagegen "
    "dieses ein eine einem einen einer es farbe farben foto format gegebene gegebenen gemeinsam haben hat hier im "
    "in ist jeweils mit pixel sagt sagen schlagwort schlagworte schlagwörter schlagwörtern sich sie sind statt text "
    "texte texten teilen und vom von während zeigen zeigt zeigen überwiegend verschieden andere anderen",
}
"""Words that say nothing by themselves."""


class Clauses(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    number: int
    both: str = ""
    this: str = ""
    given: str = ""


class Written(BaseModel):
    """What the prompt asks for."""

    model_config = ConfigDict(extra="ignore", strict=True)
    clauses: list[Clauses]


def similar_prompt(facts: Mapping[int, Sequence[Fact]], composer: Composer, language: str) -> Prompt:
    """What the LLM is asked: one line of facts for each number, fenced as data."""
    file = load_prompt("similar")
    variables = {
        "facts": "\n".join(_line(number, some, composer) for number, some in facts.items()),
        "boundary": fence("facts"),
        "language": language,
    }
    roles = [Message("system", file.render("system", **variables)), Message("user", file.render("user", **variables))]
    return Prompt(f"{file.id}@{file.version}", file.hash, "", tuple(roles), evidence=())


def written(
    chat: ChatModel,
    prompt: Prompt,
    facts: Mapping[int, Sequence[Fact]],
    composer: Composer,
    *,
    language: str,
    seconds: float,
) -> dict[int, str]:
    """Sentences that passed the check, by number; the others are left out.

    Raises:
        Unavailable, Rejected: the LLM gave none, or took too long.
    """
    read = json_object(whole_answer(chat, prompt, seconds, "the comparisons"), Written)
    found: dict[int, str] = {}
    for clauses in read.clauses if read else ():
        own = facts.get(clauses.number)
        if own is not None and clauses.number not in found and (sentence := _checked(clauses, own, composer, language)):
            found[clauses.number] = sentence
    return found


def _line(number: int, facts: Sequence[Fact], composer: Composer) -> str:
    sides = {
        "both": ((fact, fact.shared) for fact in facts),
        "this": ((fact, fact.here) for fact in facts),
        "given": ((fact, fact.given) for fact in facts),
    }
    said = (f"{side}: {_listed(some, composer)}" for side, some in sides.items())
    return f"[{number}] {' | '.join(said)}"


def _listed(some: Iterable[tuple[Fact, Sequence[str]]], composer: Composer) -> str:
    return "; ".join(
        f"{as_data(composer.name(fact.name) or fact.aspect.value, LONGEST_VALUE)} "
        + ", ".join(as_data(composer.name(value), LONGEST_VALUE) for value in values[:MOST_NAMES])
        for fact, values in some
        if values
    )


def _checked(clauses: Clauses, facts: Sequence[Fact], composer: Composer, language: str) -> str:
    """One sentence of the clauses; empty where one of them says more than its facts."""
    sides = (
        (clauses.both, [value for fact in facts for value in fact.shared]),
        (clauses.this, [value for fact in facts for value in fact.here]),
        (clauses.given, [value for fact in facts for value in fact.given]),
    )
    names = [fact.name for fact in facts] + [fact.aspect.value for fact in facts]
    said = []
    for clause, values in sides:
        plain = as_data(clause, LONGEST_CLAUSE).strip(" .;,")
        if plain and not (values and rests_on(plain, [*values, *names], composer, language)):
            return ""
        said += [plain] if plain else []
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def rests_on(clause: str, values: Iterable[str], composer: Composer, language: str) -> bool:
    """Whether each word of a clause is one of the values' (or of their names in this language), or says nothing."""
    allowed = set(spoken(f"{CONNECTING[language]} {' '.join(f'{value} {composer.name(value)}' for value in values)}"))
    for word in WORD.findall(clause):
        stems = set(spoken(word))
        if not (stems <= allowed if stems else word.casefold() in STOP_WORDS):
            return False
    return True
