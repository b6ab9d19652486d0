"""A pool of decoder processes: what ends one ends nothing else, and costs no good file."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from rag.errors import BrokenMedia, PictureDeskError, Unavailable, UnsupportedMedia
from rag.media.decoders import Decoders
from rag.media.limits import Limits
from rag.media.visuals import DecodedVisual
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.media.pictures import corner_picture, drawn_scene, encoded
from tests.unit.media.reading import metadata, visuals

T = TypeVar("T")
GIBIBYTE = 1024**3


OTHERS: set[int] = set()
"""Decoders that this process had before the test: a desk shared by all tests of a run has some."""


@pytest.fixture(autouse=True)
def _others() -> None:
    OTHERS.clear()
    OTHERS.update(children())


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    with pool() as decoders:
        yield decoders


def pool(*, processes: int = 1, wanted: int = 64, limits: Limits | None = None) -> Decoders:
    return Decoders(limits or Limits(), wanted=wanted, processes=processes)


def decoded(decoders: Decoders, content: bytes) -> list[DecodedVisual]:
    with decoders.open(content) as medium:
        return list(medium)


def slow_to_decode() -> bytes:
    """A small file of 144 megapixels: a decoder is at it for a second or so."""
    return encoded(Image.new("L", (12_000, 12_000)), "PNG")


def children() -> list[int]:
    """The decoder processes of this one that the test has started."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended since it was listed
            found += map(int, (task / "children").read_text().split())
    return [pid for pid in found if pid not in OTHERS and b"rag.media.child" in command_of(pid)]


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def eventually(look: Callable[[], T], seconds: float = 30) -> T:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)
    return found


@contextmanager
def done_to_the_decoder(number: signal.Signals) -> Iterator[None]:
    """Send a signal to the only decoder while it decodes within the block."""
    (pid,) = children()
    before = cpu_ticks(pid)

    def strike() -> None:
        eventually(lambda: cpu_ticks(pid) > before + 5)
        os.kill(pid, number)

    striker = threading.Thread(target=strike)
    striker.start()
    try:
        yield
    finally:
        striker.join()


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


SAMPLES = {
    "jpeg": lambda: encoded(drawn_scene(1, 1200, 900)),
    "png": lambda: encoded(drawn_scene(2, 900, 1200), "PNG"),
    "film": lambda: film([(scene(number), 6) for number in range(3)], metadata={"title": "A film"}),
    "pdf": lambda: pdf(["one", "two"], info={"Title": "A document"}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_another_process_decodes_just_like_this_one(name: str, decoders: Decoders) -> None:
    content = SAMPLES[name]()
    with decoders.open(content) as medium:
        there = list(medium)
        assert medium.metadata == metadata(content)
        assert medium.left_out == ()
    for one, other in zip(visuals(content), there, strict=True):
        assert one.image.tobytes() == other.image.tobytes()
        assert (one.locator, one.width, one.height, one.text) == (other.locator, other.width, other.height, other.text)
        assert (one.thumbnail, one.perceptual_hash) == (other.thumbnail, other.perceptual_hash)


def test_a_view_of_bytes_can_be_decoded(decoders: Decoders) -> None:
    with decoders.open(memoryview(encoded(corner_picture()))) as medium:
        assert medium.media_type == "image/jpeg"
        assert [visual.width for visual in medium] == [120]


def test_many_threads_share_a_few_processes() -> None:
    contents = [encoded(drawn_scene(seed, 300, 200), "PNG") for seed in range(6)]
    expected = [visuals(content)[0].image.tobytes() for content in contents]
    with pool(processes=2) as decoders, ThreadPoolExecutor(6) as threads:
        found = threads.map(lambda turn: decoded(decoders, contents[turn % 6])[0].image.tobytes(), range(60))
        assert list(found) == [expected[turn % 6] for turn in range(60)]
        assert len(children()) <= 2


def test_a_visual_stays_as_it_is_while_the_next_is_decoded(decoders: Decoders) -> None:
    pages = [Image.new("RGB", (80, 60), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    with decoders.open(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])) as medium:
        found = list(medium)
    assert [visual.image.getpixel((0, 0)) for visual in found] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert len({visual.thumbnail for visual in found}) == 3


def test_what_is_left_out_is_told() -> None:
    with pool(limits=Limits(visuals=1)) as decoders, decoders.open(pdf(["one", "two"])) as medium:
        assert len(list(medium)) == 1
        assert medium.left_out == ("only the first 1 of 2 pages are taken",)


def test_a_file_that_is_not_taken_to_its_end_costs_no_process(decoders: Decoders) -> None:
    content = film([(scene(number), 6) for number in range(6)])
    decoded(decoders, encoded(corner_picture()))
    before = children()
    for _ in range(3):
        with decoders.open(content) as medium:
            assert next(iter(medium)).locator == "t=0.000"
        with decoders.open(content):
            pass
        assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]
    assert children() == before


def test_an_error_of_the_caller_s_own_costs_no_process(decoders: Decoders) -> None:
    decoded(decoders, encoded(corner_picture()))
    before = children()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), decoders.open(pdf(["one", "two", "three"])) as medium:
            assert next(iter(medium)).width // 0
    assert len(decoded(decoders, pdf(["one", "two", "three"]))) == 3
    assert children() == before


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_file_that_ends_the_decoder_is_broken_and_the_next_is_decoded(
    number: signal.Signals, decoders: Decoders
) -> None:
    decoded(decoders, encoded(corner_picture()))
    reason = rf"the decoder ended on it \(signal {number.value}\)"
    with pytest.raises(BrokenMedia, match=reason), done_to_the_decoder(number):
        decoded(decoders, slow_to_decode())
    assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]


