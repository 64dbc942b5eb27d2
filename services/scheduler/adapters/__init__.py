"""The driven side of the scheduler: solver, stores, wire formats."""
