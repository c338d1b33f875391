"""Pure functions of the policies room: how quotes lie in a document, and who gets the money when there is not enough of it."""