def test_a_decoder_that_hangs_is_ended_and_the_next_file_is_decoded() -> None:
    with pool(limits=Limits(seconds=2)) as decoders:
        decoded(decoders, encoded(corner_picture()))
        reason = "more than 2 s to decode a picture of it: it hangs"
        with pytest.raises(UnsupportedMedia, match=reason), done_to_the_decoder(signal.SIGSTOP):
            decoded(decoders, slow_to_decode())
        assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]


def test_a_picture_that_takes_too_long_is_declined_even_within_a_decoder_s_own_code() -> None:
    with pool(limits=Limits(seconds=0.4)) as decoders:
        with pytest.raises(UnsupportedMedia, match=r"more than 0\.4 s of computing"):
            decoded(decoders, slow_to_decode())
        assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]


def test_a_picture_that_takes_too_much_memory_is_declined() -> None:
    with pool(limits=Limits(memory=64 * 1024 * 1024)) as decoders:
        decoded(decoders, encoded(corner_picture()))
        before = children()
        with pytest.raises(UnsupportedMedia, match=r"more than 0\.0625 GiB to decode"):
            decoded(decoders, slow_to_decode())
        assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]
        assert children() == before, "it was refused, not ended"


def test_a_film_has_a_limit_in_all_and_a_limit_for_each_step() -> None:
    content = film([(scene(number), 6) for number in range(6)])
    reason = "more than 0 s to decode all of it"
    with pool(limits=Limits(media_seconds=0)) as decoders, pytest.raises(UnsupportedMedia, match=reason):
        decoded(decoders, content)
    with pool(limits=Limits(seconds=0.5)) as decoders, decoders.open(content) as medium:
        for _ in medium:
            time.sleep(0.2)  # more than 0.5 s in all, none of it the film's fault
        assert medium.left_out == ()


def test_a_decoder_that_died_while_nobody_used_it_harms_no_file(decoders: Decoders) -> None:
    for _ in range(3):
        decoded(decoders, encoded(corner_picture()))
        (pid,) = children()
        os.kill(pid, signal.SIGKILL)
        eventually(partial(died, pid))
    assert [visual.width for visual in decoded(decoders, encoded(corner_picture()))] == [120]


