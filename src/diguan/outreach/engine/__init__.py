"""What the room works out without a database: routes of a trip, travel times, limits of cost, calendar files."""
