"""
Jobs: how a task enters a clinic, and how promised work is claimed, done once, tried again and given up.

The broker may lose or repeat a message: both are harmless. The row decides. A worker claims it with a lease that is
committed before the work starts; the work and `state='done'` are one transaction; a sweeper sends again what is due.
"""

from typing import Any

from celery import Task

from clinics.tenancy import clinic_scope


class ClinicTask(Task):  # type: ignore[type-arg]
    """A task of one clinic: takes `clinic_id` by keyword and runs inside that clinic's scope."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with clinic_scope(kwargs["clinic_id"]):
            return super().__call__(*args, **kwargs)
