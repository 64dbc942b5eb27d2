"""OneRoster 1.1 and 1.2: rows of CSV and objects of JSON to source objects, and back.

1.2 is the canonical form: what comes as 1.1 is read into it. Everything here is pure; ZIP, CSV and
JSON are decoded in the entrypoints.
"""
