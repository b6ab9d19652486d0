"""`python -m workers [--threads N] [options of celery worker]`."""

from __future__ import annotations

import os
import sys

from workers.starting import command

if __name__ == "__main__":
    words = command(sys.argv[1:])
    os.execv(words[0], words)
