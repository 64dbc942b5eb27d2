"""What every service needs and none owns: configuration, logs, metrics, servers, PostgreSQL, Kafka.

No word of the domain appears in here, and no service or contract is imported.
"""
