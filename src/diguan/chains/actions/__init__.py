"""Writes of the chains room, by noun."""
