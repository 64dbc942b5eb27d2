"""Pulling from the REST services of other systems: pages, changes since, and what is gone."""
