"""Reads what a school sets from CSV files, one file for each kind, and sends it row by row.

`kinds.py` is the registry: a kind of file is a `FileKind` there, with its columns and its RPC.
"""
