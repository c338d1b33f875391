"""Pages of the capability register: list, one claim, forms, the file, what the county can do."""
