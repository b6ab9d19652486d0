"""The short form of a query, as people type it into a search box.

    red car "at the pier" -night -"heavy rain" tag:beach -tag:archive after:2024-05 width:>1000

- Plain words are what is wanted. `"…"` must stand word for word in a caption, tag or name.
- `-word` and `-"…"` are unwanted: what looks like it moves down. A `-` before a digit is a minus.
- `field:value` filters, `-field:value` excludes. No space after the colon. Fields: see `FIELDS`.
- `a,b` is one of several. Fields of which a picture has one take several mentions as "one of
  them", fields with lists (tags, access groups) as "all of them".
- A word before a colon that names no field is refused where it was surely meant as one: it is
  nearly the name of one, it has an underscore, `<` or `>` follows the colon, or `-` goes before.
  Everything else with a colon (`10:30`, `http://…`, `note:this`) is a plain word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from rag.errors import BadQuery
from rag.indexing.schema import INDEXED, FieldType
from rag.model import And, AnyOf, Eq, Filter, Missing, Not, Or, Part, Query
from rag.retrieval.short_form_values import any_case, captured, kind, number, since, until, word

Reader = Callable[[str, str, str], Filter]
"""(name as typed, payload field, value) -> what it filters."""


def _has(name: str, field: str, value: str) -> Filter:
    if value not in FIELDS or value in ("has", "before", "after"):
        raise BadQuery(f"{name}:{value} names no field; {_allowed()}")
    known = FIELDS[value][0]
    there = Not(Missing(known))
    holds_text = INDEXED[known] is FieldType.KEYWORD and known not in LISTS
    return And((there, Not(Eq(known, "")))) if holds_text else there


FIELDS: dict[str, tuple[str, Reader]] = {
    "tag": ("tags", any_case),
    "generated": ("generated_tags", any_case),
    "library": ("library", word),
    "type": ("media_type", kind),
    "after": ("captured_at", since),
    "before": ("captured_at", until),
    "taken": ("captured_at", captured),
    "camera": ("camera", any_case),
    "licence": ("licence", any_case),
    "source": ("source", any_case),
    "name": ("name", any_case),
    "width": ("width", number),
    "height": ("height", number),
    "size": ("size", number),
    "group": ("access_groups", word),
    "moderation": ("moderation", word),
    "asset": ("asset_id", word),
    "place": ("locator", word),
    "perceptual_hash": ("perceptual_hash", word),
    "has": ("", _has),
}
"""Names in the short form, each with its payload field and the reader of its values."""

ALIASES = {
    "tags": "tag",
    "generated_tags": "generated",
    "license": "licence",
    "file": "name",
    "since": "after",
    "until": "before",
    "media_type": "type",
    "captured_at": "taken",
    "date": "taken",
    "access_groups": "group",
    "groups": "group",
    "asset_id": "asset",
    "content_hash": "asset",
    "locator": "place",
}
LISTS = ("tags", "generated_tags", "access_groups")
CLOSE = 0.8
"""Share of letters in common from which a word is taken for a misspelt name."""

_QUOTED = r'"[^"]*"'
_VALUE = rf'(?:{_QUOTED}|[^\s"])+'
_TERM = re.compile(rf"(?P<minus>-)?(?:(?P<name>[A-Za-z][A-Za-z_]*):(?P<value>{_VALUE})|(?P<phrase>{_QUOTED})(?!\S))")
_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class ShortForm:
    """What somebody typed, taken apart.

    Attributes:
        text: the plain words, and those of phrases.
        terms: as typed, what is not plain words: filters, phrases, unwanted words.
    """

    text: str = ""
    where: Filter | None = None
    libraries: tuple[str, ...] = ()
    unwanted: tuple[Part, ...] = ()
    phrases: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


def parse(typed: str) -> ShortForm:
    """
    Raises:
        BadQuery: a filter whose field or value cannot be; the message says which are allowed.
    """
    words: list[str] = []
    terms: list[str] = []
    phrases: list[str] = []
    unwanted: list[Part] = []
    filters: list[tuple[str, bool, Filter]] = []
    libraries: list[str] = []
    at = 0
    while (start := _TOKEN.search(typed, at)) is not None:
        token, at = _next(typed, start)
        found = _TERM.fullmatch(token)
        name = _field(found["name"], found["value"], bool(found["minus"])) if found and found["name"] else ""
        if found and name:
            terms.append(token)
            field, reader = FIELDS[name]
            if name == "library" and not found["minus"]:
                libraries += _values(name, found["value"])
            else:
                filters.append((field, bool(found["minus"]), _one_of(found["name"], field, reader, found["value"])))
        elif found and found["phrase"] and not found["phrase"].strip('" '):
            continue
        elif found and found["phrase"] and not found["minus"]:
            terms.append(token)
            phrases.append(found["phrase"].strip('"').strip())
            words.append(phrases[-1])
        elif re.match(r'-("|[^\W\d])', token) and token.strip('-"'):
            terms.append(token)
            unwanted.append(Part(text=token[1:].strip('"').strip()))
        else:
            words.append(token)
    return ShortForm(
        " ".join(words), _together(filters), tuple(dict.fromkeys(libraries)), tuple(unwanted), tuple(phrases),
        tuple(terms),
    )  # fmt: skip


def applied(query: Query) -> tuple[Query, tuple[str, ...]]:
    """A query whose text is in the short form, with what that says moved to where it belongs; and its terms.

    Raises:
        BadQuery: see `parse`.
    """
    said = parse(query.text)
    if not said.terms:
        return query, ()
    narrowed = AnyOf("library", said.libraries) if said.libraries and query.libraries else None
    every = [one for one in (query.where, said.where, narrowed) if one is not None]
    combined = replace(
        query,
        text=said.text,
        where=And(tuple(every)) if len(every) > 1 else every[0] if every else None,
        libraries=query.libraries or said.libraries,
        unwanted=(*query.unwanted, *said.unwanted),
        phrases=(*query.phrases, *said.phrases),
    )
    return combined, said.terms


def _next(typed: str, start: re.Match[str]) -> tuple[str, int]:
    """A term from here, quotation marks and all; else what stands up to the next space."""
    found = _TERM.match(typed, start.start())
    if found and (found.end() == len(typed) or typed[found.end()].isspace()):
        return found.group(), found.end()
    return start.group(), start.end()


def _field(name: str, value: str, negated: bool) -> str:
    """The field that a word before a colon means; empty where it is a plain word. Raises BadQuery."""
    plain = name.lower()
    known = ALIASES.get(plain, plain)
    if known in FIELDS:
        return known
    close = difflib.get_close_matches(plain, [*FIELDS, *ALIASES], n=1, cutoff=CLOSE)
    if value.startswith("//"):
        return ""
    if close or "_" in name or value.startswith((">", "<")) or negated:
        meant = f"did you mean {close[0]}:? " if close else ""
        raise BadQuery(
            f"{name}: is no field to filter by; {meant}{_allowed()}; put it in quotes to search for the words"
        )
    return ""


def _values(name: str, value: str) -> list[str]:
    """The values between commas; a comma in quotation marks is part of its value."""
    found = [one.replace('"', "").strip() for one in re.findall(rf'(?:{_QUOTED}|[^,"]|")+', value)]
    if not found or not all(found):
        raise BadQuery(f'{name}: needs a value right after the colon, such as {name}:x or {name}:"two words"')
    return found


def _one_of(name: str, field: str, reader: Reader, value: str) -> Filter:
    found = [reader(name, field, one) for one in _values(name, value)]
    return found[0] if len(found) == 1 else Or(tuple(found))


def _together(filters: list[tuple[str, bool, Filter]]) -> Filter | None:
    """All of them; but of several values that one field cannot have at once, any."""
    either: dict[str, list[Filter]] = {}
    every: list[Filter] = []
    for field, negated, one in filters:
        if negated:
            every.append(Not(one))
        elif field in LISTS or not isinstance(one, Eq | AnyOf | Or):
            every.append(one)
        else:
            if field not in either:
                every.append(Missing(field))  # holds the place
            either.setdefault(field, []).append(one)
    for field, ones in either.items():
        every[every.index(Missing(field))] = ones[0] if len(ones) == 1 else Or(tuple(ones))
    if len(every) > 1:
        return And(tuple(every))
    return every[0] if every else None


def _allowed() -> str:
    return f"there are: {', '.join(f'{name}:' for name in FIELDS)}"
