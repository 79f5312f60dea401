"""
What an administrator sees to at a clinic: people and their roles, programs, instruments, tokens, jobs.

E-mail address, password and second factor are a person's own: nothing here changes them.
"""

from clinics.admin import people, settings, work

__all__ = ["people", "settings", "work"]
