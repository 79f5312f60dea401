"""Reads of this app that several doors share."""
