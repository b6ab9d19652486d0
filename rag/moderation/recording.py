"""What the ledger says of moderation, as drafts of events. Pictures by id and hash, never as bytes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.audit.actors import who
from rag.model import Action, Actor, Check, Entry, Hit, Json, Outcome, ThresholdFit
from rag.moderation.rules import Rules
from rag.ports import Draft, Services

KIND = "moderation"
"""Of what people decide and ask for."""

CHECK_KIND = "moderation-check"
"""Of what a policy decides by itself: one event a batch."""


def recorded(services: Services, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes whose checks are in the ledger: one event for each library. Nothing is written without checks.

    Raises:
        LedgerUnavailable: retryable; nothing may be concluded.
    """
    checks = [one.check for one in outcomes if one.check is not None]
    numbered = {check.ref: check for check in checks_recorded(services, checks)}
    return [replace(one, check=numbered[one.ref]) if one.ref in numbered else one for one in outcomes]


def checks_recorded(services: Services, checks: Sequence[Check]) -> list[Check]:
    """Checks with the number of the event that tells of them. Raises as `recorded`."""
    by_library: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        by_library[check.ref.library].append(check)
    events = {name: services.ledger.append(checked_draft(name, some)).seq for name, some in by_library.items()}
    return [replace(check, event=events[check.ref.library]) for check in checks]


def checked_draft(library: str, checks: Sequence[Check]) -> Draft:
    """What a policy says of some assets: those with findings one by one, the others as a count and by id."""
    first = checks[0]
    body: Json = {
        "phase": "checked",
        "policy": {"id": first.policy, "hash": first.policy_hash, "rules": first.rules},
        "encoder": first.encoder_id,
        "counts": dict(Counter(check.state.value for check in checks)),
        "results": [
            {"asset": check.ref.asset_id, "shown": check.state.value, "findings": [hit_json(hit) for hit in check.hits]}
            for check in checks
            if check.hits
        ],
        "without_findings": [check.ref.asset_id for check in checks if not check.hits],
    }
    return Draft(CHECK_KIND, f"policy:{first.policy}", library, body)


def asked_draft(actor: Actor, door: str, rules: Rules, *, content: str, text: str, hits: Sequence[Hit]) -> Draft:
    """A picture and a text that were checked and not kept. `content`: SHA-256 of the picture."""
    body: Json = {
        **_who(actor, door, "asked"),
        "policy": _policy(rules),
        "encoder": rules.encoder_id,
        "content": content,
        "text": text,
        "findings": [hit_json(hit) for hit in hits],
    }
    return Draft(KIND, actor.id, "", body)


def claimed_draft(actor: Actor, door: str, entry: Entry) -> Draft:
    return Draft(KIND, actor.id, entry.ref.library, {**_who(actor, door, "claimed"), "entry": entry.id})


def decided_draft(actor: Actor, door: str, entry: Entry, action: Action, comment: str) -> Draft:
    """Written before anything changes; `version` is that of the entry as it was seen, so that it can be done later."""
    body: Json = {
        **_who(actor, door, "decided"),
        "entry": entry.id,
        "version": entry.version,
        "asset": entry.ref.asset_id,
        "finding": hit_json(entry.hit),
        "policy": {"id": entry.policy, "hash": entry.policy_hash},
        "before": entry.shows.value,
        "decision": action.value,
        "comment": comment,
    }
    return Draft(KIND, actor.id, entry.ref.library, body)


def withdrawn_draft(actor: Actor, door: str, entry: Entry, event: int, why: str) -> Draft:
    """A decision that was written and came too late: it changed nothing."""
    body: Json = {**_who(actor, door, "withdrawn"), "entry": entry.id, "of": event, "why": why}
    return Draft(KIND, actor.id, entry.ref.library, body)


def fitted_draft(actor: Actor, door: str, rules: Rules, fit: ThresholdFit) -> Draft:
    body: Json = {
        **_who(actor, door, "calibrated"),
        "policy": _policy(rules),
        "encoder": rules.encoder_id,
        "fit": fit.id,
        "thresholds": {name: dict(one) for name, one in fit.thresholds.items()},
        "held_out": dict(fit.held_out),
        "decisions": fit.decisions,
        "installed": fit.installed,
    }
    return Draft(KIND, actor.id, "", body)


def hit_json(hit: Hit) -> Json:
    """A finding as the ledger, the command line and the API show it."""
    return {
        "category": hit.category,
        "visual": hit.visual,
        "locator": hit.locator,
        "score": hit.score,
        "scores": dict(hit.scores),
        "action": hit.action.value,
        "severity": hit.severity.value,
        "review": hit.review,
        "meanwhile": hit.meanwhile.value,
        "reason": hit.reason,
    }


def entry_json(entry: Entry) -> Json:
    """An entry for programs."""
    return {
        "id": entry.id,
        "library": entry.ref.library,
        "asset": entry.ref.asset_id,
        **hit_json(entry.hit),
        "state": entry.state.value,
        "shown": entry.shows.value,
        "version": entry.version,
        "policy": entry.policy,
        "claimed_by": entry.claimed_by,
        "decision": entry.decision.value if entry.decision else None,
        "decided_by": entry.decided_by,
        "comment": entry.comment,
        "created_at": entry.created_at.isoformat(),
        "event": entry.event,
    }


def _policy(rules: Rules) -> Mapping[str, str]:
    return {"id": rules.policy.id, "hash": rules.policy.hash, "rules": rules.id}


def _who(actor: Actor, door: str, phase: str) -> Json:
    return {**who(actor, door), "phase": phase}
