"""What the room works out without a database: event logs and their orders, plans, simulated days, merged forms."""
