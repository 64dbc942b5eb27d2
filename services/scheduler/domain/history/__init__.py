"""What the weeks before say to a new plan.

Each published week is kept as a digest (`digest`). From the digests of the weeks of school before
(`weeks`) the parts here are read: needs that wait (`waiting`, S1), what each learner had (`shares`,
S4 and the warning of shallow work), their groups (`groups`, S5 and S6), all together in `past`; and
the figures of a review of fairness (`review`). `published` is about the week itself: its published
seats are pins of a new run (H7).
"""
