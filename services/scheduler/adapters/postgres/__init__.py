"""The ports on PostgreSQL. Every statement runs in a transaction that knows its district."""
