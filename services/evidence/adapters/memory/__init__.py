"""The ports in memory: for tests and for trying things out. The same contract suites run on both."""
