"""
The Celery application and its queues. Schedules are in settings; a task names its queue itself, as `on_queue`.
"""

import os
from typing import Any

from celery import Celery
from kombu.entity import Queue

from config.processes import QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def route(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **more: Any) -> dict[str, str] | None:
    """Return the queue that the task names (Celery's own attribute `queue` goes away with its version 6)."""
    queue = getattr(task, "on_queue", None)
    return {"queue": queue} if queue else None


app = Celery("evoke")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]
app.conf.task_routes = (route,)
app.autodiscover_tasks()
