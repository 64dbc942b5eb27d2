"""CASE 1.0 and 1.1: frameworks as publishers exchange them, in and out, and what follows from them.

`reading` makes source objects of documents, `package` takes a package apart, `writing` makes strict
CASE of source objects, `derivation` makes a framework and its competencies of them, `crosswalk`
finds the competency that a reference means, and `selection` picks from a list as a client asks. All
are pure: decoded JSON comes in and goes out.
"""
