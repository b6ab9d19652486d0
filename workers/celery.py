"""What `celery -A workers worker` finds. Importing it builds the app from the environment; nothing is opened yet."""

from __future__ import annotations

from workers.starting import worker_app

app = worker_app()
