"""Writes of the indicators room."""
