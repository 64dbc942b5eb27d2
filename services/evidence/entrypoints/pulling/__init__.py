"""Pulls from the REST services of other systems: what changed there comes here."""
