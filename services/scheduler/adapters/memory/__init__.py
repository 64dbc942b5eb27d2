"""The ports in memory, for tests and for trying out; nothing outlives the process."""
