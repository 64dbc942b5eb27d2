"""Everything that a school prints and that programs pull of a week, all from one revision.

`audience.py` says who reads what, `registry.py` declares every output with its audience: what is
not in there has no address, and a test walks over all that is. `printed.py` makes plain data of a
week (labels for staff alone), `paper.py` makes PDF of that with the templates in `typst/`;
`calendars.py` makes calendars, `files.py`, `oneroster.py` and `attendance.py` make files,
`changes.py` what differs from a revision of before. `routes.py` answers over HTTP, `feeds.py` at
the addresses that people subscribe to. Nothing in here decides anything about a week.
"""
