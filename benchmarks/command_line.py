"""How long a person waits for the command line: `--help`, and the second `make demo`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figure import Figure, paired_seconds, seconds

ROOT = Path(__file__).parents[1]

BARE_TYPER = """
import typer
app = typer.Typer()

@app.command()
def one() -> None: "One."

@app.command()
def two() -> None: "Two."

app()
"""


def figures() -> list[Figure]:
    return [_help(), _second_demo()]


def _help() -> Figure:
    def run(*command: str) -> None:
        subprocess.run([sys.executable, *command, "--help"], check=True, capture_output=True)

    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE_TYPER)
        run("-m", "rag.cli")
        ours, theirs = paired_seconds(lambda: run("-m", "rag.cli"), lambda: run(str(bare)), times=15)
    return Figure("picturedesk --help", ours, "s", 1.5, "lower", baseline=theirs, of_ratio=True)


def _second_demo() -> Figure:
    with tempfile.TemporaryDirectory() as data:

        def demo() -> None:
            command = ["make", "--no-print-directory", "demo"]
            environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": data, "PICTUREDESK_DATA": f"{data}/data"}
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

        first, second = seconds(demo), seconds(demo)
    return Figure("second make demo", second, "s", 30, "lower", baseline=first)
