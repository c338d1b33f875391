"""Pages of the kernel's own: notices."""
