"""The week as people see it: a staff edition with reasons, a hall edition without.

`views.py` says what each page is made of, `editions.py` makes that of a week, `render.py` makes
HTML of it, `templates/` and `static/` say how it looks on screen and on paper. To add a column to
a page: a field in `views.py`, its text in `editions.py`, a cell with its heading in the template
and, where it needs a width, a class "col-…" in `static/week.css`: once for the screen, once for
paper; a phone has no columns. For the files: a line in `COLUMNS` of `outputs/files.py`; the JSON
file has every field of the week by itself. Nothing in here decides anything about a week.
"""
