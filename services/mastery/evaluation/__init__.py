"""How well the estimate predicts, measured on logs of real responses against the usual models.

Nothing here runs in a service: `python -m services.mastery evaluate` is its one user, and its
libraries are the extra `evaluation`. It reads the domain (formulas, constants, rules, decisions)
and changes nothing in it.

    mapping, reading     a file of responses becomes a `log.ResponseLog`
    splits               who is held out
    models/              what predicts a response from those before it
    metrics, intervals   how well, and how surely one is better than another
    bands                how well by how much was known
    statuses, crossings  what each would have told a teacher, and how often that was wrong
    comparison           all of it together: a `comparison.Comparison`
    report, document, plot   for reading, for programs, for the eye

A model is fitted on the learners who are not held out. It predicts each response of the others
once, from what came before it, and only then sees the answer.
"""
