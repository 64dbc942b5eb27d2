"""The week as people see it: a staff edition with reasons, a hall edition without.

`editions.py` arranges a week for reading, `render.py` makes HTML of it, `templates/` and `static/`
say how it looks on screen and on paper. To add a column to a page: put the text into the view in
`editions.py`, then into the template. Nothing in here decides anything about a week.
"""
