"""How a decoder process binds itself: what it may spend, and that it ends with its parent.

Nothing in here can be undone by a file: the CPU limit is a signal whose default action ends the
process, so it also fires inside a decoder's C code, and the memory limit is the kernel's.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import warnings
from contextlib import suppress

from PIL import AvifImagePlugin, Image

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
WITHOUT_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def settle(parent: int, most_pixels: int) -> None:
    """Once, at the start: die with the parent, leave signals to it, write no file, decode on one thread."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent decides when its decoders end
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _end_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # pixels go into shared memory, never into a file
    _first_to_go()
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = max(1, most_pixels // 2)  # Pillow raises its error at twice the number
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the time of all threads is counted


def allow_seconds(seconds: float) -> None:
    """CPU seconds from now after which the process is ended by SIGPROF; 0 lifts the limit."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def allow_memory(more: int | None) -> None:
    """Bytes of address space that may be added to what is in use now; None lifts the limit."""
    if more is None:
        resource.setrlimit(resource.RLIMIT_AS, WITHOUT_LIMIT)
    elif used := _address_space():
        resource.setrlimit(resource.RLIMIT_AS, (used + more, resource.RLIM_INFINITY))


def _address_space() -> int:
    """Bytes; 0 where the system does not say."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
    return 0


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask to be told
        os._exit(0)


def _first_to_go() -> None:
    """When memory runs out, the kernel ends a decoder rather than the process that it works for."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
