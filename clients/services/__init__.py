"""Verbs on people in care. Each is one transaction and one event of the trail."""
