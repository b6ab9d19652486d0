"""Thresholds that follow people's decisions.

decisions of one policy and encoder -> by category -> fit on two thirds -> figures on the third held out,
    before and after -> event written -> kept, and in use where it costs less there
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from rag.errors import BadQuery
from rag.model import Action, Actor, Decided, ThresholdFit
from rag.moderation.checking import moderator_of
from rag.moderation.policy import Category
from rag.moderation.recording import fitted_draft
from rag.moderation.review import require_moderator
from rag.moderation.rules import Rules, Thresholds
from rag.moderation.thresholds import Bools, Figures, Wish, figures, fitted, plain
from rag.ports import Services

LEAST_DECISIONS = 20
LEAST_OF_EACH = 5
"""Decisions to hide, and as many to allow."""


@dataclass(frozen=True, slots=True)
class CategoryFit:
    """What a category came to.

    Attributes:
        reason: why its thresholds stay; empty where the new ones are in use.
        before, now: figures on the decisions held out; None where nothing was fitted.
    """

    category: str
    decisions: int
    reason: str
    thresholds: Thresholds
    before: Figures | None = None
    now: Figures | None = None

    @property
    def better(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Calibrated:
    """`event` is None where there was nothing to record."""

    categories: tuple[CategoryFit, ...]
    installed: bool
    event: int | None = None


def calibrate(services: Services, actor: Actor, wish: Wish, *, door: str) -> Calibrated:
    """Fit the thresholds of each category that people decided enough about. Running it twice gives the same.

    Thresholds count from the next check on; `check_library` brings them to what was checked before.

    Raises:
        NotAllowed, BadSettings, LedgerUnavailable: nothing is changed.
        BadQuery: a wish that is none.
    """
    require_moderator(actor)
    if not (0 < wish.precision < 1 and 0 < wish.recall < 1):
        raise BadQuery("precision and recall lie between 0 and 1, without the ends")
    moderator, encoder_id = moderator_of(services), services.serving().encoder.id
    rules = moderator.rules(encoder_id)
    decisions = last_of_each(services.reviews.decisions(policy_hash=rules.policy.hash, encoder_id=encoder_id))
    found = tuple(
        fit_category(category, rules.thresholds[category.name], decisions, wish)
        for category in rules.policy.categories
        if category.action is not Action.ALLOW
    )
    if not any(one.now for one in found):
        return Calibrated(found, installed=False)
    fit = _fit_of(rules, found, len(decisions))
    event = services.ledger.append(fitted_draft(actor, door, rules, fit)).seq
    services.reviews.keep_fit(replace(fit, event=event))
    return Calibrated(found, fit.installed, event)


def fit_category(category: Category, present: Thresholds, decisions: Sequence[Decided], wish: Wish) -> CategoryFit:
    """New thresholds where they cost less on the third of the decisions that they were not fitted to."""
    own = [one for one in decisions if one.category == category.name]
    scores = np.array([one.score for one in own])
    hidden = np.array([one.decision is not Action.ALLOW for one in own], dtype=np.bool_)
    held_out = np.array([sha256(one.entry.encode()).digest()[0] % 3 == 0 for one in own], dtype=np.bool_)
    if reason := _too_few(hidden, held_out):
        return CategoryFit(category.name, len(own), reason, present)
    new = fitted(present, scores[~held_out], hidden[~held_out], wish)
    if new is None:
        return CategoryFit(category.name, len(own), "its scores say nothing about what people hide", present)
    before, now = (figures(one, scores[held_out], hidden[held_out]) for one in (present, new))
    if now.cost >= before.cost:
        reason = f"on held-out decisions the new thresholds cost {now.cost:.3f}, the present ones {before.cost:.3f}"
        return CategoryFit(category.name, len(own), reason, present, before, now)
    return CategoryFit(category.name, len(own), "", new, before, now)


def last_of_each(decisions: Sequence[Decided]) -> list[Decided]:
    """Of each entry the last decision, the oldest first."""
    return list({one.entry: one for one in decisions}.values())


def _too_few(hidden: Bools, held_out: Bools) -> str:
    short = [
        (LEAST_DECISIONS - len(hidden), "more decisions"),
        (LEAST_OF_EACH - int(hidden.sum()), "more to blur or block"),
        (LEAST_OF_EACH - int((~hidden).sum()), "more to allow"),
    ]
    missing = [f"{number} {what}" for number, what in short if number > 0]
    if missing:
        return f"missing: {', '.join(missing)}"
    one_sort = any(len(set(part.tolist())) < 2 for part in (hidden[held_out], hidden[~held_out]))
    return "missing: a few more decisions of both sorts, to compare on" if one_sort else ""


def _fit_of(rules: Rules, found: Sequence[CategoryFit], decisions: int) -> ThresholdFit:
    thresholds: Mapping[str, Mapping[str, float]] = {one.category: plain(one.thresholds) for one in found}
    held_out = {
        one.category: {"before": one.before.as_json(), "now": one.now.as_json(), "installed": one.better}
        for one in found
        if one.before and one.now
    }
    content = json.dumps([rules.policy.hash, rules.encoder_id, thresholds, held_out], sort_keys=True)
    return ThresholdFit(
        id=sha256(content.encode()).hexdigest()[:16],
        policy_hash=rules.policy.hash,
        encoder_id=rules.encoder_id,
        thresholds=thresholds,
        held_out=held_out,
        decisions=decisions,
        installed=any(one.better for one in found),
    )
