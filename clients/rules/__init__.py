"""Rules about people in care as pure functions: no Django, no clock, no database."""
