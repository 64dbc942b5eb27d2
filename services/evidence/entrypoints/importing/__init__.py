"""The bulk import: a file of records and a mapping to batches on gRPC, with a report at the end.

A client like any other: it holds no connection to the database, and what it sends twice is known.
"""
