"""Runs Kafka, PostgreSQL and Trellis on one Linux machine without Docker.

For development, tests and demonstrations. It must not be used in production: the servers trust
whoever reaches them over loopback.
"""
