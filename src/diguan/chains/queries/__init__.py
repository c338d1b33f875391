"""Reads of the chains room, by noun."""
