"""Pages that belong to no room: login, home, search, imports, administration."""
