"""Writes of this room. Pages, imports and the command line all come through here."""
