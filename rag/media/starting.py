"""Starts a decoder process with all that it shares with its parent."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.errors import Unavailable
from rag.media.arena import mapped, never_smaller, shared_file
from rag.media.channel import Channel
from rag.media.wire import arena_size

READY_WITHIN = 60.0
"""Seconds in which a process must have said that it is ready; it takes 0.15 on an idle machine."""
ROOT = Path(__file__).parents[2]
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")
"""Of the environment, what a decoder is given: not the keys and passwords that stand in the rest."""
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
    "MALLOC_ARENA_MAX": "1",
}
"""Lets glibc keep what one picture took for the next: fresh pages cost 1 to 2 ms a picture."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process, the pipes to it, and the memory shared with it.

    Attributes:
        content: descriptor of the file that holds what is to be decoded.
        arena: where it leaves its visuals; only read here.
    """

    process: subprocess.Popen[bytes]
    channel: Channel
    content: int
    arena: mmap.mmap

    def release(self) -> None:
        """Give back what belongs to this side, once the process has ended. Not to be called twice."""
        self.channel.close()
        os.close(self.content)
        with suppress(BufferError):
            self.arena.close()


def start(*, wanted: int, most_pixels: int) -> Started:
    """A process that is ready for its first file. It is the child of the calling thread, and dies with it.

    Raises:
        Unavailable: it could not be started.
    """
    content, arena = shared_file("picturedesk-content"), shared_file("picturedesk-visual")
    try:
        os.ftruncate(arena, arena_size(wanted))
        never_smaller(arena)
        process = _process(content, arena, wanted, most_pixels)
        started = Started(process, _channel_to(process), content, mapped(arena, arena_size(wanted)))
    except OSError as error:
        os.close(content)
        raise Unavailable(f"a decoder process could not be started: {error.strerror}") from error
    finally:
        os.close(arena)
    _expect_ready(started)
    return started


def _process(content: int, arena: int, wanted: int, most_pixels: int) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    numbers = map(str, (os.getpid(), content, arena, wanted, most_pixels))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.media.child", *numbers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(content, arena),
        env={name: os.environ[name] for name in INHERITED if name in os.environ} | KEEP_MEMORY | {"PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C and signals to the group are the parent's affair
    )


def _channel_to(process: subprocess.Popen[bytes]) -> Channel:
    """Takes the pipes over from Popen, which would guard them with locks and buffers."""
    assert process.stdin is not None
    assert process.stdout is not None
    channel = Channel(os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()))
    process.stdin.close()
    process.stdout.close()
    return channel


def is_ready(channel: Channel) -> bool:
    """Waits for a process to be ready: what it imports comes from a disk that others may be using."""
    with suppress(EOFError, ValueError, OSError):
        return channel.receive(READY_WITHIN) is not None
    return False


def _expect_ready(started: Started) -> None:
    if not is_ready(started.channel):
        started.process.kill()
        code = started.process.wait()
        started.release()
        raise Unavailable(f"a decoder process ended before it was ready (status {code}); its own words are on stderr")
