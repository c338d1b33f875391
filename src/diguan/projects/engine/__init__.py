"""Pure functions of this room: names, counting, scores."""
