"""Packages of OneRoster: a ZIP or a directory of CSV files, to rows that are read or refused.

Memory does not grow with the package: rows are streamed, and what has to be known of all of them is
kept in a temporary database on disk.
"""
