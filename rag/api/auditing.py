"""The auditor's work: events found and seen whole, asked again; moments and cases that are kept."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, status
from pydantic import AwareDatetime

from rag.api.auth import ActorDep
from rag.api.context import DOOR, ServicesDep, Sound
from rag.api.problems import documented
from rag.api.schemas.auditing import (
    Case,
    CaseChange,
    Cases,
    DamagedPin,
    Entries,
    Pin,
    PinOnItsWay,
    PinRequest,
    Pins,
    Replay,
    ReplayRequest,
    Whole,
)
from rag.api.schemas.evidence import VISUAL
from rag.auditing import cases as collecting
from rag.auditing import pinning
from rag.auditing.finding import MOST, find
from rag.auditing.opening import open_event
from rag.auditing.replaying import replay
from rag.errors import BadQuery
from rag.ports.auditing import Wanted

router = APIRouter(prefix="/v1/audit", tags=["Auditing"], responses=documented(401, 403, 404, 422, 503))

LARGEST_SEQ = 2**63 - 1
Doubt = Literal["removed", "unsupported", "withheld", "stopped"]


Moment = Annotated[AwareDatetime | None, Query(description="With a time zone.", examples=["2026-04-01T00:00:00Z"])]


def _wanted(
    *,
    words: Annotated[str, Query(max_length=1000, description="All must stand in it.", examples=["red car"])] = "",
    kind: Annotated[list[str], Query(description="None: all but auditing itself.", examples=[["answer"]])] = [],  # noqa: B006
    since: Moment = None,
    until: Moment = None,
    person: Annotated[str, Query(examples=["press-desk"])] = "",
    library: Annotated[str, Query(examples=["default"])] = "",
    visual: Annotated[str, Query(description="A visual's or an asset's id, or its beginning.", examples=[VISUAL])] = "",
    model: Annotated[str, Query(examples=["gpt-5-mini"])] = "",
    prompt: Annotated[str, Query(description="Its id, or its hash's beginning.", examples=["answer@2"])] = "",
    encoder: Annotated[str, Query(examples=["demo@3f2a"])] = "",
    door: Annotated[str, Query(examples=["http"])] = "",
    verdict: Annotated[list[Doubt], Query(description="Any of these.", examples=[["unsupported"]])] = [],  # noqa: B006
    below: Annotated[float | None, Query(ge=0, le=1, description="Relevance of the best.", examples=[0.3])] = None,
    abstained: bool | None = None,
    flagged: bool | None = None,
    reviewed: bool | None = None,
    risky: Annotated[bool, Query(description="What a person should look at.")] = False,
    case: Annotated[str, Query(examples=["press-2026-04"])] = "",
    before: Annotated[int | None, Query(ge=0, le=LARGEST_SEQ, description="A number, exclusive.")] = None,
) -> Wanted:
    said = {name: value for name, value in locals().items() if name in Wanted.__dataclass_fields__}
    return Wanted(**said | {"words": tuple(words.split()), "kinds": tuple(kind), "verdicts": tuple(verdict)})


WantedDep = Annotated[Wanted, Depends(_wanted)]


@router.get("/events", summary="Find events")
def events(
    services: ServicesDep,
    actor: ActorDep,
    wanted: WantedDep,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Entries:
    """Newest first. That you looked, and for what, is recorded before anything is shown."""
    return Entries.of(find(services, actor, wanted, limit=limit, door=DOOR))


@router.get("/events/{seq}", summary="One event whole")
def event(services: ServicesDep, actor: ActorDep, seq: int) -> Whole:
    """Question, evidence, what was dropped and why, prompt, answer, checks, what belongs to it, and its proof."""
    return Whole.of(open_event(services, actor, min(seq, LARGEST_SEQ), door=DOOR))


@router.post("/events/{seq}/replay", summary="Ask it again", dependencies=[Sound], responses=documented(409))
def ask_again(services: ServicesDep, actor: ActorDep, seq: int, body: ReplayRequest) -> Replay:
    """With the query and the rights of then: of today's index, of another encoder's, or of a moment that was kept."""
    pictures = [_picture(one) for one in body.pictures]
    done = replay(
        services,
        actor,
        min(seq, LARGEST_SEQ),
        encoder=body.encoder,
        pin=body.pin,
        pictures=pictures,
        door=DOOR,
    )
    return Replay.of(done)


@router.get("/pins", summary="Moments that were kept")
def pins(services: ServicesDep, actor: ActorDep) -> Pins:
    """For replays: on a pin the same question finds the same."""
    found = pinning.every(services, actor)
    making = pinning.on_its_way(services)
    return Pins(
        pins=[_pin(one, one.pin) for one in found if one.pin],
        damaged=[DamagedPin(name=one.name, fault=one.fault, size=one.size) for one in found if not one.pin],
        making=PinOnItsWay(**asdict(making)) if making else None,
    )


@router.post(
    "/pins",
    summary="Keep this moment",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Sound],
    responses=documented(409),
)
def pin(services: ServicesDep, actor: ActorDep, body: PinRequest) -> Pin:
    """A copy of a collection and of what searches read of the catalog. For the owner.

    Answers once it is complete; `GET /v1/audit/pins` tells meanwhile how far it is.
    """
    made = pinning.make(services, actor, body.name, encoder=body.encoder, door=DOOR)
    return _pin(pinning.kept(services, made.name), made)


@router.delete("/pins/{name}", summary="Let it go", status_code=status.HTTP_204_NO_CONTENT)
def unpin(services: ServicesDep, actor: ActorDep, name: str) -> None:
    """Removes the copy. What was replayed on it stays in the ledger."""
    pinning.remove(services, actor, name, door=DOOR)


@router.get("/cases", summary="Cases")
def cases(services: ServicesDep, actor: ActorDep) -> Cases:
    """Events that auditors collected, by name."""
    found = collecting.every(services, actor)
    return Cases(cases=[Case(name=name, events=seqs) for name, seqs in found.items()])


@router.post("/cases/{name}", summary="Change a case")
def change_case(services: ServicesDep, actor: ActorDep, name: str, body: CaseChange) -> Case:
    """Puts events in and takes events out; the case is there once it has one."""
    seqs = collecting.change(services, actor, name, add=body.add, remove=body.remove, comment=body.comment, door=DOOR)
    return Case(name=name, events=seqs)


def _pin(kept: pinning.Kept, one: pinning.Pin) -> Pin:
    said = {name: value for name, value in asdict(one).items() if name in Pin.model_fields}
    return Pin(**said, size=kept.size, fault=kept.fault)


def _picture(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except (Base64Error, ValueError) as error:
        raise BadQuery("pictures: one of them is no base64") from error
