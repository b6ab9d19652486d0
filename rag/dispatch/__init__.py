"""The room of the queue: ids of accepted assets go to Celery workers, and what is lost on the way is sent again."""
