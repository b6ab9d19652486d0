"""Celery workers: `python -m workers`, or `celery -A workers worker`."""
