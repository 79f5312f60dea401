"""Registers the tests' kinds of jobs in this process, as the worker does in its own."""

from tests.jobs import kinds  # noqa: F401
