"""The example in docs/ verifies with the commands that stand there, and says what stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_example_verifies_with_the_command_that_its_page_gives() -> None:
    page = (DOCS / "ledger.md").read_text(encoding="utf-8")
    command, output = re.findall(r"```sh\n(cd docs/ledger-example\n.*?)```\n+```\n(.*?)```", page, re.DOTALL)[0]
    command = command.replace("python3 ", f"'{sys.executable}' -I -S ")
    shell = shutil.which("bash") or "/bin/sh"
    done = subprocess.run([shell, "-ec", command], cwd=DOCS.parent, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    said, promised = done.stdout.splitlines(), output.splitlines()
    assert said[1:] == promised[1:]
    assert said[0].startswith(promised[0].partition("….")[0])