def died(pid: int) -> bool:
    """Gone, or only its parent has not noticed yet."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_to_stop_are_left_to_the_parent(number: signal.Signals, decoders: Decoders) -> None:
    decoded(decoders, encoded(corner_picture()))
    (pid,) = children()
    os.kill(pid, number)
    decoded(decoders, encoded(corner_picture()))
    assert children() == [pid]


def test_closing_ends_the_processes_and_twice_is_harmless() -> None:
    decoders = pool(processes=2)
    decoded(decoders, encoded(corner_picture()))
    assert children()
    decoders.close()
    decoders.close()
    assert children() == []
    with pytest.raises(Unavailable, match="closed"):
        decoded(decoders, encoded(corner_picture()))


def test_closing_in_the_midst_of_a_file_is_not_held_against_it() -> None:
    decoders = pool()
    decoded(decoders, encoded(corner_picture()))
    (pid,) = children()
    before = cpu_ticks(pid)
    with ThreadPoolExecutor(1) as threads:
        decoding = threads.submit(decoded, decoders, slow_to_decode())
        eventually(lambda: cpu_ticks(pid) > before + 5)
        decoders.close()
        with pytest.raises(Unavailable, match="closed"):
            decoding.result()
    assert children() == []


def test_a_decoder_loads_nothing_heavy_and_is_given_no_secrets(
    monkeypatch: pytest.MonkeyPatch, decoders: Decoders
) -> None:
    monkeypatch.setenv("PICTUREDESK_LLM_KEY", "a secret")
    decoded(decoders, encoded(corner_picture()))
    (pid,) = children()
    loaded = Path(f"/proc/{pid}/maps").read_text()
    assert "/PIL/" in loaded
    assert not any(f"/{name}/" in loaded for name in ("torch", "numpy", "av", "pypdfium2_raw", "qdrant_edge"))
    assert b"a secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert {os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1, 2)} == {os.devnull}


def test_decoders_end_with_a_parent_that_is_killed_even_when_they_hang() -> None:
    program = (
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from rag.media.decoders import Decoders\n"
        "from rag.media.limits import Limits\n"
        "decoders = Decoders(Limits(), wanted=64, processes=1)\n"
        "with decoders.open(sys.stdin.buffer.read()) as medium: list(medium)\n"
        "pids = [p for t in Path('/proc/self/task').iterdir() for p in (t / 'children').read_text().split()]\n"
        "os.kill(int(pids[0]), signal.SIGSTOP)\n"
        "print(pids[0], flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent:
        parent.stdin.write(encoded(corner_picture()))
        parent.stdin.close()
        child = int(parent.stdout.readline())
        parent.kill()
    eventually(lambda: died(child))


def test_a_decoder_that_cannot_be_started_is_nobody_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pool() as decoders:
        with pytest.raises(Unavailable, match="could not be started"):
            decoded(decoders, encoded(corner_picture()))
        monkeypatch.undo()
        assert len(decoded(decoders, encoded(corner_picture()))) == 1


def test_large_files_leave_no_memory_behind(decoders: Decoders) -> None:
    others = set(shared_files())
    decoded(decoders, encoded(corner_picture()))
    buffer = io.BytesIO(encoded(corner_picture()))
    buffer.seek(64 * 1024 * 1024)
    buffer.write(b"\0")
    decoded(decoders, buffer.getvalue())
    sizes = [os.fstat(number).st_size for number in shared_files() if number not in others]
    assert sizes
    assert sum(sizes) < 16 * 1024 * 1024


def shared_files() -> list[int]:
    """Descriptors of this process that hold files for its decoders."""
    names = {int(link.name): link for link in Path("/proc/self/fd").iterdir()}
    return [number for number, link in names.items() if link.is_symlink() and "picturedesk-" in os.readlink(link)]


def test_nothing_is_left_open_by_decoders_that_come_and_go() -> None:
    with pool():
        pass
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pool(limits=Limits(seconds=0.4)) as decoders:
            decoded(decoders, encoded(corner_picture()))
            with pytest.raises(PictureDeskError):
                decoded(decoders, slow_to_decode())
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
