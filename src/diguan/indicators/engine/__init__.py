"""How figures are folded, cut into parts, compared and kept from telling of few firms. Plain values and numpy alone."""
