"""`picturedesk moderation …` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.flows.desk import manifest
from tests.flows.moderated import POLICY, drawn_scenes
from tests.flows.test_command_line import one_line, picturedesk

UNDER = {"PICTUREDESK_POLICY": POLICY}


def test_from_a_policy_to_a_decision_in_a_terminal(tmp_path: Path) -> None:
    pictures = drawn_scenes(tmp_path / "pictures", ["kite", "mushroom", "sign", "nurse"])
    manifest(pictures)
    taken = picturedesk(tmp_path, "ingest", "pictures/manifest.jsonl", "--wait")
    assert taken.returncode == 0, taken.stderr

    shown = picturedesk(tmp_path, "moderation", "policy", **UNDER)
    assert "poisonous" in shown.stdout
    assert "review 0.70, block 0.90" in shown.stdout

    checked = picturedesk(tmp_path, "moderation", "check", "--all", **UNDER)
    assert "4 assets checked; 3 with findings, 3 shown in another way than before" in checked.stdout, checked.stderr
    again = picturedesk(tmp_path, "moderation", "check", "--all", **UNDER)
    assert "checked by these rules already" in again.stdout

    waiting = picturedesk(tmp_path, "moderation", "queue", **UNDER).stdout
    assert waiting.index("emergency") < waiting.index("lettering")
    entries = [
        json.loads(line) for line in picturedesk(tmp_path, "moderation", "queue", "--json", **UNDER).stdout.splitlines()
    ]
    assert [one["category"] for one in entries] == ["emergency", "lettering"]

    first = entries[1]["id"][:8]
    decided = picturedesk(tmp_path, "moderation", "decide", first, "block", "-m", "a brand", **UNDER)
    assert f"{first} lettering: block; ledger event" in decided.stdout, decided.stderr
    events = picturedesk(tmp_path, "ledger", "list", "--json", **UNDER).stdout
    assert '"decision": "block"' in events

    report = picturedesk(tmp_path, "moderation", "report", "--json", **UNDER).stdout.splitlines()
    counts = {one["category"]: one for one in map(json.loads, report)}
    assert (counts["lettering"]["decided"], counts["poisonous"]["automatic"]) == (1, 1)

    fitted = picturedesk(tmp_path, "moderation", "calibrate", "--json", **UNDER).stdout
    reasons = {one["category"]: one["reason"] for one in json.loads(fitted)["categories"]}
    assert "19 more decisions" in reasons["lettering"]

    found = picturedesk(tmp_path, "moderation", "check", str(pictures[1][0]), "--text", "A toy", "--json", **UNDER)
    assert json.loads(found.stdout)["action"] == "block"


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    assert "set PICTUREDESK_POLICY to a file, or to sample-library" in one_line(
        picturedesk(tmp_path, "moderation", "policy")
    )
    (tmp_path / "mine.yaml").write_text("id: mine\nversion: 1\ncategories:\n- name: x\n  means: x\n")
    said = one_line(picturedesk(tmp_path, "moderation", "policy", "mine.yaml"))
    assert "category x, action: Field required" in said
    assert "is no policy that is shipped" in one_line(
        picturedesk(tmp_path, "moderation", "check", PICTUREDESK_POLICY="x")
    )
    assert "is no id" in one_line(picturedesk(tmp_path, "moderation", "decide", "!", "allow", **UNDER))
    assert "neither an entry nor a visual" in one_line(
        picturedesk(tmp_path, "moderation", "decide", "abcd1234", "allow", **UNDER)
    )


def test_a_desk_with_a_policy_that_cannot_be_read_does_not_serve(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("id: mine\nversion: 1\ncategories: []\n")
    served = picturedesk(tmp_path, "serve", "--port", "0", PICTUREDESK_POLICY="./mine.yaml")
    assert served.returncode == 1
    assert "the policy mine.yaml: categories: Tuple should have at least 1 item" in served.stderr
