"""The app of a worker process that records: `celery -A tests.contract.recording_worker worker`."""

from __future__ import annotations

import os
from pathlib import Path

from rag.dispatch.app import make_celery
from rag.settings import Settings
from tests.contract.recorder import Recorder

app = make_celery(Settings(worker_threads=1), Recorder(Path(os.environ["RECORDER"])).as_services())
