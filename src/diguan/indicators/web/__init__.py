"""Pages, addresses and files of the indicators room."""
