"""Suites on drawn scenes, whose content is known exactly: each provokes one way in which retrieval fails."""

from rag.errors import BadQuery
from rag.evaluation.suites.composition import BINDING, COUNTS, RELATIONS, SMALL
from rag.evaluation.suites.library import MIXED, UNANSWERABLE
from rag.evaluation.suites.material import Suite
from rag.evaluation.suites.people import FAIRNESS
from rag.evaluation.suites.sight import SPURIOUS, STYLE, TYPOGRAPHIC
from rag.evaluation.suites.wording import HELD_OUT_WORDS, NEGATION, PARAPHRASE

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        PARAPHRASE,
        MIXED,
        UNANSWERABLE,
        HELD_OUT_WORDS,
        BINDING,
        COUNTS,
        RELATIONS,
        NEGATION,
        SMALL,
        STYLE,
        TYPOGRAPHIC,
        SPURIOUS,
        FAIRNESS,
    )
}


def chosen_suites(names: list[str]) -> list[Suite]:
    """The suites of these names, in the order of `SUITES`; all of them when none is named. Raises BadQuery."""
    for name in names:
        if name not in SUITES:
            raise BadQuery(f"there is no suite {name!r}; there are: {', '.join(SUITES)}")
    return [suite for suite in SUITES.values() if not names or suite.name in names]
