"""An event in parts, each about a person or an asset, so that one subject can be erased without the others.

    part 0     what concerns nobody, and where the other parts belong       {"body": …, "holes": [[path, part], …]}
    part 1     who it was, and what he said                                 {"actor": …, "values": […]}
    part 2, …  what is said of an asset, or of several things at once       {"values": […]}

Entries of lists that name an asset (evidence, dropped candidates, citations, results) are about that asset; those
that name another person (who has access), and what was looked for of one, are about that person.
What quotes captions, such as a prompt or an answer, is about its actor and every asset that the event names:
erase one of them, and it goes. All else, unless it is in `PLAIN`, is the actor's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.audit.canonical import canonical, parsed
from rag.audit.naming import ASSET_DIGITS, Named
from rag.model import Json

PLAIN = frozenset(
    {
        *("door", "phase", "encoder", "collection", "generation", "calibration", "calibrations", "coverage"),
        *("timings", "llm", "reranker", "composer", "abstained", "retrieval", "page", "language", "tagging"),
        *("templates", "counts", "begun", "event", "events", "size", "key", "note", "subjects", "days"),
        *("policy", "fit", "thresholds", "held_out", "installed", "version", "months"),
    }
)
"""What concerns nobody: ids of models, figures, numbers of events."""

PLAIN_WITHIN: Mapping[str, frozenset[str]] = {
    "prompt": frozenset({"id", "hash"}),
    "verdicts": frozenset({"citations_removed", "cites_evidence", "withheld", "stopped"}),
}
QUOTING = frozenset({"prompt", "text", "answer", "verdicts", "caption", "captions"})

Path = Sequence[str | int]
AssetOf = Callable[[Collection[str]], Mapping[str, str]]
"""Which assets the visuals named belong to, where that is known."""


@dataclass(frozen=True, slots=True)
class Part:
    """Attributes:
    subjects: `actor:NAME`, `asset:SHA-256`, `visual:ID`; sorted.
    content: canonical JSON.
    """

    subjects: tuple[str, ...]
    content: str


def split(
    actor: str, body: Json, about: Sequence[str], asset_of: AssetOf, written: Callable[[Any], str] = canonical
) -> list[Part]:
    """The parts of an event.

    Args:
        body, written: as `rag.audit.canonical.normal` gives them.
        about: further assets that its words may be about.
    """
    named = Named(body)
    owners = asset_of([one for one in named.ids if len(one) != ASSET_DIGITS])
    return _Splitter(actor, body, named, about, owners).parts(written)


def joined(contents: Sequence[str | None], erased: Callable[[int], Json]) -> tuple[str | None, Json]:
    """Actor and body; None, and what `erased` says of that part, in place of what is gone.

    Raises:
        ValueError, KeyError, IndexError, TypeError: nothing that `split` wrote.
    """
    said = _read(contents)
    values = [None if part is None else iter(part.get("values", ())) for part in said]
    frame = {"body": {}, "holes": []} if said[0] is None else said[0]
    body: Json = erased(0) if said[0] is None else frame["body"]
    for path, number in frame["holes"]:
        found = values[number]
        _put(body, path, erased(number) if found is None else next(found))
    return None if said[1] is None else said[1]["actor"], body


def _read(contents: Sequence[str | None]) -> list[Any]:
    """All parts at once: to begin anew for each takes longer than to read it."""
    found: list[Any] = parsed(f"[{','.join(['null' if content is None else content for content in contents])}]")
    if len(found) != len(contents):
        raise ValueError("a part is no JSON value")
    return found


def _put(body: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = value


class _Splitter:
    def __init__(self, actor: str, body: Json, named: Named, about: Sequence[str], owners: Mapping[str, str]) -> None:
        self._actor, self._body, self._named = actor, body, named
        self._subject = {one: _subject(one, owners) for one in named.ids}
        self._everything = frozenset({*self._subject.values(), *(f"asset:{one}" for one in about)})
        self._person = frozenset({f"actor:{actor}"})
        self._values: dict[frozenset[str], list[Any]] = {self._person: []}
        self._holes: list[tuple[list[Any], frozenset[str]]] = []

    def parts(self, written: Callable[[Any], str]) -> list[Part]:
        direct = self._person | self._direct(self._body)
        frame = {key: self._member(key, value, direct) for key, value in self._body.items()}
        numbers = {subjects: number for number, subjects in enumerate(self._values, start=1)}
        holes = [[path, numbers[subjects]] for path, subjects in self._holes]
        parts = [Part((), written({"body": frame, "holes": holes}))]
        for subjects, values in self._values.items():
            who = {"actor": self._actor} if len(parts) == 1 else {}
            write = canonical if any(type(value) is float for value in values) else written
            parts.append(Part(tuple(sorted(subjects)), write({**who, "values": values})))
        return parts

    def _member(self, key: str, value: Any, owners: frozenset[str]) -> Any:
        if key in PLAIN and not self._named.within(value):
            return value
        if key in PLAIN_WITHIN and type(value) is dict:
            plain, quoted = PLAIN_WITHIN[key], owners | self._everything
            return {
                name: inner if name in plain else self._take(inner, [key, name], quoted)
                for name, inner in value.items()
            }
        return self._value(key, value, [key], owners | self._everything if key in QUOTING else owners)

    def _value(self, key: str, value: Any, path: list[Any], owners: frozenset[str]) -> Any:
        within = self._named.within(value)
        if type(value) is list and (within or any(_person(item, "actor") for item in value)):
            return [
                self._take(item, [*path, at], self._subjects_of(item, key) | _commenting(item, owners) or owners)
                for at, item in enumerate(value)
            ]
        if type(value) is dict and (within or _person(value, "person")):
            own = owners | self._direct(value) | _person(value, "person")
            return {name: self._value(name, inner, [*path, name], own) for name, inner in value.items()}
        return self._take(value, path, owners)

    def _take(self, value: Any, path: list[Any], subjects: frozenset[str]) -> Any:
        """What stands in the frame instead."""
        self._holes.append((path, subjects))
        self._values.setdefault(subjects, []).append(value)
        return None

    def _direct(self, value: Mapping[str, Any]) -> frozenset[str]:
        return self._subjects(self._named.directly(value))

    def _subjects_of(self, item: Any, key: str) -> frozenset[str]:
        return self._subjects(self._named.item(item, key)) | _person(item, "actor")

    def _subjects(self, ids: Collection[str]) -> frozenset[str]:
        return frozenset([self._subject[one] for one in ids])


def _person(value: Any, key: str) -> frozenset[str]:
    """Somebody else whom it names: who has access, whom an auditor looked for."""
    name = value.get(key) if type(value) is dict else None
    return frozenset({f"actor:{name}"}) if type(name) is str and name else frozenset()


def _commenting(item: Any, owners: frozenset[str]) -> frozenset[str]:
    """Whose words an entry holds, if any: a label is about its visual, and its comment the reviewer's."""
    return owners if type(item) is dict and item.get("comment") else frozenset()


def _subject(named: str, owners: Mapping[str, str]) -> str:
    if len(named) == ASSET_DIGITS:
        return f"asset:{named}"
    return f"asset:{owners[named]}" if named in owners else f"visual:{named}"


def whole(actor: str, body: Any, content: str) -> Part:
    """An event of version 1, which was one part: about its actor and every asset that it names."""
    return Part(tuple(sorted({f"actor:{actor}", *(_subject(one, {}) for one in Named(body).ids)})), content)
