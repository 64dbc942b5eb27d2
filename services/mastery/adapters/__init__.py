"""The driven side of mastery: PostgreSQL, its twin in memory, and the messages on the wire."""
