"""A school's calendar as data: bell schedules, cycle days, terms, days without school.

`year` and `bells` hold what a school sets, `days` answers what is on, `week` which slots a week
has, `checks` what may be set. Nothing here knows the time of now.
"""
