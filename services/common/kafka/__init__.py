"""Kafka for every service: topics, the worker's transport, the one consume loop, the relay.

Nothing in here knows what a record means; services decode bytes in their own adapters.
"""
