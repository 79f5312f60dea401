"""Doors to people in care: find, check the shape, call one verb, answer."""
