"""What the ledger has of evaluations: one event a run, whatever it asks; its questions are not in it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.audit.actors import who
from rag.evaluation.report import Section
from rag.model import Actor, Json
from rag.ports import Draft

KIND = "eval"


def measured_draft(
    actor: Actor, door: str, library: str, section: Section, *, encoder: str, judged: bool, suites: Sequence[str]
) -> Draft:
    """Before a library's figures are shown.

    Args:
        judged: whether by judgements that were given, not by the library's own captions.
        suites: names of those that run along, on drawn scenes of their own.
    """
    body: Json = {
        **who(actor, door),
        "action": "measured",
        "encoder": encoder,
        "by": "judgements" if judged else "captions",
        "suites": list(suites),
        "counts": {"questions": section.questions, "visuals": section.visuals},
        "figures": {figure.name: round(figure.value, 4) for figure in section.figures if figure.main},
    }
    return Draft(KIND, actor.id, library, body)


def drift_draft(actor: Actor, door: str, library: str, action: str, *, encoder: str, counts: Json) -> Draft:
    """Before it is told what came of reading logged questions, to set a reference or to compare with one.

    Args:
        action: `reference` or `drift`.
    """
    body: Json = {**who(actor, door), "action": action, "encoder": encoder, "counts": counts}
    return Draft(KIND, actor.id, library, body)
