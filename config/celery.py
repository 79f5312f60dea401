"""The Celery application and its queues. Schedules are in settings; a task is routed by its own `queue`."""

import os

from celery import Celery
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# default: short work of a person who waits. rollups: derived figures. long: imports, exports, backfills.
QUEUES = ("default", "rollups", "long")

app = Celery("evoke")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]
app.autodiscover_tasks()
