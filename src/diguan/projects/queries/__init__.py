"""Reads of this room: leads, projects and what hangs on them, each in a file of its own."""
