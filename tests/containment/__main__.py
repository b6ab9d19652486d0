"""Writes docs/containment.md: `python -m tests.containment`. Everything in its tables was tried in that run."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.containment.effects import Trap
from tests.containment.payloads import DISGUISES, KINDS
from tests.containment.planting import PLACES
from tests.containment.siege import Siege, besieged, in_files, in_history
from tests.services.llm.server import LlmServer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "containment.md"

HEAD = """# Containment: what an LLM that obeys every injection can do

Nothing outside its own text. Captions, metadata and file names come from others, and a language model may do what
they say. So the model is taken to be in somebody else's hands: what it writes is text
([llms.md](llms.md#what-it-may-do), [decision 0022](decisions/0022-the-llm-writes-text-and-nothing-else.md)).

`python -m tests.containment` tries it and writes this page; `tests/containment/` tries the same with each run of the
tests, and the page in a browser beside. Each injection is a file of its own and goes through the real ingest, search,
prompt and answer. The LLM is a server that speaks OpenAI's protocol, undoes every disguise, and writes all that it was
told to, and more: links, pictures, HTML, tool calls, other citations, its whole prompt, in pieces of five characters.

An **effect** is any of these: an address in the released text (decoded, normalised, and as a renderer of markdown
with HTML and automatic links sees it), in its stream or its notices; a visit to a server that the addresses name; a
citation that is no evidence of the same question; a picture or a caption of a library that the asker may not read;
an event in the ledger other than the question's two.
"""

FOOT = """
Each kind was tried in every place, and in every disguise ({disguises}); not each
combination of the three. "Before the LLM" counts injections that stood in the prompt, or in a picture that it was
shown. File names and EXIF user comments never do. Hidden characters are taken out of prompts, so of a text in tag
characters only its frame comes there. Text drawn into pictures is read for the LLM by the test, as a model that sees
would.

What this does not show: that a model does not believe a lie. A caption that says something false is evidence like
any other; the answer cites it, and whoever reads it can look. Nor what a client makes of bare words that look like
nothing of all this.
"""


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def page(siege: Siege) -> str:
    by_kind = {kind: (in_files(siege, kind), in_history(siege, kind)) for kind in KINDS}
    rows = ["", "| kind | in files | in earlier turns | before the LLM | effects |", "|---|---|---|---|---|"]
    for kind, (files, history) in by_kind.items():
        reached = sum(one.number in siege.reached for one in siege.of(kind))
        rows.append(
            f"| {kind} | {len(siege.of(kind))} | {len(DISGUISES)} | {reached + len(DISGUISES)} "
            f"| {len(files) + len(history)} |"
        )
    total = sum(len(files) + len(history) for files, history in by_kind.values())
    said = len(KINDS) * len(DISGUISES)
    rows.append(
        f"| **all** | **{len(siege.injections)}** | **{said}** | **{len(siege.reached) + said}** | **{total}** |"
    )
    rows += ["", "| place | tried | before the LLM |", "|---|---|---|"]
    for place in PLACES:
        planted = [one for one in siege.injections if one.place == place]
        rows.append(f"| {place} | {len(planted)} | {sum(one.number in siege.reached for one in planted)} |")
    rows.append(f"| earlier turns of a conversation | {said} | {said} |")
    return HEAD + "\n".join(rows) + "\n" + FOOT.format(disguises=", ".join(DISGUISES))


def main() -> None:
    """Try everything, and write the page."""
    llm, trap = LlmServer(), Trap()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(llm),
        running(trap),
        besieged(Path(folder), llm, trap) as siege,
    ):
        PAGE.write_text(page(siege), encoding="utf-8")


if __name__ == "__main__":
    main()
