"""Keeping documents: what a system sends is read, kept whole, and followed through.

One batch is one transaction under the district's lock: objects, roster, frameworks, evidence and
quarantine change together or not at all.
"""
