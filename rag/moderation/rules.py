"""A policy with the thresholds in use: from its file, or fitted to what people decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from rag.model import Action, Hit, Moderation, Severity, ThresholdFit, VisualId
from rag.moderation.policy import Category, Policy

Thresholds = Mapping[Action, float]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done from which probability on.

    Attributes:
        id: names policy, encoder and thresholds: what was checked by other rules is due again.
        fit: id of the fit whose thresholds are in use; empty where the file's are.
    """

    id: str
    policy: Policy
    encoder_id: str
    thresholds: Mapping[str, Thresholds]
    fit: str = ""


def rules_of(policy: Policy, encoder_id: str, fit: ThresholdFit | None) -> Rules:
    """The file's thresholds, but for categories that a fit has others for."""
    thresholds: dict[str, Thresholds] = {one.name: dict(one.thresholds) for one in policy.categories}
    for name, fitted in fit.thresholds.items() if fit else ():
        if name in thresholds:
            thresholds[name] = {Action(action): float(least) for action, least in fitted.items()}
    plain = {name: {action.value: least for action, least in one.items()} for name, one in sorted(thresholds.items())}
    content = json.dumps([policy.hash, encoder_id, plain], sort_keys=True)
    name = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Rules(name, policy, encoder_id, thresholds, fit.id if fit else "")


def reached(thresholds: Thresholds, score: float) -> Action | None:
    """The strictest action whose threshold the score reaches; None where it reaches none."""
    return next((action for action in reversed(Action) if score >= thresholds.get(action, 2.0)), None)


def margin_of(thresholds: Thresholds, score: float) -> float:
    """How far a score is from the nearest threshold."""
    return min(abs(score - least) for least in thresholds.values())


def hit_of(
    category: Category,
    thresholds: Thresholds,
    *,
    visual: VisualId,
    locator: str,
    scores: Mapping[str, float],
    why: str,
    also: int = 0,
) -> Hit | None:
    """What follows from the scores of one picture; None where no threshold is reached.

    Args:
        why: in words, what the score rests on.
        also: how many other pictures of the asset reach a threshold.
    """
    score = round(max(scores.values()), 4)
    action = reached(thresholds, score)
    if action is None:
        return None
    hides = action in (Action.BLUR, Action.BLOCK)
    more = f"; so do {also} more of its pictures" if also > 1 else "; so does one more of its pictures" if also else ""
    return Hit(
        category=category.name,
        visual=visual,
        locator=locator,
        score=score,
        margin=round(margin_of(thresholds, score), 4),
        action=action,
        severity=category.severity,
        review=action is Action.REVIEW or (hides and category.severity is Severity.URGENT),
        meanwhile=action.state if hides else meanwhile_state(category.shown_meanwhile),
        reason=f"{category.means}: {why} ({score:.2f}; {action} from {thresholds[action]:.2f}){more}",
        scores={side: round(value, 4) for side, value in scores.items()},
    )


def meanwhile_state(action: Action) -> Moderation:
    """Shown as it is while people have not decided, it says so."""
    return Moderation.REVIEW if action is Action.ALLOW else action.state
