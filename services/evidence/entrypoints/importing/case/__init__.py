"""Frameworks from files: a CASE package in JSON."""
