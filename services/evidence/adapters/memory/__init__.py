"""The ports in memory: for tests and for trying out. The same contract suites run on both."""
