"""What follows from source objects: schools, terms, people, sections, enrolments, evidence.

Pure functions from objects of the canonical forms (OneRoster 1.2, CASE 1.1) to what Trellis works
with. What an object names and is not there yet is refused with what it waits for.
"""
