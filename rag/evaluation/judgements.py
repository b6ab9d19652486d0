"""Judgements in TREC's format, and the questions that they judge.

    qrels:      1 0 0087-nurse-in-a-harbour.jpg 2        question, iteration, picture, grade
    questions:  1<TAB>which pictures show a nurse?       question, its words

A picture is named by its file, by its asset's id, or by its visual's id. Grades above 0 answer; higher ones better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rag.errors import BadSource
from rag.evaluation.cases import Case
from rag.evaluation.known_items import pages
from rag.model import LOCAL_OWNER, Actor, VisualId
from rag.ports import Services

Grades = dict[str, dict[str, float]]
"""Question -> name of a picture -> grade."""


def read_qrels(path: Path) -> Grades:
    """All judgements of a file, those of grade 0 too.

    Raises:
        BadSource: it cannot be read, or a line is no judgement; the message names the line.
    """
    grades: Grades = {}
    for number, line in _lines(path):
        fields = line.split()
        if len(fields) < 4:
            raise BadSource(f"{path}, line {number}: a judgement has four fields: question, 0, picture, grade")
        name = " ".join(fields[2:-1])
        try:
            grades.setdefault(fields[0], {})[name] = float(fields[-1])
        except ValueError:
            raise BadSource(f"{path}, line {number}: the grade is {fields[-1]!r}; it must be a number") from None
    if not grades:
        raise BadSource(f"{path} holds no judgement")
    return grades


def read_questions(path: Path) -> dict[str, str]:
    """Words by question. Raises BadSource, naming the line."""
    questions = {}
    for number, line in _lines(path):
        name, _, words = line.partition("\t")
        if not words.strip():
            raise BadSource(f"{path}, line {number}: a question is its number, a tab, and its words")
        questions[name.strip()] = words.strip()
    return questions


def judged_cases(
    services: Services, library: str, grades: Grades, questions: Mapping[str, str], actor: Actor = LOCAL_OWNER
) -> tuple[list[Case], list[str]]:
    """The questions as cases, and what could not be used, in words.

    A question whose judged pictures are all of grade 0 counts as unanswerable.

    Raises:
        BadSource: no question has both words and a picture of the library.
    """
    names = _names(services, library, actor)
    cases, trouble = [], []
    for question, judged in grades.items():
        if question not in questions:
            trouble.append(f"question {question} is judged, and its words are not given")
            continue
        missing = [name for name in judged if name not in names]
        trouble += [f"question {question}: there is no picture {name!r} in {library!r}" for name in missing]
        right = {visual: grade for name, grade in judged.items() if grade > 0 for visual in names.get(name, ())}
        if right or not any(grade > 0 for grade in judged.values()):
            cases.append(Case(questions[question], right, libraries=(library,)))
    if not cases:
        raise BadSource(
            f"none of the judged questions can be asked of {library!r}: {trouble[0] if trouble else 'none'}"
        )
    return cases, trouble


def _names(services: Services, library: str, actor: Actor) -> dict[str, list[VisualId]]:
    """Every name by which a judgement may mean a visual."""
    names: dict[str, list[VisualId]] = {}
    for page in pages(services.store, library):
        for visual, asset in services.catalog.visuals(actor, page).values():
            for name in _called(asset.name, asset.id, visual.id):
                names.setdefault(name, []).append(visual.id)
    return names


def _called(*names: str) -> Sequence[str]:
    return list(dict.fromkeys(names))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line
