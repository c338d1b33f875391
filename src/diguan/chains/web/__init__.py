"""Pages of the chains room."""
