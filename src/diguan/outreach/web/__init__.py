"""Pages of this room; nobody else imports them."""
