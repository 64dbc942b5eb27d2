"""Interchange files of Ed-Fi: XML of unknown size and sender, as documents in a useful order.

`elements` reads one file within bounds, `files` finds the files of a path and their order.
"""
