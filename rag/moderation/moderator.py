"""Checks by the policy in use, people's decisions considered. Whatever fails, hides."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from rag.errors import Retryable
from rag.library.columns import utc_now
from rag.library.settling import settled, state_of
from rag.model import UNCHECKED, Action, Check, Hit, Moderation, Severity
from rag.moderation.finding import findings
from rag.moderation.policy import Policy
from rag.moderation.rules import Rules, rules_of
from rag.moderation.scoring import Scorer
from rag.ports import Encoder, Reviews, Subject

log = logging.getLogger(__name__)


class PolicyModerator:
    """See `rag.ports.Moderator`. The prompts of a policy are encoded once for each encoder."""

    def __init__(self, policy: Policy, reviews: Reviews, clock: Callable[[], datetime] = utc_now) -> None:
        self.policy = policy
        self._reviews = reviews
        self._clock = clock
        self._scorers: dict[str, Scorer] = {}
        self._lock = threading.Lock()

    def prepare(self, encoder: Encoder) -> None:
        """Encode the policy's prompts, a second or two, so that the first check need not. Twice is harmless."""
        self._scorer(encoder)

    def rules(self, encoder_id: str) -> Rules:
        """The thresholds in use at this moment. Raises Unavailable."""
        return rules_of(self.policy, encoder_id, self._reviews.fit(self.policy.hash, encoder_id))

    def check(self, subjects: Sequence[Subject], encoder: Encoder) -> list[Check]:
        rules = self.rules(encoder.id)
        standing = self._reviews.standing([subject.asset.ref for subject in subjects])
        checks = [
            self._said(rules, one, hits)
            for one, hits in zip(subjects, self.hits(subjects, encoder, rules), strict=True)
        ]
        now = self._clock()
        return [replace(one, state=state_of(settled(standing.get(one.ref, ()), one, now))) for one in checks]

    def hits(self, subjects: Sequence[Subject], encoder: Encoder, rules: Rules) -> list[tuple[Hit, ...]]:
        """What the policy finds in each subject, whatever people decided before."""
        try:
            return findings(subjects, self._scorer(encoder), rules)
        except Retryable:
            raise
        except Exception as error:
            if len(subjects) > 1:
                return [hits for one in subjects for hits in self.hits([one], encoder, rules)]
            log.exception("checking %s failed; it is hidden until somebody looked", subjects[0].asset.ref)
            return [(_failed(subjects[0], error),)]

    def _said(self, rules: Rules, subject: Subject, hits: tuple[Hit, ...]) -> Check:
        failed = any(hit.category == UNCHECKED for hit in hits)
        return Check(
            ref=subject.asset.ref,
            policy=self.policy.id,
            policy_hash=self.policy.hash,
            rules="" if failed else rules.id,
            encoder_id=rules.encoder_id,
            hits=hits,
        )

    def _scorer(self, encoder: Encoder) -> Scorer:
        with self._lock:
            if encoder.id not in self._scorers:
                self._scorers[encoder.id] = Scorer(self.policy, encoder)
            return self._scorers[encoder.id]


def _failed(subject: Subject, error: Exception) -> Hit:
    visual = subject.visuals[0]
    return Hit(
        category=UNCHECKED,
        visual=visual.id,
        locator=visual.locator,
        score=1.0,
        margin=0.0,
        action=Action.REVIEW,
        severity=Severity.URGENT,
        review=True,
        meanwhile=Moderation.BLOCKED,
        reason=f"The check failed ({type(error).__name__}): hidden until somebody looked, or a check succeeds",
    )
