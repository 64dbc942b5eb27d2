"""The state in memory: the twin of the one in PostgreSQL, for tests and for trying things out."""
