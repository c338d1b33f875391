"""Writes of this room, by subject. Pages and the command line all come through here."""
