"""Write the locks beside this file from what pyproject.toml asks for: `make lock`.

Four files, which together are one consistent resolution for every platform:

    build.txt  uv and the build backend: what the set-up itself needs
    base.txt   the run time with the extras of `INSTALLED`, without what belongs to torch
    torch.txt  torch, torchvision, and the CUDA packages their Linux wheels need
    dev.txt    what only tests and checks need: clients of LLM providers too, which few installations want

torch.txt stands apart because its Linux wheels bring about 5 GB; `TORCH=cpu`
leaves it out. Pins stay as they are unless pyproject.toml no longer allows
them; `--upgrade` takes the newest of everything. Locks carry hashes and no
URLs, so they fit any index. Needs the network.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
LOCKS = ("build", "base", "torch", "dev")
TORCH = re.compile(r"(torch|torchvision|triton|nvidia-.+|cuda-.+)==")
INSTALLED = ("mcp", "postgres", "s3")
OPTIONS = "--generate-hashes --no-header --no-annotate --no-emit-index-url --universal --python-version=3.11 --quiet"

Pins = dict[str, str]


def pins(text: str) -> Pins:
    """Each requirement with its hashes, by its first line up to the hashes."""
    blocks = re.findall(r"^(?![#\s]).+(?:\n[ \t]+.+)*", text, flags=re.MULTILINE)
    return {block.split(" \\\n")[0]: block for block in blocks}


def resolve(uv: str, before: str, *sources: str, upgrade: bool) -> Pins:
    """One resolution of `sources`, which keeps the pins of `before` where it can."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "lock.txt")
        output.write_text(before, encoding="utf-8")
        command = [uv, "pip", "compile", *OPTIONS.split(), f"--output-file={output}", *sources]
        subprocess.run([*command, "--upgrade"] if upgrade else command, check=True, stdout=subprocess.DEVNULL)
        return pins(output.read_text(encoding="utf-8"))


def main(uv: str, *flags: str) -> None:
    upgrade = "--upgrade" in flags
    files = {name: HERE / f"{name}.txt" for name in LOCKS}
    before = "\n".join(file.read_text(encoding="utf-8") for file in files.values() if file.exists())
    project = (str(PROJECT), *(f"--extra={extra}" for extra in INSTALLED))
    groups = (f"--group={PROJECT}:dev", f"--group={PROJECT}:build")

    everything = resolve(uv, before, str(PROJECT), "--all-extras", *groups, upgrade=upgrade)
    pinned = "\n".join(everything.values())
    runtime = resolve(uv, pinned, *project, upgrade=False)
    build = resolve(uv, pinned, groups[1], upgrade=False)
    torch = {line: block for line, block in runtime.items() if TORCH.match(line)}

    contents = {
        "build": build,
        "base": without(runtime, torch),
        "torch": torch,
        "dev": without(everything, runtime, build),
    }
    for name, content in contents.items():
        text = "\n".join(["# Written by `make lock`. Install with --require-hashes --no-deps.", *content.values(), ""])
        files[name].write_text(text, encoding="utf-8")
        sys.stdout.write(f"{files[name].relative_to(HERE.parent)}: {len(content)} pins\n")


def without(content: Pins, *others: Pins) -> Pins:
    return {line: block for line, block in content.items() if not any(line in other for other in others)}


if __name__ == "__main__":
    main(*sys.argv[1:])
