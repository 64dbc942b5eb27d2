"""Before the search: which required services no week can keep, and why."""
