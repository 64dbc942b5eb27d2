"""The driven side: PostgreSQL, its twin in memory, and the wire (domain to protobuf and back)."""
