"""A migration that is killed in the middle goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.model import Generation, GenerationState
from rag.wiring import WiredServices, opened
from tests.faults.installation import LIBRARY, settings_of
from tests.faults.invariants import assert_doctor_agrees
from tests.faults.nursery import Programs
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually
from tests.unit.encoding.tiny_clip import write_tiny_clip

PICTURES = 40


@pytest.mark.timeout(300)
def test_a_migration_that_is_killed_goes_on_where_it_was(
    programs: Programs, pictures: Pictures, tmp_path: Path
) -> None:
    first, second = (write_tiny_clip(tmp_path / name, seed=seed) for seed, name in enumerate(("first", "second")))
    embedded = {
        "PICTUREDESK_DATA": str(tmp_path / "data"),
        "PICTUREDESK_ENCODER": f"local-dir:{first}",
        "PICTUREDESK_BATCH": "2",
        "PICTUREDESK_RESEND_AFTER": "1",
    }
    pictures.write(tmp_path / "pictures", PICTURES)
    ingest = programs.picturedesk("ingest", embedded, "ingest", str(tmp_path / "pictures"), "--library", LIBRARY)
    assert ingest.wait() == 0, ingest.output()
    migrate = ("encoder", "migrate", f"local-dir:{second}", "--yes")
    with opened(settings_of(embedded)) as looking:
        killed = programs.picturedesk("killed", embedded, *migrate)
        found = eventually(lambda: in_the_middle(looking))
        killed.kill()
    with opened(settings_of(embedded)) as services:
        there = services.collections.open(found.collection, services.encoder.dim).count()
        assert 0 < there < PICTURES
    last = programs.picturedesk("last", embedded, *migrate)
    assert last.wait() == 0, last.output()
    with opened(settings_of(embedded)) as services:
        assert [one.state for one in services.generations.every()] == [GenerationState.PREVIOUS, GenerationState.LIVE]
        assert {store.count() for store in services.collections.every()} == {PICTURES}
    assert_doctor_agrees(programs, embedded)
    assert states(programs, embedded, "rollback") == ["live", "previous"]
    assert states(programs, embedded, "drop", "--yes") == ["live", "dropped"]
    with opened(settings_of(embedded)) as services:
        assert [store.count() for store in services.collections.every()] == [PICTURES]


def states(programs: Programs, environment: dict[str, str], *words: str) -> list[str]:
    """Run `picturedesk encoder …`; where each generation stands after it."""
    run = programs.picturedesk(words[0], environment, "encoder", *words)
    assert run.wait() == 0, run.output()
    shown = programs.picturedesk("list", environment, "encoder", "list", "--json")
    assert shown.wait() == 0, shown.output()
    return [json.loads(line)["state"] for line in shown.output().splitlines()]


def in_the_middle(services: WiredServices) -> Generation | None:
    last = services.generations.every()[-1]
    return last if last.state is GenerationState.FILLING and 0 < last.done < PICTURES else None
