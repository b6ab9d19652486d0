"""The house rules that no other tool checks: the public surface, the layout, the sizes, the locks."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rag

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {path.stem: path for path in sorted((ROOT / "requirements").glob("*.txt"))}
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)")
TOP_LEVEL = """
pyproject.toml README.md LICENSE Makefile compose.yaml .ci/run
rag/ workers/ prompts/ deploy/ tests/ requirements/
"""
LONGEST_MODULE = 400
LARGEST_FILE = 20 * 1024 * 1024

LOOK_AT_AN_IMPORT = """
import sys
sockets = []
sys.addaudithook(lambda event, args: sockets.append(event) if event.startswith("socket.") else None)
import rag
print(",".join(sorted({name.split(".")[0] for name in sys.modules} & {"torch", "numpy", "pydantic", "sqlalchemy"})))
print(",".join(sockets))
"""


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(lock: str) -> list[str]:
    """Each requirement of a lock with its hashes, on one line."""
    text = LOCKS[lock].read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(*locks: str) -> dict[str, str]:
    found = (PIN.match(line) for lock in locks for line in requirements(lock))
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def tracked_files() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_importing_rag_loads_nothing_heavy_and_opens_no_socket() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK_AT_AN_IMPORT], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout.splitlines() == ["", ""]


def test_the_version_is_written_once_and_repeated_exactly() -> None:
    assert project()["project"]["version"] == rag.__version__


@pytest.mark.parametrize("name", TOP_LEVEL.split())
def test_the_top_level_is_as_fixed(name: str) -> None:
    path = ROOT / name
    assert path.is_dir() if name.endswith("/") else path.is_file()


def test_ci_runs_the_same_command_as_people_do() -> None:
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_module_can_be_read_in_one_sitting() -> None:
    modules = [path for folder in ("rag", "workers") for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_file_is_too_large_for_git() -> None:
    assert [path for path in tracked_files() if path.stat().st_size > LARGEST_FILE] == []


def test_there_are_the_four_locks() -> None:
    assert set(LOCKS) == {"base", "build", "dev", "torch"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_every_line_and_names_no_url(lock: str) -> None:
    assert requirements(lock)
    for line in requirements(lock):
        assert PIN.match(line), line
        assert "--hash=sha256:" in line, line
        assert "://" not in line, line
        assert "--index" not in line, line


def test_locks_installed_together_do_not_contradict_each_other() -> None:
    together = pins(*LOCKS)
    for lock in LOCKS:
        assert {name: together[name] for name in pins(lock)} == pins(lock)


def test_the_cpu_choice_leaves_out_exactly_what_torch_brings() -> None:
    assert {"torch", "torchvision"} <= set(pins("torch"))
    assert not set(pins("torch")) & set(pins("base", "build", "dev"))
    assert [name for name in pins("base", "dev") if name.startswith(("nvidia-", "cuda-", "triton"))] == []


@pytest.mark.parametrize("group", ["run time", "dev", "build"])
def test_the_locks_cover_what_the_project_asks_for(group: str) -> None:
    metadata = project()
    extras = metadata["project"]["optional-dependencies"]
    installed = chain.from_iterable(extras[name] for name in ("mcp", "postgres", "s3"))
    wanted = {
        "run time": ([*metadata["project"]["dependencies"], *installed], pins("base", "torch")),
        "dev": ([*metadata["dependency-groups"]["dev"], *chain.from_iterable(extras.values())], pins(*LOCKS)),
        "build": (metadata["dependency-groups"]["build"] + metadata["build-system"]["requires"], pins("build")),
    }
    asked, locked = wanted[group]
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{name} is not locked: run `make lock`"
        assert requirement.specifier.contains(locked[name], prereleases=True), f"{requirement}: run `make lock`"
