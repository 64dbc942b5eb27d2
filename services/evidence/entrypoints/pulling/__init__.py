"""Pulling: what other systems give out over their own interfaces, fetched instead of sent to us."""
