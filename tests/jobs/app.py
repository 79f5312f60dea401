"""The Celery application with the tests' kinds of jobs, and ticks of a second instead of half a minute."""

from config.celery import app

__all__ = ["app"]

app.autodiscover_tasks(["tests.jobs"], related_name="kinds")
app.conf.beat_schedule = {
    "sweep": {"task": "tests.sweep", "schedule": 1.0, "options": {"expires": 2}},
    "tick": {"task": "tests.tick", "schedule": 0.5, "options": {"expires": 2}},
}
